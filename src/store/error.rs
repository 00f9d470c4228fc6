//! Errors of the store.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use thiserror::Error;

use super::sql::VERSION;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply;

/// An error of the store. It can be cloned because many tasks wait for one write.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// `--store` does not name a store; the text has no secret.
    #[error("invalid store `{0}`")]
    InvalidUrl(String),
    /// `--store` has an invalid PostgreSQL address; the text names the invalid part without its value.
    #[error("invalid address of the PostgreSQL server: {0}")]
    InvalidAddress(String),
    /// `RESEAT_ACTOR` is not a name.
    #[error("{0}")]
    InvalidActor(String),
    /// Another run holds the lock.
    #[error("{}", locked_message(owner.as_deref(), *since, *until))]
    Locked {
        /// Its owner, if known.
        owner: Option<String>,
        /// Since when.
        since: Option<Timestamp>,
        /// When it expires; otherwise it ends with its process.
        until: Option<Timestamp>,
        /// How often the lock had been taken.
        fence: u64,
    },
    /// Another run took the lock, so this one must not write.
    #[error("another run took the lock, and this run sent nothing more")]
    LockLost,
    /// A file of the store was deleted or replaced during the run.
    #[error("`{path}` was deleted or replaced during the run", path = .0.display())]
    Replaced(PathBuf),
    /// The tables of the store have another version.
    #[error(
        "`{location}` was written by {} version of reseat (schema {version}, this version uses {VERSION})",
        if *version < VERSION { "an older" } else { "a newer" }
    )]
    UnsupportedVersion {
        /// The store.
        location: String,
        /// The version of its tables.
        version: i64,
    },
    /// The file is not a store.
    #[error("`{path}` is not a store: {1}", path = .0.display())]
    NotAStore(PathBuf, String),
    /// A file of the store cannot be read or written.
    #[error("`{path}`: {1}", path = .0.display())]
    Io(PathBuf, #[source] Arc<std::io::Error>),
    /// The database failed.
    #[error("the database of the store failed: {}", database_message(.0))]
    Database(#[source] Arc<sqlx::Error>),
    /// The database server cannot be reached, or did not answer in time.
    #[error("the store `{0}` is unreachable: {1}")]
    Unreachable(String, String),
    /// The database server refused the login or the database.
    #[error("the store `{0}` denied access: {1}")]
    AccessDenied(String, String),
    /// The store was opened for reading only.
    #[error("the store was opened for reading only")]
    ReadOnly,
    /// The store has content that reseat did not write.
    #[error("the store is damaged: {0}")]
    Corrupted(String),
}

impl StoreError {
    /// Returns the error of a file.
    pub(super) fn io(path: impl Into<PathBuf>, error: std::io::Error) -> Self {
        Self::Io(path.into(), Arc::new(error))
    }

    /// Returns the finding of the error.
    pub fn finding(&self) -> Finding {
        let code = match self {
            Self::InvalidUrl(_) | Self::InvalidAddress(_) => &apply::INVALID_STORE_URL,
            Self::InvalidActor(_) => &apply::INVALID_ACTOR,
            Self::Locked { .. } => &apply::STORE_LOCKED,
            Self::LockLost => &apply::LOCK_LOST,
            Self::Replaced(_) => &apply::STORE_REPLACED,
            Self::UnsupportedVersion { .. } => &apply::STORE_VERSION,
            Self::NotAStore(..)
            | Self::Io(..)
            | Self::Database(_)
            | Self::Unreachable(..)
            | Self::AccessDenied(..)
            | Self::ReadOnly
            | Self::Corrupted(_) => &apply::STORE_UNUSABLE,
        };
        let mut finding = Finding::error(code, self.to_string());
        finding.help = self.help().map(str::to_owned);
        finding
    }

    fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::InvalidUrl(_) => {
                "use `--store sqlite:PATH` or `--store postgres://USER@HOST/DATABASE`, or omit it to use `.reseat/`"
            }
            Self::InvalidAddress(_) => {
                "write `postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full`; give the password in `PGPASSWORD` or in \
                 the file that `PGPASSFILE` names"
            }
            Self::InvalidActor(_) => "set `RESEAT_ACTOR` to a name, or unset it",
            Self::Locked { until: Some(_), .. } => {
                "wait until it ends; the lock of a run that died expires at that time"
            }
            Self::Locked { until: None, .. } => "wait until it ends; the lock of a run that died is released at once",
            Self::LockLost => "run `reseat history` to see which run took it; then plan again",
            Self::Replaced(_) => "nothing more was sent; restore the file, or plan again to see what is in effect",
            Self::UnsupportedVersion { version, .. } if *version < VERSION => {
                "run `reseat resume` with the older version if a run is unfinished; then move the store away and keep it \
                 as a record: the next `apply` creates a new one"
            }
            Self::UnsupportedVersion { .. } => "use the newer version, or another store with `--store sqlite:PATH`",
            Self::NotAStore(..) => {
                "use another file with `--store sqlite:PATH`; reseat creates a file that does not exist"
            }
            Self::Io(..) => "create the folder, make it writable, or use another store with `--store sqlite:PATH`",
            Self::Database(error) if database_message(error).contains("full") => {
                "free space on the disk; then run the same command again"
            }
            Self::Database(_) => {
                "check permissions and free space of the store; `reseat audit verify` checks whether it is intact"
            }
            Self::Unreachable(..) => {
                "check the address, and that the server runs and accepts connections from this machine; then run the \
                 same command again"
            }
            Self::AccessDenied(..) => {
                "check user, host and database in the address, and the password in `PGPASSWORD` or in the file that \
                 `PGPASSFILE` names; then run the same command again"
            }
            Self::Corrupted(_) => "run `reseat audit verify`, and restore a backup of the store",
            Self::ReadOnly => return None,
        })
    }
}

fn locked_message(owner: Option<&str>, since: Option<Timestamp>, until: Option<Timestamp>) -> String {
    let owner = owner.unwrap_or("its owner is unknown");
    let since = since.map(|since| format!(", since {since:.0}")).unwrap_or_default();
    let until = until.map(|until| format!(", until {until:.0} unless it is renewed")).unwrap_or_default();
    format!("another run holds the lock: {owner}{since}{until}")
}

fn database_message(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(refused) => refused.message().to_owned(),
        other => other.to_string(),
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            // A value that reseat did not write.
            sqlx::Error::ColumnDecode { index, source } => Self::Corrupted(format!("column {index}: {source}")),
            sqlx::Error::Decode(source) => Self::Corrupted(source.to_string()),
            error => Self::Database(Arc::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_login_shows_the_address_and_where_the_password_comes_from() {
        let server = "postgres://ana@db.acme.example:5432/reseat".to_owned();
        let refused = StoreError::AccessDenied(server.clone(), "password authentication failed".to_owned()).finding();
        assert!(refused.message.contains(&server), "{refused:?}");
        let help = refused.help.unwrap();
        assert!(help.contains("PGPASSWORD") && help.contains("PGPASSFILE") && !help.contains("audit verify"), "{help}");
        let away = StoreError::Unreachable(server.clone(), "connection refused".to_owned()).finding();
        assert!(away.message.contains(&server) && away.help.unwrap().contains("check the address"));
    }

    #[test]
    fn other_version_says_what_to_do_with_the_store() {
        let finding = |version| {
            let location = "store.db".to_owned();
            StoreError::UnsupportedVersion { location, version }.finding()
        };
        assert_eq!(
            finding(1).message,
            format!("`store.db` was written by an older version of reseat (schema 1, this version uses {VERSION})")
        );
        assert!(finding(1).help.unwrap().contains("move the store away"));
        assert!(finding(99).message.contains("a newer version") && finding(99).help.unwrap().contains("newer version"));
    }
}
