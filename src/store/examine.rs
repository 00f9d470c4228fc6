//! How a store is, for `doctor`: looked at without making or changing anything in it.
//!
//! What must hold: nothing is written where a store is or would be, save a file that is gone again at once; the lock is not
//! kept.

use std::path::Path;

use jiff::Timestamp;

use super::holder::Holder;
use super::lock::RunLock;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::url::Place;
use super::{StoreError, StoreUrl, locked, sql};

/// How a store is.
#[derive(Debug)]
pub struct Examined {
    /// The version of its tables; `None` where there is no store yet.
    pub version: Option<i64>,
    /// That another run holds the lock, and who.
    pub locked: Option<StoreError>,
    /// Why nothing could be written, if that is so and can be told.
    pub unwritable: Option<StoreError>,
}

/// Looks at a store.
///
/// # Errors
/// What the files or the database refuse, and [`StoreError::Version`].
pub async fn examine(url: &StoreUrl, now: Timestamp) -> Result<Examined, StoreError> {
    match &url.0 {
        Place::File { database, lock, .. } => {
            let exists = Sqlite::open_existing(database).await?.is_some();
            let is_held = lock.exists() && RunLock::take(lock)?.is_none();
            let locked = if is_held { Some(locked(database).await?) } else { None };
            Ok(Examined { version: exists.then_some(sql::VERSION), locked, unwritable: unwritable(database) })
        }
        Place::Server(options) => {
            let Some(mut postgres) = Postgres::open_existing(options).await? else {
                return Ok(Examined { version: None, locked: None, unwritable: None });
            };
            let holder = postgres.holder().await?;
            let is_held = !holder.released && holder.until.is_some_and(|until| until > now);
            let locked = is_held.then(|| Holder::locked(holder));
            Ok(Examined { version: Some(sql::VERSION), locked, unwritable: None })
        }
    }
}

/// Why a database cannot be written, or made.
fn unwritable(database: &Path) -> Option<StoreError> {
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
