//! Notes on a GitLab merge request.

use reqwest::Method;
use serde::Deserialize;

use super::client::{ForgeClient, PAGE_SIZE};
use super::{CommentPage, CommentTarget, Forge, ForgeComment, TokenOwner};
use crate::adapter::AdapterFuture;

const MEDIA_TYPE: &str = "application/json";

/// A merge request.
pub(super) struct Gitlab {
    client: ForgeClient,
    project: String,
    request: String,
}

#[derive(Debug, Deserialize)]
struct GitlabNote {
    id: u64,
    #[serde(default)]
    body: String,
    author: Option<GitlabUser>,
    /// Whether GitLab wrote it, for example about a push.
    #[serde(default)]
    system: bool,
}

#[derive(Debug, Deserialize)]
struct GitlabUser {
    id: u64,
}

impl Gitlab {
    pub(super) fn new(wire: ForgeClient, target: &CommentTarget) -> Self {
        Self { client: wire, project: target.repository.clone(), request: target.request.to_string() }
    }
}

impl Forge for Gitlab {
    fn comments<'a>(&'a self, number: usize, owner: &'a TokenOwner) -> AdapterFuture<'a, CommentPage> {
        Box::pin(async move {
            let path = ["projects", &self.project, "merge_requests", &self.request, "notes"];
            let (size, number) = (PAGE_SIZE.to_string(), number.to_string());
            let query = [
                ("per_page", size.as_str()),
                ("page", number.as_str()),
                ("order_by", "created_at"),
                // Oldest first, so that new notes do not change pages that were read.
                ("sort", "asc"),
            ];
            let notes: Vec<GitlabNote> = self.client.read(&path, &query, MEDIA_TYPE).await?;
            let is_last = notes.len() < PAGE_SIZE;
            let is_own = |user: &GitlabUser| *owner == TokenOwner::Named(user.id.to_string());
            let remark = |note: GitlabNote| ForgeComment {
                id: note.id,
                is_own: !note.system && note.author.as_ref().is_some_and(is_own),
                body: note.body,
            };
            Ok(CommentPage { comments: notes.into_iter().map(remark).collect(), is_last })
        })
    }

    fn token_owner(&self) -> AdapterFuture<'_, TokenOwner> {
        Box::pin(async move {
            let user: GitlabUser = self.client.read(&["user"], &[], MEDIA_TYPE).await?;
            Ok(TokenOwner::Named(user.id.to_string()))
        })
    }

    fn create<'a>(&'a self, body: &'a str) -> AdapterFuture<'a, ()> {
        Box::pin(async move {
            let path = ["projects", &self.project, "merge_requests", &self.request, "notes"];
            self.client.write(Method::POST, &path, body).await
        })
    }

    fn update<'a>(&'a self, id: u64, body: &'a str) -> AdapterFuture<'a, ()> {
        Box::pin(async move {
            let id = id.to_string();
            let path = ["projects", &self.project, "merge_requests", &self.request, "notes", &id];
            self.client.write(Method::PUT, &path, body).await
        })
    }
}
