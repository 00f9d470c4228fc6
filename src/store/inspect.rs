//! How a store is, for `doctor`: looked at without making or changing anything in it.
//!
//! What must hold: nothing is written where a store is or would be, save a file that is gone again at once; the lock is not
//! kept.

use std::path::Path;

use jiff::Timestamp;

use super::lock::RunLock;
use super::lock_holder::LockHolder;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::url::StoreLocation;
use super::{StoreError, StoreUrl, locked, sql};

/// How a store is.
#[derive(Debug)]
pub struct StoreStatus {
    /// The version of its tables; `None` where there is no store yet.
    pub version: Option<i64>,
    /// That another run holds the lock, and who.
    pub lock_error: Option<StoreError>,
    /// Why nothing could be written, if that is so and can be told.
    pub write_error: Option<StoreError>,
}

/// Looks at a store.
///
/// # Errors
/// What the files or the database refuse, and [`StoreError::Version`].
pub async fn inspect(url: &StoreUrl, now: Timestamp) -> Result<StoreStatus, StoreError> {
    match &url.0 {
        StoreLocation::File { database, lock, .. } => {
            let exists = Sqlite::open_existing(database).await?.is_some();
            let is_held = lock.exists() && RunLock::take(lock)?.is_none();
            let locked = if is_held { Some(locked(database).await?) } else { None };
            Ok(StoreStatus {
                version: exists.then_some(sql::VERSION),
                lock_error: locked,
                write_error: write_error(database),
            })
        }
        StoreLocation::Server(options) => {
            let Some(mut postgres) = Postgres::open_existing(options).await? else {
                return Ok(StoreStatus { version: None, lock_error: None, write_error: None });
            };
            let holder = postgres.holder().await?;
            let is_held = !holder.released && holder.until.is_some_and(|until| until > now);
            let locked = is_held.then(|| LockHolder::locked(holder));
            Ok(StoreStatus { version: Some(sql::VERSION), lock_error: locked, write_error: None })
        }
    }
}

/// Why a database cannot be written, or made.
fn write_error(database: &Path) -> Option<StoreError> {
    let failed = |error| Some(StoreError::file(database, error));
    if database.exists()
        && let Err(error) = std::fs::OpenOptions::new().append(true).open(database)
    {
        return failed(error);
    }
    // SQLite makes files beside the database.
    let mut folder = database.parent().unwrap_or(Path::new(""));
    while !folder.as_os_str().is_empty() && !folder.exists() {
        folder = folder.parent().unwrap_or(Path::new(""));
    }
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    tempfile::Builder::new().prefix(".reseat-").tempfile_in(folder).err().and_then(failed)
}
