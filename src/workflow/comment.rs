//! From a comment to the forge where it stands.

use super::error::{WorkflowError, WorkflowErrorKind};
use crate::diagnostic::Files;
use crate::env::Clock;
use crate::forge::{self, CommentAction, CommentDraft, CommentTarget};
use crate::report::comment::PlanComment;

/// Writes the comment, or replaces the one that is there. No tenant is reached, and no manifest is read.
///
/// # Errors
/// When the forge does not take it.
pub async fn post(
    place: &CommentTarget,
    comment: &PlanComment,
    always: bool,
    clock: Clock,
) -> Result<CommentAction, WorkflowError> {
    let message =
        CommentDraft { marker: &comment.marker, body: &comment.body, create_if_missing: comment.is_news || always };
    let said = forge::publish_comment(place, message, clock).await;
    said.map_err(|findings| WorkflowError::new(WorkflowErrorKind::Unreachable, findings, Files::default()))
}
