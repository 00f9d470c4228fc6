//! The status of a store for `doctor`, determined without creating or changing anything.

use std::path::Path;

use jiff::Timestamp;

use super::backend::Database;
use super::lock::RunLock;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::url::StoreLocation;
use super::{StoreError, StoreUrl, locked_error, sql};

/// The status of a store.
#[derive(Debug)]
pub struct StoreStatus {
    /// The version of its tables; `None` if there is no store yet.
    pub version: Option<i64>,
    /// The error for a run, if another run holds the lock.
    pub lock_error: Option<StoreError>,
    /// Why the store cannot be written, if that is known.
    pub write_error: Option<StoreError>,
}

/// Determines the status of a store.
///
/// # Errors
/// [`StoreError::UnsupportedVersion`], and the errors of files and databases.
pub async fn inspect(url: &StoreUrl, now: Timestamp) -> Result<StoreStatus, StoreError> {
    match &url.0 {
        StoreLocation::File { database, lock, .. } => {
            let exists = Sqlite::open_existing(database).await?.is_some();
            let is_held = lock.exists() && RunLock::take(lock)?.is_none();
            Ok(StoreStatus {
                version: exists.then_some(sql::VERSION),
                lock_error: if is_held { Some(locked_error(database).await?) } else { None },
                write_error: write_error(database),
            })
        }
        StoreLocation::Server(options) => {
            let Some(postgres) = Postgres::open_existing(options).await? else {
                return Ok(StoreStatus { version: None, lock_error: None, write_error: None });
            };
            let holder = Database::Postgres(Box::new(postgres)).holder().await?;
            let is_held = !holder.is_released() && holder.expires().is_some_and(|expires| expires > now);
            let lock_error = is_held.then(|| holder.locked_error());
            Ok(StoreStatus { version: Some(sql::VERSION), lock_error, write_error: None })
        }
    }
}

/// Returns why a database cannot be written or created.
fn write_error(database: &Path) -> Option<StoreError> {
    let failed = |error| Some(StoreError::io(database, error));
    if database.exists()
        && let Err(error) = std::fs::OpenOptions::new().append(true).open(database)
    {
        return failed(error);
    }
    // SQLite creates files beside the database.
    let mut folder = database.parent().unwrap_or(Path::new(""));
    while !folder.as_os_str().is_empty() && !folder.exists() {
        folder = folder.parent().unwrap_or(Path::new(""));
    }
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    tempfile::Builder::new().prefix(".reseat-").tempfile_in(folder).err().and_then(failed)
}
