//! What a place to keep the journal has to do: take a batch, give batches back, and know who holds the lock.
//!
//! Everything else, what the records mean and the chain included, is the same for all of them.

use super::StoreError;
use super::batch::RecordBatch;
use super::lock_holder::LockHolder;
use super::memory::MemoryBackend;
use super::postgres::Postgres;
use super::select::RecordQuery;
use super::sqlite::Sqlite;

/// A place to keep the journal.
#[derive(Debug)]
pub(super) enum Backend {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
    Memory(MemoryBackend),
}

impl Backend {
    /// Adds a batch; it is durable when this returns.
    pub(super) async fn append(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.append(batch).await,
            Self::Postgres(postgres) => postgres.append(batch).await,
            Self::Memory(memory) => memory.append(batch).await,
        }
    }

    /// Adds a packed plan, where it is not there yet.
    pub(super) async fn put_plan(&mut self, digest: &str, packed: &[u8], fence: u64) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.put_plan(digest, packed, fence).await,
            Self::Postgres(postgres) => postgres.put_plan(digest, packed, fence).await,
            Self::Memory(memory) => memory.put_plan(digest, packed, fence),
        }
    }

    /// A packed plan.
    pub(super) async fn plan(&mut self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.plan(digest).await,
            Self::Postgres(postgres) => postgres.plan(digest).await,
            Self::Memory(memory) => Ok(memory.plan(digest)),
        }
    }

    /// Batches in their order, or backward where the question says so; at most `limit`.
    pub(super) async fn batches(
        &mut self,
        select: RecordQuery<'_>,
        limit: u32,
    ) -> Result<Vec<RecordBatch>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.batches(select, limit).await,
            Self::Postgres(postgres) => postgres.batches(select, limit).await,
            Self::Memory(memory) => Ok(memory.batches(select, limit)),
        }
    }

    /// Who holds the lock, or held it last.
    pub(super) async fn holder(&mut self) -> Result<LockHolder, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.holder().await,
            Self::Postgres(postgres) => postgres.holder().await,
            Self::Memory(memory) => Ok(memory.holder()),
        }
    }

    /// What is wrong with the database itself, where it can tell.
    pub(super) async fn damage(&mut self) -> Result<Option<String>, StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.damage().await,
            // A server looks after its own pages.
            Self::Postgres(_) | Self::Memory(_) => Ok(None),
        }
    }

    /// Renews the lock, where it ends by itself, and looks whether it is still ours.
    pub(super) async fn renew(&mut self, fence: u64) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(postgres) => postgres.renew(fence).await,
            Self::Memory(memory) => memory.renew(fence),
        }
    }

    /// Lets go of the lock, if it is still ours.
    pub(super) async fn release(&mut self, head: u64, fence: u64) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.release(head, fence).await,
            Self::Postgres(postgres) => postgres.release(head, fence).await,
            Self::Memory(memory) => {
                memory.release(head, fence);
                Ok(())
            }
        }
    }

    /// Most callers whose records go into one batch.
    pub(super) fn group(&self) -> usize {
        match self {
            Self::Sqlite(_) | Self::Postgres(_) => usize::MAX,
            // A test stops the world at an exact record.
            Self::Memory(_) => 1,
        }
    }
}
