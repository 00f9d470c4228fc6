//! The journal in a SQLite file, with an operating-system lock on the file beside it.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, FromRow, SqliteConnection};

use super::StoreError;
use super::lock_holder::LockHolder;
use super::record::{COLUMNS, Record, UsageRow};
use super::sql::{self, SqlArg};

/// How long a statement waits for another transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Numbers of rows that one statement inserts. The statements are prepared once.
const CHUNKS: [usize; 3] = [64, 8, 1];

/// An open database.
#[derive(Debug)]
pub(super) struct Sqlite {
    connection: SqliteConnection,
    /// The files of the database when the lock was taken. They must not be deleted or replaced.
    files: Vec<(PathBuf, Option<DatabaseFileId>)>,
}

/// The content of a file.
enum DatabaseContent {
    /// Nothing, or a database without tables.
    Empty,
    /// A store of this version.
    Store,
}

impl Sqlite {
    /// Opens the database for writing and creates it if necessary. The caller holds the operating-system lock.
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        // Checked before anything is written: the file may belong to another program.
        let content = if path.try_exists().map_err(|error| StoreError::io(path, error))? {
            check_content(&mut reader(path).await?, path).await?
        } else {
            DatabaseContent::Empty
        };
        let mut connection = options(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // macOS otherwise reports a sync as soon as the disk has received the data.
            .pragma("fullfsync", "ON")
            // Truncates the log of a long run.
            .pragma("journal_size_limit", "1048576")
            .connect()
            .await
            .map_err(|error| open_error(path, error))?;
        if let DatabaseContent::Empty = content {
            let all = format!("begin immediate; {} commit;", sql::sqlite_tables());
            sqlx::raw_sql(AssertSqlSafe(all))
                .execute(&mut connection)
                .await
                .map_err(|error| open_error(path, error))?;
        }
        Ok(Self { connection, files: Vec::new() })
    }

    /// Opens the database for reading; `None` if it has no store.
    pub(super) async fn open_existing(path: &Path) -> Result<Option<Self>, StoreError> {
        if !path.try_exists().map_err(|error| StoreError::io(path, error))? {
            return Ok(None);
        }
        let mut connection = reader(path).await?;
        Ok(match check_content(&mut connection, path).await? {
            // A run that died before it created the tables leaves an empty database.
            DatabaseContent::Empty => None,
            DatabaseContent::Store => Some(Self { connection, files: Vec::new() }),
        })
    }

    /// Takes the lock in the database, which fences off every earlier writer. Returns the previous holder.
    pub(super) async fn take(&mut self, path: &Path, owner: &str, now: Timestamp) -> Result<LockHolder, StoreError> {
        let before = sqlx::query_as(sql::STORE).fetch_one(&mut self.connection).await?;
        sqlx::query("update reseat_store set fence = fence + 1, owner = $1, since = $2, until = null, released = 0")
            .bind(owner)
            .bind(now.as_microsecond())
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

    /// Runs a statement and returns its rows.
    pub(super) async fn rows<R>(&mut self, statement: &str, args: &[SqlArg<'_>]) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        let mut query = sqlx::query_as(AssertSqlSafe(statement));
        for arg in args {
            query = match *arg {
                SqlArg::Int(number) => query.bind(number),
                SqlArg::Text(text) => query.bind(text),
                SqlArg::Bytes(bytes) => query.bind(bytes),
            };
        }
        Ok(query.fetch_all(&mut self.connection).await?)
    }

    /// Appends records in one transaction, if the lock is still held.
    pub(super) async fn append(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let mut transaction = self.connection.begin_with("begin immediate").await?;
        let holder: LockHolder = sqlx::query_as(sql::STORE).fetch_one(&mut *transaction).await?;
        if records.iter().any(|record| record.fence != holder.fence) {
            return Err(StoreError::LockLost);
        }
        for chunk in chunks(records) {
            insert_records(&mut transaction, chunk).await?;
        }
        let usage: Vec<_> = records.iter().flat_map(|record| &record.usage).collect();
        for chunk in chunks(&usage) {
            insert_usage(&mut transaction, chunk).await?;
        }
        transaction.commit().await?;
        // Checked after the write: what was written before the file was deleted is in the file.
        self.check_files()
    }

    /// Releases the lock, if it is still held.
    pub(super) async fn release(&mut self, args: &[SqlArg<'_>]) -> Result<(), StoreError> {
        self.check_files()?;
        self.rows::<(i64,)>(sql::RELEASE, args).await.map(|_| ())
    }

    /// Returns the first damage in the pages of the file, including indexes.
    pub(super) async fn damage(&mut self) -> Result<Option<String>, StoreError> {
        let rows: Vec<(String,)> = self.rows("pragma integrity_check(1)", &[]).await?;
        Ok(rows.into_iter().map(|(result,)| result).find(|result| result != "ok"))
    }

    /// Fails if a file was deleted or replaced: writes to it would succeed and be lost.
    fn check_files(&self) -> Result<(), StoreError> {
        for (file, id) in &self.files {
            let is_same = std::fs::metadata(file).is_ok_and(|metadata| DatabaseFileId::of(&metadata) == *id);
            if !is_same {
                return Err(StoreError::Replaced(file.clone()));
            }
        }
        Ok(())
    }
}

/// Splits rows into chunks of few sizes.
fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = CHUNKS.into_iter().find(|size| *size <= rows.len())?;
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// Returns the statement that inserts so many rows.
fn insert(table: &str, columns: &str, rows: usize) -> AssertSqlSafe<String> {
    let row = format!("({})", vec!["?"; columns.split(',').count()].join(","));
    AssertSqlSafe(format!("insert into {table} ({columns}) values {}", vec![row; rows].join(",")))
}

async fn insert_records(connection: &mut SqliteConnection, records: &[Record]) -> Result<(), sqlx::Error> {
    let mut query = sqlx::query(insert("reseat_records", COLUMNS, records.len()));
    for record in records {
        query = query
            .bind(record.seq)
            .bind(record.run)
            .bind(record.fence)
            .bind(record.at)
            .bind(record.event.as_str())
            .bind(record.name.as_deref())
            .bind(record.plan.as_deref())
            .bind(record.operation.as_deref())
            .bind(record.rollback)
            .bind(record.result.as_deref())
            .bind(record.status)
            .bind(record.message.as_deref())
            .bind(record.body.as_deref())
            .bind(record.handle.as_deref())
            .bind(record.detail.as_deref())
            .bind(record.hash.as_slice());
    }
    query.execute(connection).await.map(|_| ())
}

async fn insert_usage(connection: &mut SqliteConnection, usage: &[&UsageRow]) -> Result<(), sqlx::Error> {
    let columns = "run, seq, day, tenant, license, losses, changes";
    let mut query = sqlx::query(insert("reseat_usage", columns, usage.len()));
    for row in usage {
        query = query
            .bind(row.run)
            .bind(row.seq)
            .bind(row.day)
            .bind(row.tenant.as_str())
            .bind(row.license.as_str())
            .bind(row.losses)
            .bind(row.changes);
    }
    query.execute(connection).await.map(|_| ())
}

/// What distinguishes a file from another of the same name, where the system knows it.
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

/// Returns a connection that can read the database as it is.
async fn reader(path: &Path) -> Result<SqliteConnection, StoreError> {
    let modes = [
        options(path).read_only(true),
        // A run that was killed while it created the database leaves a transaction that a reader cannot roll back.
        options(path),
        // WAL mode needs a file beside the database; if that cannot be created, no run can write.
        options(path).read_only(true).immutable(true),
    ];
    let mut first = None;
    for mode in modes {
        match read_once(&mode).await {
            Ok(connection) => return Ok(connection),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.map_or_else(|| StoreError::Corrupted("it cannot be opened".to_owned()), |error| open_error(path, error)))
}

/// Opens the database and reads a row, which shows whether it can be read.
async fn read_once(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let mut connection = options.connect().await?;
    sqlx::query("select 1 from sqlite_schema limit 1").fetch_optional(&mut connection).await?;
    Ok(connection)
}

/// Determines whether a database is a store, empty, or something else.
async fn check_content(connection: &mut SqliteConnection, path: &Path) -> Result<DatabaseContent, StoreError> {
    let tables: Vec<(String,)> = sqlx::query_as("select name from sqlite_schema where type = 'table'")
        .fetch_all(&mut *connection)
        .await
        .map_err(|error| open_error(path, error))?;
    let has = |name: &str| tables.iter().any(|(table,)| table == name);
    if has("reseat_store") {
        let (version,): (i64,) = sqlx::query_as("select version from reseat_store").fetch_one(connection).await?;
        return sql::check_version(version, || path.display().to_string()).map(|()| DatabaseContent::Store);
    }
    if tables.is_empty() {
        return Ok(DatabaseContent::Empty);
    }
    // The tables of the first stores, which had no version.
    if has("runs") && has("journal") {
        return Err(StoreError::UnsupportedVersion { location: path.display().to_string(), version: 0 });
    }
    Err(StoreError::NotAStore(path.to_owned(), "it is the database of another program".to_owned()))
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT).disable_statement_logging()
}

/// Returns why a database could not be opened.
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
