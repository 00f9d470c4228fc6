//! What can go wrong with the store.

use std::fmt;
use std::path::PathBuf;

use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply;

/// An error of the store.
#[derive(Debug)]
pub enum StoreError {
    /// `--store` names something that this version cannot open.
    Url(String),
    /// Another run holds the lock; the text says which, as far as it is known.
    Locked(String),
    /// The store was written by a newer version.
    Newer(PathBuf),
    /// A file of the store cannot be read or written.
    File(PathBuf, std::io::Error),
    /// The database refused.
    Database(sqlx::Error),
    /// A row of the database makes no sense.
    Malformed(String),
}

impl StoreError {
    /// The error as people and documents see it.
    pub fn finding(&self) -> Finding {
        match self {
            Self::Url(text) if text.starts_with("postgres:") || text.starts_with("postgresql:") => {
                Finding::error(&apply::STORE_URL, "PostgreSQL stores come with a later version")
                    .help("use `--store sqlite:PATH`")
            }
            Self::Url(text) => Finding::error(&apply::STORE_URL, format!("`{text}` is not a store"))
                .help("use `--store sqlite:PATH`, or leave it out for `.reseat/` in the manifest's folder"),
            Self::Locked(owner) => Finding::error(&apply::STORE_LOCKED, format!("another run holds the lock: {owner}"))
                .help("wait for it to end; the lock of a run that died is free at once"),
            Self::Newer(path) => {
                Finding::error(&apply::STORE_NEWER, format!("`{}` was written by a newer version", path.display()))
                    .help("use that version, or another store with `--store sqlite:PATH`")
            }
            Self::File(path, error) => Finding::error(&apply::STORE_UNUSABLE, format!("`{}`: {error}", path.display()))
                .help("make the folder writable, or use another store with `--store sqlite:PATH`"),
            Self::Database(error) => Finding::error(&apply::STORE_UNUSABLE, format!("the store refused: {error}")),
            Self::Malformed(what) => Finding::error(&apply::STORE_UNUSABLE, format!("the store is damaged: {what}")),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding().message)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(_, error) => Some(error),
            Self::Database(error) => Some(error),
            Self::Url(_) | Self::Locked(_) | Self::Newer(_) | Self::Malformed(_) => None,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}
