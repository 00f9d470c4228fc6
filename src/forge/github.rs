//! Comments on a GitHub pull request, which are the comments of its issue.

use reqwest::Method;
use serde::Deserialize;

use super::client::{ForgeClient, PAGE_SIZE};
use super::{CommentPage, CommentTarget, Forge, ForgeComment, TokenOwner, errors};
use crate::adapter::AdapterFuture;

const MEDIA_TYPE: &str = "application/vnd.github+json";

/// A pull request.
pub(super) struct Github {
    client: ForgeClient,
    owner: String,
    name: String,
    request: String,
}

#[derive(Debug, Deserialize)]
struct GithubComment {
    id: u64,
    body: Option<String>,
    user: Option<GithubUser>,
}

#[derive(Debug, Deserialize)]
struct GithubUser {
    login: String,
    #[serde(rename = "type", default)]
    kind: String,
}

impl Github {
    pub(super) fn new(wire: ForgeClient, target: &CommentTarget) -> Self {
        let (owner, name) = target.repository.split_once('/').unwrap_or((&target.repository, ""));
        Self { client: wire, owner: owner.to_owned(), name: name.to_owned(), request: target.request.to_string() }
    }
}

impl Forge for Github {
    fn comments<'a>(&'a self, number: usize, owner: &'a TokenOwner) -> AdapterFuture<'a, CommentPage> {
        Box::pin(async move {
            let path = ["repos", &self.owner, &self.name, "issues", &self.request, "comments"];
            let (size, number) = (PAGE_SIZE.to_string(), number.to_string());
            let query = [("per_page", size.as_str()), ("page", number.as_str())];
            let comments: Vec<GithubComment> = self.client.read(&path, &query, MEDIA_TYPE).await?;
            let is_last = comments.len() < PAGE_SIZE;
            let is_own = |user: &GithubUser| match owner {
                TokenOwner::Named(login) => user.login.eq_ignore_ascii_case(login),
                TokenOwner::UnnamedApp => user.kind == "Bot",
            };
            let remark = |comment: GithubComment| ForgeComment {
                id: comment.id,
                is_own: comment.user.as_ref().is_some_and(is_own),
                body: comment.body.unwrap_or_default(),
            };
            Ok(CommentPage { comments: comments.into_iter().map(remark).collect(), is_last })
        })
    }

    fn token_owner(&self) -> AdapterFuture<'_, TokenOwner> {
        Box::pin(async move {
            let reply = self.client.get(&["user"], &[], MEDIA_TYPE).await?;
            match reply.status {
                200 => Ok(TokenOwner::Named(reply.json::<GithubUser>()?.login)),
                // The token of a job or app does not belong to a user, and GitHub does not reveal its name.
                403 | 404 if !errors::is_throttled(&reply) => Ok(TokenOwner::UnnamedApp),
                _ => Err(errors::response_error(&reply, false)),
            }
        })
    }

    fn create<'a>(&'a self, body: &'a str) -> AdapterFuture<'a, ()> {
        Box::pin(async move {
            let path = ["repos", &self.owner, &self.name, "issues", &self.request, "comments"];
            self.client.write(Method::POST, &path, body).await
        })
    }

    fn update<'a>(&'a self, id: u64, body: &'a str) -> AdapterFuture<'a, ()> {
        Box::pin(async move {
            let id = id.to_string();
            let path = ["repos", &self.owner, &self.name, "issues", "comments", &id];
            self.client.write(Method::PATCH, &path, body).await
        })
    }
}
