//! Notes on a merge request of GitLab.

use reqwest::Method;
use serde::Deserialize;

use super::wire::{PAGE, Wire};
use super::{Forge, Me, Page, Place, Remark};
use crate::adapter::Answer;

const MEDIA: &str = "application/json";

/// One merge request.
pub(super) struct Gitlab {
    wire: Wire,
    project: String,
    request: String,
}

#[derive(Debug, Deserialize)]
struct Note {
    id: u64,
    #[serde(default)]
    body: String,
    author: Option<User>,
    /// Whether the forge wrote it itself, such as that somebody pushed.
    #[serde(default)]
    system: bool,
}

#[derive(Debug, Deserialize)]
struct User {
    id: u64,
}

impl Gitlab {
    pub(super) fn new(wire: Wire, place: &Place) -> Self {
        Self { wire, project: place.repository.clone(), request: place.request.to_string() }
    }
}

impl Forge for Gitlab {
    fn page<'a>(&'a self, number: usize, me: &'a Me) -> Answer<'a, Page> {
        Box::pin(async move {
            let path = ["projects", &self.project, "merge_requests", &self.request, "notes"];
            let (size, number) = (PAGE.to_string(), number.to_string());
            let query = [
                ("per_page", size.as_str()),
                ("page", number.as_str()),
                ("order_by", "created_at"),
                // The oldest first: a page that was read does not change while the next one is.
                ("sort", "asc"),
            ];
            let notes: Vec<Note> = self.wire.read(&path, &query, MEDIA).await?;
            let is_last = notes.len() < PAGE;
            let is_own = |user: &User| *me == Me::Known(user.id.to_string());
            let remark = |note: Note| Remark {
                id: note.id,
                own: !note.system && note.author.as_ref().is_some_and(is_own),
                body: note.body,
            };
            Ok(Page { remarks: notes.into_iter().map(remark).collect(), is_last })
        })
    }

    fn me(&self) -> Answer<'_, Me> {
        Box::pin(async move {
            let user: User = self.wire.read(&["user"], &[], MEDIA).await?;
            Ok(Me::Known(user.id.to_string()))
        })
    }

    fn create<'a>(&'a self, body: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let path = ["projects", &self.project, "merge_requests", &self.request, "notes"];
            self.wire.write(Method::POST, &path, body).await
        })
    }

    fn update<'a>(&'a self, id: u64, body: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let id = id.to_string();
            let path = ["projects", &self.project, "merge_requests", &self.request, "notes", &id];
            self.wire.write(Method::PUT, &path, body).await
        })
    }
}
