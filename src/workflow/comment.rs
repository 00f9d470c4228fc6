//! From a comment to the forge where it stands.

use super::problem::{Kind, Problem};
use crate::diagnostic::Files;
use crate::env::Clock;
use crate::forge::{self, Deed, Message, Place};
use crate::report::comment::Comment;

/// Writes the comment, or replaces the one that is there. No tenant is reached, and no manifest is read.
///
/// # Errors
/// When the forge does not take it.
pub async fn say(place: &Place, comment: &Comment, always: bool, clock: Clock) -> Result<Deed, Problem> {
    let message = Message { marker: &comment.marker, body: &comment.body, is_news: comment.is_news || always };
    let said = forge::say(place, message, clock).await;
    said.map_err(|findings| Problem::new(Kind::Unreachable, findings, Files::default()))
}
