//! The journal in a SQLite database: one file, no server, and the system's lock on the file beside it.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqliteConnection};

use super::StoreError;
use super::batch::RecordBatch;
use super::database_row::{batch_of, signed};
use super::lock_holder::LockHolder;
use super::select::{QueryArg, RecordQuery};
use super::sql;

/// How long a statement waits for somebody else's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// An open database.
#[derive(Debug)]
pub(super) struct Sqlite {
    connection: SqliteConnection,
    /// The files that must still be there, each as it was when the run took the lock.
    files: Vec<(PathBuf, Option<DatabaseFileId>)>,
}

/// What is in a file.
enum DatabaseContent {
    /// Nothing, or a database without a table.
    Nothing,
    /// A store of this version.
    Store,
}

impl Sqlite {
    /// Opens the database to write to it, made where there is none. The caller holds the system's lock.
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        // Looked at before anything is written: the file may be somebody else's.
        let found = if path.try_exists().map_err(|error| StoreError::file(path, error))? {
            check_content(&mut reader(path).await?, path).await?
        } else {
            DatabaseContent::Nothing
        };
        let mut connection = options(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // Some systems call a file synced that the disk only promised to write.
            .pragma("fullfsync", "ON")
            // The log of a long run is not kept at its longest.
            .pragma("journal_size_limit", "1048576")
            .connect()
            .await
            .map_err(|error| open_error(path, error))?;
        if let DatabaseContent::Nothing = found {
            let all = format!("begin immediate; {} commit;", sql::TABLES);
            sqlx::raw_sql(sqlx::AssertSqlSafe(all))
                .execute(&mut connection)
                .await
                .map_err(|error| open_error(path, error))?;
        }
        Ok(Self { connection, files: Vec::new() })
    }

    /// Opens the database to read it as it is; `None` where it holds no store.
    pub(super) async fn open_existing(path: &Path) -> Result<Option<Self>, StoreError> {
        match path.try_exists() {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) => return Err(StoreError::file(path, error)),
        }
        let mut connection = reader(path).await?;
        match check_content(&mut connection, path).await? {
            // A run that died before it made the tables leaves an empty database.
            DatabaseContent::Nothing => Ok(None),
            DatabaseContent::Store => Ok(Some(Self { connection, files: Vec::new() })),
        }
    }

    /// Takes the lock in the database: from now on whoever wrote before is refused.
    pub(super) async fn take(&mut self, path: &Path, owner: &str, now: Timestamp) -> Result<LockHolder, StoreError> {
        let before = self.holder().await?;
        sqlx::query(sql::TAKE)
            .bind(owner)
            .bind(now.as_microsecond())
            .bind(None::<i64>)
            .execute(&mut self.connection)
            .await?;
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        self.files = [path.to_owned(), PathBuf::from(log)]
            .into_iter()
            .filter_map(|file| std::fs::metadata(&file).ok().map(|metadata| (file, DatabaseFileId::of(&metadata))))
            .collect();
        Ok(before)
    }

    pub(super) async fn append(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        let done = sqlx::query(sql::APPEND)
            .bind(signed(batch.first))
            .bind(signed(batch.last))
            .bind(signed(batch.run))
            .bind(signed(batch.fence))
            .bind(batch.mark.number())
            .bind(batch.day)
            .bind(batch.name.as_deref())
            .bind(batch.plan.as_deref())
            .bind(batch.records.as_str())
            .bind(batch.hash.as_slice())
            .execute(&mut self.connection)
            .await?;
        // Looked at after the write: what was written before the file went away is in the file.
        self.check_files()?;
        if done.rows_affected() == 0 { Err(StoreError::LockLost) } else { Ok(()) }
    }

    pub(super) async fn put_plan(&mut self, digest: &str, packed: &[u8], fence: u64) -> Result<(), StoreError> {
        sqlx::query(sql::PUT_PLAN).bind(digest).bind(packed).bind(signed(fence)).execute(&mut self.connection).await?;
        Ok(())
    }

    pub(super) async fn plan(&mut self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>,)> =
            sqlx::query_as(sql::PLAN).bind(digest).fetch_optional(&mut self.connection).await?;
        Ok(row.map(|(packed,)| packed))
    }

    pub(super) async fn batches(
        &mut self,
        select: RecordQuery<'_>,
        limit: u32,
    ) -> Result<Vec<RecordBatch>, StoreError> {
        let (statement, bound) = select.sql(limit);
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(statement));
        for bound in bound {
            query = match bound {
                QueryArg::Number(number) => query.bind(number),
                QueryArg::Text(text) => query.bind(text),
            };
        }
        query.fetch_all(&mut self.connection).await?.into_iter().map(batch_of).collect()
    }

    pub(super) async fn holder(&mut self) -> Result<LockHolder, StoreError> {
        Ok(LockHolder::of(sqlx::query_as(sql::STORE).fetch_one(&mut self.connection).await?))
    }

    pub(super) async fn release(&mut self, head: u64, fence: u64) -> Result<(), StoreError> {
        self.check_files()?;
        sqlx::query(sql::RELEASE).bind(signed(head)).bind(signed(fence)).execute(&mut self.connection).await?;
        Ok(())
    }

    /// The first thing that is wrong with the pages of the file, indexes included.
    pub(super) async fn damage(&mut self) -> Result<Option<String>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as("pragma integrity_check(1)").fetch_all(&mut self.connection).await?;
        Ok(rows.into_iter().map(|(told,)| told).find(|told| told != "ok"))
    }

    /// Whether the files are still the ones that were opened: one that was deleted takes writes, and nobody finds them.
    fn check_files(&self) -> Result<(), StoreError> {
        for (file, identity) in &self.files {
            let is_same = std::fs::metadata(file).is_ok_and(|metadata| DatabaseFileId::of(&metadata) == *identity);
            if !is_same {
                return Err(StoreError::Replaced(file.clone()));
            }
        }
        Ok(())
    }
}

/// What tells a file from another of the same name; nothing where the system has no such thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct DatabaseFileId {
    device: u64,
    inode: u64,
}

impl DatabaseFileId {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        Some(Self { device: metadata.dev(), inode: metadata.ino() })
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Option<Self> {
        None
    }
}

/// A connection that can read the database as it is.
async fn reader(path: &Path) -> Result<SqliteConnection, StoreError> {
    let ways = [
        options(path).read_only(true),
        // A run that was killed while it made the database leaves a half-done step that a reader may not undo.
        options(path),
        // A database in WAL mode wants a file beside it; where that cannot be made, nobody is writing either.
        options(path).read_only(true).immutable(true),
    ];
    let mut first = None;
    for way in ways {
        match read_once(&way).await {
            Ok(connection) => return Ok(connection),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.map_or_else(|| StoreError::Corrupted("it cannot be opened".to_owned()), |error| open_error(path, error)))
}

/// Opens the database and reads a first row: only that shows whether it can be read.
async fn read_once(way: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = way.connect().await?;
    sqlx::query("select 1 from sqlite_schema limit 1").fetch_optional(&mut connection).await?;
    Ok(connection)
}

/// What a database holds: a store, nothing, or what is not for us to touch.
async fn check_content(connection: &mut SqliteConnection, path: &Path) -> Result<DatabaseContent, StoreError> {
    let tables: Vec<(String,)> = sqlx::query_as("select name from sqlite_schema where type = 'table'")
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| open_error(path, error))?;
    let has = |name: &str| tables.iter().any(|(table,)| table == name);
    let is_of_another_version = StoreError::UnsupportedVersion(path.display().to_string());
    if has("reseat_store") {
        let (version,): (i64,) = sqlx::query_as("select version from reseat_store").fetch_one(connection).await?;
        return if version == sql::VERSION { Ok(DatabaseContent::Store) } else { Err(is_of_another_version) };
    }
    if tables.is_empty() {
        return Ok(DatabaseContent::Nothing);
    }
    // What came before the first release had these two.
    if has("runs") && has("journal") {
        return Err(is_of_another_version);
    }
    Err(StoreError::NotAStore(path.to_owned(), "it is the database of another program".to_owned()))
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT).disable_statement_logging()
}

/// Why a database could not be opened.
fn open_error(path: &Path, error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default();
    // SQLITE_NOTADB
    if code == "26" {
        return StoreError::NotAStore(path.to_owned(), "the file is not a database".to_owned());
    }
    if path.is_dir() {
        return StoreError::NotAStore(path.to_owned(), "it is a folder".to_owned());
    }
    error.into()
}
