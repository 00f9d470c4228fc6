//! The storage behind a store: SQLite, PostgreSQL or memory.
//!
//! The two databases share their SQL and everything above [`Database::rows`]; memory answers the same queries from a list.

use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use super::StoreError;
use super::lock_holder::LockHolder;
use super::memory::MemoryBackend;
use super::postgres::Postgres;
use super::record::Record;
use super::sql::{self, SqlArg};
use super::sqlite::Sqlite;

/// The storage of a journal.
#[derive(Debug)]
pub(super) enum Backend {
    Memory(MemoryBackend),
    Database(Database),
}

/// A database that understands SQL.
#[derive(Debug)]
pub(super) enum Database {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
}

/// A row that both databases can decode.
pub(super) trait DatabaseRow:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<R> DatabaseRow for R where R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl Database {
    /// Runs a statement and returns its rows.
    pub(super) async fn rows<R: DatabaseRow>(
        &mut self,
        statement: &str,
        args: &[SqlArg<'_>],
    ) -> Result<Vec<R>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.rows(statement, args).await,
            Self::Postgres(postgres) => postgres.rows(statement, args).await,
        }
    }

    /// Runs a statement that returns at most one row.
    pub(super) async fn row<R: DatabaseRow>(
        &mut self,
        statement: &str,
        args: &[SqlArg<'_>],
    ) -> Result<Option<R>, StoreError> {
        Ok(self.rows(statement, args).await?.pop())
    }

    /// Reads the row about the lock.
    pub(super) async fn holder(&mut self) -> Result<LockHolder, StoreError> {
        let row = self.row(sql::STORE, &[]).await?;
        row.ok_or_else(|| StoreError::Corrupted("the table `reseat_store` is empty".to_owned()))
    }
}

impl Backend {
    /// Appends records, all or none; they are durable when this returns.
    pub(super) async fn append(&mut self, records: &[Record]) -> Result<(), StoreError> {
        match self {
            Self::Memory(memory) => memory.append(records).await,
            Self::Database(Database::Sqlite(sqlite)) => sqlite.append(records).await,
            Self::Database(Database::Postgres(postgres)) => postgres.append(records).await,
        }
    }

    /// Stores a compressed plan unless it is stored already.
    pub(super) async fn put_plan(&mut self, digest: &str, packed: &[u8], fence: i64) -> Result<(), StoreError> {
        match self {
            Self::Memory(memory) => memory.put_plan(digest, packed, fence),
            Self::Database(database) => {
                let args = [SqlArg::Text(digest), SqlArg::Bytes(packed), SqlArg::Int(fence)];
                database.rows::<(i64,)>(sql::PUT_PLAN, &args).await.map(|_| ())
            }
        }
    }

    /// Reads a compressed plan.
    pub(super) async fn plan(&mut self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::Memory(memory) => Ok(memory.plan(digest)),
            Self::Database(database) => {
                let row: Option<(Vec<u8>,)> = database.row(sql::PLAN, &[SqlArg::Text(digest)]).await?;
                Ok(row.map(|(packed,)| packed))
            }
        }
    }

    /// Reads who holds the lock, or held it last.
    pub(super) async fn holder(&mut self) -> Result<LockHolder, StoreError> {
        match self {
            Self::Memory(memory) => Ok(memory.holder()),
            Self::Database(database) => database.holder().await,
        }
    }

    /// Returns the first damage that the database itself detects in its file.
    pub(super) async fn damage(&mut self) -> Result<Option<String>, StoreError> {
        match self {
            Self::Database(Database::Sqlite(sqlite)) => sqlite.damage().await,
            // A server checks its own pages.
            Self::Database(Database::Postgres(_)) | Self::Memory(_) => Ok(None),
        }
    }

    /// Renews the lock if it is a lease, and fails if the lock is lost.
    pub(super) async fn renew(&mut self, fence: i64) -> Result<(), StoreError> {
        match self {
            Self::Memory(memory) => memory.renew(fence),
            Self::Database(Database::Sqlite(_)) => Ok(()),
            Self::Database(Database::Postgres(postgres)) => postgres.renew(fence).await,
        }
    }

    /// Releases the lock if it is still held.
    pub(super) async fn release(&mut self, head: i64, fence: i64) -> Result<(), StoreError> {
        let args = [SqlArg::Int(head), SqlArg::Int(fence)];
        match self {
            Self::Memory(memory) => memory.release(head, fence),
            Self::Database(Database::Sqlite(sqlite)) => sqlite.release(&args).await?,
            Self::Database(Database::Postgres(postgres)) => postgres.release(&args).await?,
        }
        Ok(())
    }

    /// The largest number of callers whose records are written together.
    pub(super) fn group_size(&self) -> usize {
        match self {
            // Tests stop the world at an exact record.
            Self::Memory(_) => 1,
            Self::Database(_) => usize::MAX,
        }
    }
}
