//! Comments on a pull request of GitHub: those of the issue that every pull request is.

use reqwest::Method;
use serde::Deserialize;

use super::wire::{PAGE, Wire};
use super::{Forge, Me, Page, Place, Remark, refusal};
use crate::adapter::Answer;

const MEDIA: &str = "application/vnd.github+json";

/// One pull request.
pub(super) struct Github {
    wire: Wire,
    owner: String,
    name: String,
    request: String,
}

#[derive(Debug, Deserialize)]
struct Comment {
    id: u64,
    body: Option<String>,
    user: Option<User>,
}

#[derive(Debug, Deserialize)]
struct User {
    login: String,
    #[serde(rename = "type", default)]
    kind: String,
}

impl Github {
    pub(super) fn new(wire: Wire, place: &Place) -> Self {
        let (owner, name) = place.repository.split_once('/').unwrap_or((&place.repository, ""));
        Self { wire, owner: owner.to_owned(), name: name.to_owned(), request: place.request.to_string() }
    }
}

impl Forge for Github {
    fn page<'a>(&'a self, number: usize, me: &'a Me) -> Answer<'a, Page> {
        Box::pin(async move {
            let path = ["repos", &self.owner, &self.name, "issues", &self.request, "comments"];
            let (size, number) = (PAGE.to_string(), number.to_string());
            let query = [("per_page", size.as_str()), ("page", number.as_str())];
            let comments: Vec<Comment> = self.wire.read(&path, &query, MEDIA).await?;
            let is_last = comments.len() < PAGE;
            let is_own = |user: &User| match me {
                Me::Known(login) => user.login.eq_ignore_ascii_case(login),
                Me::SomeProgram => user.kind == "Bot",
            };
            let remark = |comment: Comment| Remark {
                id: comment.id,
                own: comment.user.as_ref().is_some_and(is_own),
                body: comment.body.unwrap_or_default(),
            };
            Ok(Page { remarks: comments.into_iter().map(remark).collect(), is_last })
        })
    }

    fn me(&self) -> Answer<'_, Me> {
        Box::pin(async move {
            let reply = self.wire.get(&["user"], &[], MEDIA).await?;
            match reply.status {
                200 => Ok(Me::Known(reply.json::<User>()?.login)),
                // The token of a job, or of another app, is not a user's: GitHub does not tell it who it is.
                403 | 404 if !refusal::is_throttled(&reply) => Ok(Me::SomeProgram),
                _ => Err(refusal::of(&reply, false)),
            }
        })
    }

    fn create<'a>(&'a self, body: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let path = ["repos", &self.owner, &self.name, "issues", &self.request, "comments"];
            self.wire.write(Method::POST, &path, body).await
        })
    }

    fn update<'a>(&'a self, id: u64, body: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let id = id.to_string();
            let path = ["repos", &self.owner, &self.name, "issues", "comments", &id];
            self.wire.write(Method::PATCH, &path, body).await
        })
    }
}
