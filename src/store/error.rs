//! What can go wrong with the store.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply;

/// An error of the store. Many who wait for one write are told of the same error, so that it can be cloned.
#[derive(Clone, Debug)]
pub enum StoreError {
    /// `--store` names something that is no store; the text holds no secret.
    InvalidUrl(String),
    /// `--store` names a PostgreSQL server in a way that cannot be read: what is wrong with it, without its values.
    InvalidAddress(String),
    /// `RESEAT_ACTOR` is no name.
    InvalidActor(String),
    /// Another run holds the lock.
    Locked {
        /// Who, if that is known.
        owner: Option<String>,
        /// Since when.
        since: Option<Timestamp>,
        /// Until when, where the lock ends by itself; else it ends with its process.
        until: Option<Timestamp>,
        /// How often the lock had been taken.
        fence: u64,
    },
    /// Another run took the lock meanwhile, and this one may write no more.
    LockLost,
    /// The store's file was deleted or replaced while the run was under way.
    Replaced(PathBuf),
    /// The store is of another version of this program.
    UnsupportedVersion(String),
    /// The file is no store.
    NotAStore(PathBuf, String),
    /// A file of the store cannot be read or written.
    Io(PathBuf, Arc<std::io::Error>),
    /// The database refused.
    Database(Arc<sqlx::Error>),
    /// The database server cannot be reached, or did not answer in time.
    Unreachable(String, String),
    /// The database server did not let us in: where it is, and what it said.
    AccessDenied(String, String),
    /// The store was opened for reading only.
    ReadOnly,
    /// Something in the store makes no sense.
    Corrupted(String),
}

impl StoreError {
    /// A file that cannot be read or written.
    pub(super) fn file(path: impl Into<PathBuf>, error: std::io::Error) -> Self {
        Self::Io(path.into(), Arc::new(error))
    }

    /// The error as people and documents see it.
    pub fn finding(&self) -> Finding {
        match self {
            Self::InvalidUrl(text) => Finding::error(&apply::INVALID_STORE_URL, format!("`{text}` is not a store")).help(
                "use `--store sqlite:PATH` or `--store postgres://USER@HOST/DATABASE`, or leave it out for `.reseat/`",
            ),
            Self::InvalidAddress(wrong) => Finding::error(
                &apply::INVALID_STORE_URL,
                format!("the address of the PostgreSQL server cannot be read: {wrong}"),
            )
            .help(
                "write `postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full`; a password stands in `PGPASSWORD` or \
                         in the file that `PGPASSFILE` names",
            ),
            Self::InvalidActor(what) => {
                Finding::error(&apply::INVALID_ACTOR, what).help("set `RESEAT_ACTOR` to a name, or unset it")
            }
            Self::Locked { owner, since, until, fence: _ } => locked(owner.as_deref(), *since, *until),
            Self::LockLost => Finding::error(&apply::LOCK_LOST, "another run took the lock, and nothing more was sent")
                .help("run `reseat history` to see which; then plan again"),
            Self::Replaced(path) => {
                Finding::error(&apply::STORE_REPLACED, format!("`{}` was deleted or replaced meanwhile", path.display()))
                    .help("nothing more was sent; put the file back, or plan again to see what is in effect")
            }
            Self::UnsupportedVersion(place) => {
                Finding::error(&apply::STORE_VERSION, format!("`{place}` was written by another version"))
                    .help("use that version, or another store with `--store sqlite:PATH`")
            }
            Self::NotAStore(path, what) => {
                Finding::error(&apply::STORE_UNUSABLE, format!("`{}` is no store: {what}", path.display()))
                    .help("name another file with `--store sqlite:PATH`; one that is not there yet is made")
            }
            Self::Io(path, error) => Finding::error(&apply::STORE_UNUSABLE, format!("`{}`: {error}", path.display()))
                .help("make the folder, or make it writable, or use another store with `--store sqlite:PATH`"),
            Self::Database(error) => database(error),
            Self::Unreachable(place, why) => Finding::error(
                &apply::STORE_UNUSABLE,
                format!("the store `{place}` cannot be reached: {why}"),
            )
            .help(
                "check the address, and that the server runs and lets this machine in; then run the same command again",
            ),
            Self::AccessDenied(place, why) => Finding::error(
                &apply::STORE_UNUSABLE,
                format!("the store `{place}` did not let us in: {why}"),
            )
            .help(
                "check user, host and database in the address, and the password in `PGPASSWORD` or in the file that \
                     `PGPASSFILE` names; then run the same command again",
            ),
            Self::ReadOnly => Finding::error(&apply::STORE_UNUSABLE, "the store was opened for reading only"),
            Self::Corrupted(what) => Finding::error(&apply::STORE_UNUSABLE, format!("the store is damaged: {what}"))
                .help("run `reseat audit verify`, and put back a copy of the store from before"),
        }
    }
}

fn locked(owner: Option<&str>, since: Option<Timestamp>, until: Option<Timestamp>) -> Finding {
    let mut message = match owner {
        Some(owner) => format!("another run holds the lock: {owner}"),
        None => "another run holds the lock: its owner is not known".to_owned(),
    };
    if let Some(since) = since {
        message.push_str(&format!(", since {since:.0}"));
    }
    let help = match until {
        Some(until) => {
            message.push_str(&format!(", until {until:.0} unless it is renewed"));
            "wait for it to end; the lock of a run that died is free when that time is over"
        }
        None => {
            message.push_str(", until it ends");
            "wait for it to end; the lock of a run that died is free at once"
        }
    };
    Finding::error(&apply::STORE_LOCKED, message).help(help)
}

fn database(error: &sqlx::Error) -> Finding {
    let told = match error {
        sqlx::Error::Database(refused) => refused.message().to_owned(),
        other => other.to_string(),
    };
    let help = if told.contains("full") {
        "make room on the disk; then run the same command again"
    } else {
        "check the rights and the space where the store lies; `reseat audit verify` tells whether it is whole"
    };
    Finding::error(&apply::STORE_UNUSABLE, format!("the store refused: {told}")).help(help)
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding().message)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(&**error),
            Self::Database(error) => Some(&**error),
            Self::InvalidUrl(_)
            | Self::InvalidAddress(_)
            | Self::InvalidActor(_)
            | Self::Locked { .. }
            | Self::LockLost
            | Self::Replaced(_)
            | Self::UnsupportedVersion(_)
            | Self::NotAStore(..)
            | Self::Unreachable(..)
            | Self::AccessDenied(..)
            | Self::ReadOnly
            | Self::Corrupted(_) => None,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_that_does_not_let_us_in_is_told_with_its_address_and_where_the_password_comes_from() {
        let place = "postgres://ana@db.acme.example:5432/reseat".to_owned();
        let refused = StoreError::AccessDenied(place.clone(), "password authentication failed".to_owned()).finding();
        assert!(refused.message.contains(&place), "{refused:?}");
        let help = format!("{refused:?}");
        assert!(help.contains("PGPASSWORD") && help.contains("PGPASSFILE") && !help.contains("audit verify"), "{help}");
        let away = format!("{:?}", StoreError::Unreachable(place.clone(), "connection refused".to_owned()).finding());
        assert!(
            away.contains(&place) && away.contains("check the address") && !away.contains("audit verify"),
            "{away}"
        );
    }
}
