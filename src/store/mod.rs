//! The store: what was sent and what came of it, kept so that a crash at any moment leaves a true record.
//!
//! It stands apart from the executor because others read it too: the history, and the rolling window of the removal
//! limit. What must hold: a record is on the disk before the call that wrote it returns; only one run at a time can
//! write; whoever only reads creates nothing, and needs no store to be there.

mod consent;
mod error;
mod history;
mod journal;
mod lock;
mod past;
mod url;

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqlSafeStr as _, SqliteConnection};
use tokio::sync::Mutex;

pub use error::StoreError;
pub use history::{Earlier, RunRecord, RunState, Unanswered, Unfinished};
pub use journal::{Entry, Reply, RunJournal};
pub use past::Touch;
pub use url::StoreUrl;

use lock::RunLock;

/// How long a statement waits for somebody else's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The steps that make a database of this version; a step that was released is never changed.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "journal", include_str!("migrations/0001_journal.sql")),
    (2, "touched", include_str!("migrations/0002_touched.sql")),
];

/// An open store.
///
/// One that [`open`](Self::open) made holds the lock until it is dropped, and can begin runs; one that
/// [`open_existing`](Self::open_existing) made can only read.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<SqliteConnection>,
    /// The version of its tables; a reader finds them as they are.
    version: i64,
    _lock: Option<RunLock>,
}

impl Store {
    /// Opens the store for a run, made where there is none, and takes the lock.
    ///
    /// # Errors
    /// [`StoreError::Locked`] while another run has it; else what the files or the database refuse.
    pub async fn open(url: &StoreUrl, now: Timestamp) -> Result<Self, StoreError> {
        if let Some(folder) = url.folder() {
            make_folder(folder)?;
        }
        let lock = RunLock::take(url.lock(), now)?;
        let mut connection = options(url)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // Some systems call a file synced that the disk only promised to write.
            .pragma("fullfsync", "ON")
            .connect()
            .await?;
        migrator().run(&mut connection).await.map_err(|error| refused_migration(url, error))?;
        let version = MIGRATIONS.iter().map(|(version, _, _)| *version).max().unwrap_or_default();
        Ok(Self { connection: Mutex::new(connection), version, _lock: Some(lock) })
    }

    /// Opens the store for reading; `None` where there is none. Nothing is made.
    ///
    /// # Errors
    /// What the database refuses, and [`StoreError::Newer`].
    pub async fn open_existing(url: &StoreUrl) -> Result<Option<Self>, StoreError> {
        match url.database().try_exists() {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => return Err(StoreError::File(url.database().to_owned(), error)),
        }
        let mut connection = reader(url).await?;
        // A run that died before it made the tables leaves an empty database.
        let tables: Option<(i64,)> = sqlx::query_as("select 1 from sqlite_schema where name = '_sqlx_migrations'")
            .fetch_optional(&mut connection)
            .await?;
        if tables.is_none() {
            return Ok(None);
        }
        let (applied,): (Option<i64>,) =
            sqlx::query_as("select max(version) from _sqlx_migrations").fetch_one(&mut connection).await?;
        let known = MIGRATIONS.iter().map(|(version, _, _)| *version).max();
        match applied {
            None => Ok(None),
            applied if applied > known => Err(StoreError::Newer(url.database().to_owned())),
            Some(version) => Ok(Some(Self { connection: Mutex::new(connection), version, _lock: None })),
        }
    }

    /// Closes the database and lets go of the lock; a store that is only dropped is as safe, and leaves more files.
    ///
    /// # Errors
    /// What the database refuses; nothing is lost by it.
    pub async fn close(self) -> Result<(), StoreError> {
        self.connection.into_inner().close().await.map_err(StoreError::from)
    }
}

/// A connection that can read the database as it is.
async fn reader(url: &StoreUrl) -> Result<SqliteConnection, StoreError> {
    let ways = [
        options(url).read_only(true),
        // A run that was killed while it made the database leaves a half-done step that a reader may not undo.
        options(url),
        // A database in WAL mode wants a file beside it; where that cannot be made, nobody is writing either.
        options(url).read_only(true).immutable(true),
    ];
    let mut refused = None;
    for way in ways {
        match look(&way).await {
            Ok(connection) => return Ok(connection),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.map_or_else(|| StoreError::Malformed("it cannot be opened".to_owned()), StoreError::from))
}

/// Opens the database and reads a first row: only that shows whether it can be read.
async fn look(way: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = way.connect().await?;
    sqlx::query("select 1 from sqlite_schema limit 1").fetch_optional(&mut connection).await?;
    Ok(connection)
}

fn options(url: &StoreUrl) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(url.database()).busy_timeout(BUSY_TIMEOUT).foreign_keys(true)
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

fn refused_migration(url: &StoreUrl, error: MigrateError) -> StoreError {
    match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionMismatch(_) | MigrateError::VersionTooNew(..) => {
            StoreError::Newer(url.database().to_owned())
        }
        MigrateError::Execute(error) => StoreError::Database(error),
        other => StoreError::Malformed(other.to_string()),
    }
}

/// Makes the default folder, and keeps it out of Git: it holds names of people, and no two checkouts share it.
fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let failed = |path: &Path, error| StoreError::File(path.to_owned(), error);
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let ignore = folder.join(".gitignore");
    match std::fs::OpenOptions::new().write(true).create_new(true).open(&ignore) {
        Ok(mut file) => std::io::Write::write_all(&mut file, b"*\n").map_err(|error| failed(&ignore, error)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(&ignore, error)),
    }
}

#[cfg(test)]
mod tests;
