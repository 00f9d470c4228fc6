//! Forges: where people review changes, and where a plan is put in front of them as one comment that is kept up to date.
//!
//! It stands beside the adapters and not among them: it knows no tenant, and the forge's token is the only credential.
//! What must hold: only our own comments are changed; a text that is there already is not sent again; a comment whose
//! fate is not known is looked for before it is written a second time; no message holds the token.

mod client;
mod errors;
mod github;
mod gitlab;
#[cfg(test)]
mod tests;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::adapter::http::{ApiKey, ClientSettings, HttpClient, HttpLimits};
use crate::adapter::{AdapterError, AdapterFuture};
use crate::diagnostic::Finding;
use crate::env::Clock;
use crate::model::SecretRef;

use self::client::ForgeClient;
pub use self::errors::invalid_address;
use self::github::Github;
use self::gitlab::Gitlab;

/// The most pages of comments that are looked through, a hundred on each.
const PAGES_MAX: usize = 50;

/// Which forge it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgeKind {
    /// GitHub, its cloud or a server of one's own.
    Github,
    /// GitLab, its cloud or a server of one's own.
    Gitlab,
}

impl ForgeKind {
    /// Where its cloud answers.
    pub fn cloud_api(self) -> &'static str {
        match self {
            Self::Github => "https://api.github.com",
            Self::Gitlab => "https://gitlab.com/api/v4",
        }
    }
}

/// A pull or merge request, and how it is reached.
#[derive(Clone, Debug)]
pub struct CommentTarget {
    /// The forge.
    pub kind: ForgeKind,
    /// Where its API answers.
    pub api: String,
    /// `owner/name` on GitHub; a path or a number on GitLab.
    pub repository: String,
    /// The number of the request.
    pub request: u64,
    /// Where the token is found.
    pub token: SecretRef,
    /// The longest time that is waited where the forge asks for a rest, all in all.
    pub wait: Duration,
}

/// What is to be said.
#[derive(Clone, Copy, Debug)]
pub struct CommentDraft<'a> {
    /// The hidden line by which it is known; the body begins with it.
    pub marker: &'a str,
    /// The whole text.
    pub body: &'a str,
    /// Whether it is said where nothing was said before.
    pub create_if_missing: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommentAction {
    /// It was said for the first time.
    Created,
    /// What was said before was replaced.
    Updated,
    /// It was there already.
    Unchanged,
    /// Nothing was said before, and there is no news.
    Silent,
}

/// A comment that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ForgeComment {
    id: u64,
    body: String,
    /// Whether it is ours.
    is_own: bool,
}

/// The comments of one page, and whether it is the last.
struct CommentPage {
    comments: Vec<ForgeComment>,
    is_last: bool,
}

/// One kind of forge.
trait Forge: Send + Sync {
    /// The comments of one page, from 1; `me` is what [`me`](Self::me) said.
    fn comments<'a>(&'a self, number: usize, me: &'a TokenOwner) -> AdapterFuture<'a, CommentPage>;
    /// Whose token it is.
    fn token_owner(&self) -> AdapterFuture<'_, TokenOwner>;
    /// Writes a new comment.
    fn create<'a>(&'a self, body: &'a str) -> AdapterFuture<'a, ()>;
    /// Replaces a comment.
    fn update<'a>(&'a self, id: u64, body: &'a str) -> AdapterFuture<'a, ()>;
}

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TokenOwner {
    /// Somebody with that name or number.
    Named(String),
    /// A program, which the forge does not tell its name.
    UnnamedApp,
}

/// Says it, or replaces what was said.
///
/// # Errors
/// Why not, with what to do about it.
pub async fn publish_comment(
    place: &CommentTarget,
    message: CommentDraft<'_>,
    clock: Clock,
) -> Result<CommentAction, Vec<Finding>> {
    let forge = connect(place, clock)?;
    upsert_comment(&*forge, message).await.map_err(|error| vec![errors::finding(place, error)])
}

fn connect(place: &CommentTarget, clock: Clock) -> Result<Box<dyn Forge>, Vec<Finding>> {
    let (header, scheme) = match place.kind {
        ForgeKind::Github => ("authorization", "Bearer "),
        ForgeKind::Gitlab => ("private-token", ""),
    };
    errors::check_address(&place.api).map_err(|finding| vec![*finding])?;
    let client = HttpClient::new(ClientSettings {
        base_url: &place.api,
        ca: None,
        proxy: None,
        rates: &[],
        key: Some(ApiKey::from_reference(header, scheme, &place.token, false)),
        write_key: None,
        request_id: None,
        clock,
        limits: HttpLimits { pause_max: place.wait, ..HttpLimits::default() },
    })
    .map_err(|findings| findings.into_iter().map(invalid_address).collect::<Vec<_>>())?;
    let wire = ForgeClient::new(client, place.wait);
    Ok(match place.kind {
        ForgeKind::Github => Box::new(Github::new(wire, place)),
        ForgeKind::Gitlab => Box::new(Gitlab::new(wire, place)),
    })
}

async fn upsert_comment(forge: &dyn Forge, message: CommentDraft<'_>) -> Result<CommentAction, AdapterError> {
    let me = forge.token_owner().await?;
    match find_own_comment(forge, &me, message.marker).await? {
        Some(remark) if has_same_text(&remark.body, message.body) => Ok(CommentAction::Unchanged),
        Some(remark) => forge.update(remark.id, message.body).await.map(|()| CommentAction::Updated),
        None if !message.create_if_missing => Ok(CommentAction::Silent),
        None => match forge.create(message.body).await {
            Ok(()) => Ok(CommentAction::Created),
            // It may be there all the same; a second one must not be.
            Err(error) if error.maybe_in_effect => match find_own_comment(forge, &me, message.marker).await? {
                Some(_) => Ok(CommentAction::Created),
                None => Err(error),
            },
            Err(error) => Err(error),
        },
    }
}

/// Our comment with that marker, if there is one.
async fn find_own_comment(
    forge: &dyn Forge,
    me: &TokenOwner,
    marker: &str,
) -> Result<Option<ForgeComment>, AdapterError> {
    for number in 1..=PAGES_MAX {
        let page = forge.comments(number, me).await?;
        let is_it = |remark: &ForgeComment| remark.is_own && remark.body.trim_start().starts_with(marker.trim_end());
        if let Some(remark) = page.comments.into_iter().find(is_it) {
            return Ok(Some(remark));
        }
        if page.is_last {
            return Ok(None);
        }
    }
    // To write another one each time would be worse.
    Err(errors::too_many_comments(PAGES_MAX * client::PAGE_SIZE))
}

/// Whether a forge keeps the text as the same: line ends and the blanks at both ends may differ.
fn has_same_text(kept: &str, text: &str) -> bool {
    kept.replace("\r\n", "\n").trim() == text.trim()
}
