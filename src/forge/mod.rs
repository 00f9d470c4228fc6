//! GitHub and GitLab: publishes a plan as one comment on a pull or merge request, and keeps it up to date.
//!
//! Invariants: reseat changes only its own comments, and does not send an unchanged text. If the result of creating a
//! comment is unknown, reseat looks for it before it tries again. No message contains the token.

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

/// How many pages of comments are searched, with a hundred comments each.
const PAGES_MAX: usize = 50;

/// A kind of forge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForgeKind {
    /// GitHub, in the cloud or self-hosted.
    Github,
    /// GitLab, in the cloud or self-hosted.
    Gitlab,
}

impl ForgeKind {
    /// Returns the API of its cloud.
    pub fn cloud_api(self) -> &'static str {
        match self {
            Self::Github => "https://api.github.com",
            Self::Gitlab => "https://gitlab.com/api/v4",
        }
    }
}

/// A pull or merge request, and how to access it.
#[derive(Clone, Debug)]
pub struct CommentTarget {
    /// The kind of forge.
    pub kind: ForgeKind,
    /// The URL of its API.
    pub api: String,
    /// `owner/name` on GitHub; a path or a number on GitLab.
    pub repository: String,
    /// The number of the request.
    pub request: u64,
    /// The token.
    pub token: SecretRef,
    /// The total time to wait while the forge limits the rate.
    pub wait: Duration,
}

/// A comment to publish.
#[derive(Clone, Copy, Debug)]
pub struct CommentDraft<'a> {
    /// The hidden line that identifies the comment; the body starts with it.
    pub marker: &'a str,
    /// The text.
    pub body: &'a str,
    /// Whether to create the comment if there is none.
    pub create_if_missing: bool,
}

/// What happened to the comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommentAction {
    /// It was created.
    Created,
    /// It was replaced.
    Updated,
    /// It already had this text.
    Unchanged,
    /// No comment exists, and none was created.
    Silent,
}

/// A comment on the request.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ForgeComment {
    id: u64,
    body: String,
    /// Whether reseat wrote it.
    is_own: bool,
}

/// One page of comments.
struct CommentPage {
    comments: Vec<ForgeComment>,
    is_last: bool,
}

/// The API of a forge, for one request.
trait Forge: Send + Sync {
    /// Returns a page of comments, counted from 1.
    fn comments<'a>(&'a self, number: usize, owner: &'a TokenOwner) -> AdapterFuture<'a, CommentPage>;
    /// Returns the owner of the token.
    fn token_owner(&self) -> AdapterFuture<'_, TokenOwner>;
    /// Creates a comment.
    fn create<'a>(&'a self, body: &'a str) -> AdapterFuture<'a, ()>;
    /// Replaces a comment.
    fn update<'a>(&'a self, id: u64, body: &'a str) -> AdapterFuture<'a, ()>;
}

/// The owner of the token.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TokenOwner {
    /// A user with that name or number.
    Named(String),
    /// An app whose name the forge does not reveal.
    UnnamedApp,
}

/// Creates or replaces the comment.
///
/// # Errors
/// When the forge rejects it or is unreachable.
pub async fn publish_comment(
    target: &CommentTarget,
    draft: CommentDraft<'_>,
    clock: Clock,
) -> Result<CommentAction, Vec<Finding>> {
    let forge = connect(target, clock)?;
    upsert_comment(&*forge, draft).await.map_err(|error| vec![errors::finding(target, error)])
}

fn connect(target: &CommentTarget, clock: Clock) -> Result<Box<dyn Forge>, Vec<Finding>> {
    let (header, scheme) = match target.kind {
        ForgeKind::Github => ("authorization", "Bearer "),
        ForgeKind::Gitlab => ("private-token", ""),
    };
    errors::check_address(&target.api).map_err(|finding| vec![*finding])?;
    let client = HttpClient::new(ClientSettings {
        base_url: &target.api,
        ca: None,
        proxy: None,
        rates: &[],
        key: Some(ApiKey::from_reference(header, scheme, &target.token, false)),
        write_key: None,
        request_id: None,
        clock,
        limits: HttpLimits { pause_max: target.wait, ..HttpLimits::default() },
    })
    .map_err(|findings| findings.into_iter().map(invalid_address).collect::<Vec<_>>())?;
    let client = ForgeClient::new(client, target.wait);
    Ok(match target.kind {
        ForgeKind::Github => Box::new(Github::new(client, target)),
        ForgeKind::Gitlab => Box::new(Gitlab::new(client, target)),
    })
}

async fn upsert_comment(forge: &dyn Forge, draft: CommentDraft<'_>) -> Result<CommentAction, AdapterError> {
    let owner = forge.token_owner().await?;
    match find_own_comment(forge, &owner, draft.marker).await? {
        Some(comment) if has_same_text(&comment.body, draft.body) => Ok(CommentAction::Unchanged),
        Some(comment) => forge.update(comment.id, draft.body).await.map(|()| CommentAction::Updated),
        None if !draft.create_if_missing => Ok(CommentAction::Silent),
        None => match forge.create(draft.body).await {
            Ok(()) => Ok(CommentAction::Created),
            // It may have been created.
            Err(error) if error.maybe_in_effect => match find_own_comment(forge, &owner, draft.marker).await? {
                Some(_) => Ok(CommentAction::Created),
                None => Err(error),
            },
            Err(error) => Err(error),
        },
    }
}

/// Finds the comment of reseat with that marker.
async fn find_own_comment(
    forge: &dyn Forge,
    owner: &TokenOwner,
    marker: &str,
) -> Result<Option<ForgeComment>, AdapterError> {
    for number in 1..=PAGES_MAX {
        let page = forge.comments(number, owner).await?;
        let matches =
            |comment: &ForgeComment| comment.is_own && comment.body.trim_start().starts_with(marker.trim_end());
        if let Some(comment) = page.comments.into_iter().find(matches) {
            return Ok(Some(comment));
        }
        if page.is_last {
            return Ok(None);
        }
    }
    // Creating another comment on every run would be worse.
    Err(errors::too_many_comments(PAGES_MAX * client::PAGE_SIZE))
}

/// Whether two texts are equal except for line ends and surrounding blanks, which a forge may change.
fn has_same_text(stored: &str, text: &str) -> bool {
    stored.replace("\r\n", "\n").trim() == text.trim()
}
