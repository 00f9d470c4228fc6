//! The store: an append-only journal of what was sent, with a lock, kept in SQLite or PostgreSQL.
//!
//! The history, the rolling limits, the recovery after a crash and the audit trail are queries on the journal. It can also
//! be kept in memory for simulations.
//!
//! Invariants: a record is durable before the call that wrote it returns. Only one run can write at a time, and every write
//! checks the number of times that the lock was taken, so a run that lost it is refused. Reading creates nothing and
//! does not need a store.

mod audit;
mod backend;
mod error;
mod history;
mod inspect;
mod journal;
mod lock;
mod lock_holder;
mod memory;
mod memory_query;
mod pending;
mod plan_codec;
mod postgres;
mod query;
mod record;
mod sql;
mod sqlite;
mod url;
mod usage;
mod verify;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::AbortHandle;
use tokio::time::Instant;

pub use crate::model::{RecordedReply, RunState};
pub use error::StoreError;
pub use history::{PreviousAttempt, RunRecord, UnfinishedRun, UnresolvedOperation};
pub use inspect::{StoreStatus, inspect};
pub use journal::{JournalEntry, RunJournal, RunLinks};
pub use memory::MemoryStorage;
pub use pending::AcceptedOperation;
pub use url::StoreUrl;
pub use usage::LicenseUsage;
pub use verify::{BrokenChain, ExpectedHead, VerifiedChain};

use crate::env;
use crate::model::{Digest, Plan};
use backend::{Backend, Database};
use lock::RunLock;
use lock_holder::LockHolder;
use memory::MemoryBackend;
use postgres::{LEASE, Postgres};
use query::RecordFilter;
use record::{LockTakeover, Record, RecordEvent};
use sqlite::Sqlite;
use url::StoreLocation;
use writer::{ChainHead, JournalWriter, WriteQueue};

/// An open store.
///
/// A store from [`open`](Self::open) holds the lock until it is closed or dropped, and can begin runs; a store from
/// [`open_existing`](Self::open_existing) can only read.
#[derive(Debug)]
pub struct Store {
    queue: Arc<WriteQueue>,
    owner: String,
    /// The plan that was read last, which the records of a run need again and again.
    cached_plan: Mutex<Option<Arc<Plan>>>,
    /// Held while a run begins.
    begin_guard: tokio::sync::Mutex<()>,
    lock: Mutex<Option<RunLock>>,
    writer: Option<AbortHandle>,
    is_in_memory: bool,
}

impl Store {
    /// Opens the store for a run, creates it if necessary, and takes the lock.
    ///
    /// # Errors
    /// [`StoreError::Locked`] while another run holds the lock, and the errors of files and databases.
    pub async fn open(url: &StoreUrl, now: Timestamp) -> Result<Self, StoreError> {
        let actor = env::actor().map_err(StoreError::InvalidActor)?;
        let owner = format!("{actor} (process {})", std::process::id());
        let (database, before, lease, lock) = match &url.0 {
            StoreLocation::File { database, lock, folder } => {
                if let Some(folder) = folder {
                    create_folder(folder)?;
                }
                let Some(lock) = RunLock::take(lock)? else { return Err(locked_error(database).await?) };
                let mut sqlite = Sqlite::open(database).await?;
                let before = sqlite.take(database, &owner, now).await?;
                (Database::Sqlite(Box::new(sqlite)), before, None, Some(lock))
            }
            StoreLocation::Server(options) => {
                let mut postgres = Postgres::open(options).await?;
                let requested = Instant::now();
                let before = postgres.take(&owner).await?;
                (Database::Postgres(Box::new(postgres)), before, Some((LEASE, requested)), None)
            }
        };
        let mut store = Self::start(Backend::Database(database), &owner, before, lease, now).await?;
        store.owner = actor;
        store.lock = Mutex::new(lock);
        Ok(store)
    }

    /// Opens the store for reading; `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::UnsupportedVersion`], and the errors of files and databases.
    pub async fn open_existing(url: &StoreUrl) -> Result<Option<Self>, StoreError> {
        let database = match &url.0 {
            StoreLocation::File { database, .. } => {
                Sqlite::open_existing(database).await?.map(|sqlite| Database::Sqlite(Box::new(sqlite)))
            }
            StoreLocation::Server(options) => {
                Postgres::open_existing(options).await?.map(|postgres| Database::Postgres(Box::new(postgres)))
            }
        };
        Ok(database.map(|database| Self::reader(Backend::Database(database))))
    }

    /// Opens a store in memory for a run, and takes the lock from its holder, who is dead in a simulation.
    ///
    /// # Errors
    /// When the records of an earlier store cannot be read.
    pub async fn open_in_memory(memory: &MemoryStorage, owner: &str, now: Timestamp) -> Result<Self, StoreError> {
        let (backend, before, lease) = MemoryBackend::open(memory, owner, now);
        let lease = lease.map(|length| (length, Instant::now()));
        Self::start(Backend::Memory(backend), owner, before, lease, now).await
    }

    /// Opens a store in memory for reading.
    pub fn read_in_memory(memory: &MemoryStorage) -> Self {
        Self::reader(Backend::Memory(MemoryBackend::reader(memory)))
    }

    fn reader(backend: Backend) -> Self {
        let is_in_memory = matches!(backend, Backend::Memory(_));
        Self::new(Arc::new(WriteQueue::reader(backend)), String::new(), None, is_in_memory)
    }

    fn new(queue: Arc<WriteQueue>, owner: String, writer: Option<AbortHandle>, is_in_memory: bool) -> Self {
        let (cached_plan, begin_guard, lock) = (Mutex::default(), tokio::sync::Mutex::default(), Mutex::default());
        Self { queue, owner, cached_plan, begin_guard, lock, writer, is_in_memory }
    }

    /// Starts the writer at the end of the journal.
    async fn start(
        mut backend: Backend,
        owner: &str,
        before: LockHolder,
        lease: Option<(Duration, Instant)>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut head = ChainHead::start();
        if let Some(last) = backend.records(RecordFilter::Last).await?.pop() {
            head = ChainHead { seq: last.seq, hash: last.hash, day: backend.last_day().await? };
        }
        let is_in_memory = matches!(backend, Backend::Memory(_));
        let queue = Arc::new(WriteQueue::new(backend, before.fence + 1, lease));
        let writer = tokio::spawn(JournalWriter::new(Arc::clone(&queue), head).run()).abort_handle();
        let store = Self::new(queue, owner.to_owned(), Some(writer), is_in_memory);
        if !before.is_released() {
            let takeover = LockTakeover { owner: owner.to_owned(), from: before.owner };
            store.queue.enqueue(vec![Record::new(RecordEvent::Lock, now).with_detail(&takeover)?])?;
        }
        Ok(store)
    }

    /// Returns who opened the store.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Whether another run is known to have taken the lock, so nothing more may be sent.
    pub fn is_fenced(&self) -> bool {
        self.queue.is_fenced()
    }

    /// Returns how long the lock is certainly held; `None` if it lasts as long as the process.
    pub fn lease_left(&self) -> Option<Duration> {
        self.queue.lease_left()
    }

    /// Returns the plan of a digest, if a run began with it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn plan(&self, digest: &Digest) -> Result<Option<Arc<Plan>>, StoreError> {
        if let Some(plan) = self.cached().as_ref().filter(|plan| plan.digest == *digest) {
            return Ok(Some(Arc::clone(plan)));
        }
        let packed = self.queue.backend.lock().await.plan(digest.as_str()).await?;
        let Some(packed) = packed else { return Ok(None) };
        let plan = Arc::new(plan_codec::unpack(&packed)?);
        *self.cached() = Some(Arc::clone(&plan));
        Ok(Some(plan))
    }

    /// Returns the plan that a run began with.
    async fn required_plan(&self, digest: &Digest) -> Result<Arc<Plan>, StoreError> {
        self.plan(digest).await?.ok_or_else(|| StoreError::Corrupted(format!("the plan `{digest}` is missing")))
    }

    fn cached(&self) -> MutexGuard<'_, Option<Arc<Plan>>> {
        self.cached_plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until everything that was enqueued is durable.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.queue.flush().await
    }

    /// Writes what was enqueued, releases the lock and closes the database.
    ///
    /// # Errors
    /// When something that was enqueued could not be written.
    pub async fn close(&self) -> Result<(), StoreError> {
        if self.writer.is_none() {
            return Ok(());
        }
        self.queue.close();
        self.queue.closed().await;
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.queue.failure().map_or(Ok(()), Err)
    }

    /// Waits until what was enqueued can be read. A failure is reported to the task that writes.
    async fn flush_pending_writes(&self) {
        if self.queue.failure().is_none() {
            let _ = self.queue.flush().await;
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.as_ref().filter(|_| self.is_in_memory) {
            // A simulated run that is dropped has died: what it enqueued without waiting is lost.
            writer.abort();
        }
    }
}

/// Returns the error for a database whose lock file another process holds.
async fn locked_error(database: &Path) -> Result<StoreError, StoreError> {
    let holder = match Sqlite::open_existing(database).await? {
        Some(sqlite) => Database::Sqlite(Box::new(sqlite)).holder().await?,
        None => LockHolder::default(),
    };
    Ok(holder.locked_error())
}

/// Creates the default folder and makes Git ignore it: it contains names of people, and no two checkouts share it.
fn create_folder(folder: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(folder).map_err(|error| StoreError::io(folder, error))?;
    let ignore = folder.join(".gitignore");
    match std::fs::OpenOptions::new().write(true).create_new(true).open(&ignore) {
        Ok(mut file) => std::io::Write::write_all(&mut file, b"*\n").map_err(|error| StoreError::io(&ignore, error)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::io(&ignore, error)),
    }
}

#[cfg(test)]
mod tests;
