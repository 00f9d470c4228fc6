//! Forges: where people review changes, and where a plan is put in front of them as one comment that is kept up to date.
//!
//! It stands beside the adapters and not among them: it knows no tenant, and the forge's token is the only credential.
//! What must hold: only our own comments are changed; a text that is there already is not sent again; a comment whose
//! fate is not known is looked for before it is written a second time; no message holds the token.

mod github;
mod gitlab;
mod refusal;
#[cfg(test)]
mod tests;
mod wire;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::adapter::http::{Client, Key, Limits, Settings};
use crate::adapter::{AdapterError, Answer};
use crate::diagnostic::Finding;
use crate::env::Clock;
use crate::model::SecretRef;

use self::github::Github;
use self::gitlab::Gitlab;
pub use self::refusal::unusable;
use self::wire::Wire;

/// The most pages of comments that are looked through, a hundred on each.
const PAGES_MAX: usize = 50;

/// Which forge it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// GitHub, its cloud or a server of one's own.
    Github,
    /// GitLab, its cloud or a server of one's own.
    Gitlab,
}

impl Kind {
    /// Where its cloud answers.
    pub fn cloud(self) -> &'static str {
        match self {
            Self::Github => "https://api.github.com",
            Self::Gitlab => "https://gitlab.com/api/v4",
        }
    }
}

/// A pull or merge request, and how it is reached.
#[derive(Clone, Debug)]
pub struct Place {
    /// The forge.
    pub kind: Kind,
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
pub struct Message<'a> {
    /// The hidden line by which it is known; the body begins with it.
    pub marker: &'a str,
    /// The whole text.
    pub body: &'a str,
    /// Whether it is said where nothing was said before.
    pub is_news: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
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
struct Remark {
    id: u64,
    body: String,
    /// Whether it is ours.
    own: bool,
}

/// The comments of one page, and whether it is the last.
struct Page {
    remarks: Vec<Remark>,
    is_last: bool,
}

/// One kind of forge.
trait Forge: Send + Sync {
    /// The comments of one page, from 1; `me` is what [`me`](Self::me) said.
    fn page<'a>(&'a self, number: usize, me: &'a Me) -> Answer<'a, Page>;
    /// Whose token it is.
    fn me(&self) -> Answer<'_, Me>;
    /// Writes a new comment.
    fn create<'a>(&'a self, body: &'a str) -> Answer<'a, ()>;
    /// Replaces a comment.
    fn update<'a>(&'a self, id: u64, body: &'a str) -> Answer<'a, ()>;
}

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Me {
    /// Somebody with that name or number.
    Known(String),
    /// A program, which the forge does not tell its name.
    SomeProgram,
}

/// Says it, or replaces what was said.
///
/// # Errors
/// Why not, with what to do about it.
pub async fn say(place: &Place, message: Message<'_>, clock: Clock) -> Result<Deed, Vec<Finding>> {
    let forge = connect(place, clock)?;
    put(&*forge, message).await.map_err(|error| vec![refusal::finding(place, error)])
}

fn connect(place: &Place, clock: Clock) -> Result<Box<dyn Forge>, Vec<Finding>> {
    let (header, scheme) = match place.kind {
        Kind::Github => ("authorization", "Bearer "),
        Kind::Gitlab => ("private-token", ""),
    };
    refusal::check_address(&place.api).map_err(|finding| vec![*finding])?;
    let client = Client::new(Settings {
        base_url: &place.api,
        ca: None,
        proxy: None,
        rates: &[],
        key: Some(Key::found(header, scheme, &place.token, false)),
        write_key: None,
        request_id: None,
        clock,
        limits: Limits { rest: place.wait, ..Limits::default() },
    })
    .map_err(|findings| findings.into_iter().map(unusable).collect::<Vec<_>>())?;
    let wire = Wire::new(client, place.wait);
    Ok(match place.kind {
        Kind::Github => Box::new(Github::new(wire, place)),
        Kind::Gitlab => Box::new(Gitlab::new(wire, place)),
    })
}

async fn put(forge: &dyn Forge, message: Message<'_>) -> Result<Deed, AdapterError> {
    let me = forge.me().await?;
    match find(forge, &me, message.marker).await? {
        Some(remark) if is_same(&remark.body, message.body) => Ok(Deed::Unchanged),
        Some(remark) => forge.update(remark.id, message.body).await.map(|()| Deed::Updated),
        None if !message.is_news => Ok(Deed::Silent),
        None => match forge.create(message.body).await {
            Ok(()) => Ok(Deed::Created),
            // It may be there all the same; a second one must not be.
            Err(error) if error.maybe_in_effect => match find(forge, &me, message.marker).await? {
                Some(_) => Ok(Deed::Created),
                None => Err(error),
            },
            Err(error) => Err(error),
        },
    }
}

/// Our comment with that marker, if there is one.
async fn find(forge: &dyn Forge, me: &Me, marker: &str) -> Result<Option<Remark>, AdapterError> {
    for number in 1..=PAGES_MAX {
        let page = forge.page(number, me).await?;
        let is_it = |remark: &Remark| remark.own && remark.body.trim_start().starts_with(marker.trim_end());
        if let Some(remark) = page.remarks.into_iter().find(is_it) {
            return Ok(Some(remark));
        }
        if page.is_last {
            return Ok(None);
        }
    }
    // To write another one each time would be worse.
    Err(refusal::too_many(PAGES_MAX * wire::PAGE))
}

/// Whether a forge keeps the text as the same: line ends and the blanks at both ends may differ.
fn is_same(kept: &str, text: &str) -> bool {
    kept.replace("\r\n", "\n").trim() == text.trim()
}
