//! The store: what was sent and what came of it, kept so that a crash at any moment leaves a true record.
//!
//! There is one truth, the journal: an append-only list of records that a chain of hashes runs through. The history, the
//! rolling windows of the limits, what a later run settles and the audit trail are all read from it. It is kept in SQLite,
//! in PostgreSQL, or in memory for simulations; what the records mean does not depend on where.
//!
//! What must hold: a record is durable before the call that wrote it returns; only one run at a time can write, and
//! whoever lost the lock is refused, for every write carries the number of times that the lock was taken; whoever only
//! reads creates nothing, and needs no store to be there.

mod audit;
mod backend;
mod batch;
mod database_row;
mod error;
mod history;
mod inspect;
mod journal;
mod lock;
mod lock_holder;
mod memory;
mod pending;
mod plan_codec;
mod postgres;
mod record_line;
mod select;
mod sql;
mod sqlite;
mod url;
mod usage;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::AbortHandle;
use tokio::time::Instant;

pub use crate::model::{RecordedReply, RunState};
pub use audit::{BrokenChain, ExpectedHead, VerifiedChain};
pub use error::StoreError;
pub use history::{PreviousAttempt, RunRecord, UnfinishedRun, UnresolvedOperation};
pub use inspect::{StoreStatus, inspect};
pub use journal::{JournalEntry, RunJournal, RunLinks};
pub use memory::MemoryStorage;
pub use pending::AcceptedOperation;
pub use url::StoreUrl;
pub use usage::LicenseUsage;

use crate::env;
use crate::model::{Digest, Plan};
use backend::Backend;
use batch::{BatchMark, ChainHead, RecordBatch, WriteUnit};
use lock::RunLock;
use lock_holder::LockHolder;
use memory::MemoryBackend;
use postgres::{LEASE, Postgres};
use record_line::{LockTakeover, RecordKind, RecordLine};
use select::RecordQuery;
use sqlite::Sqlite;
use url::StoreLocation;
use usage::day_number;
use writer::{JournalWriter, WriteQueue};

/// Batches that are read at once.
const PAGE: u32 = 256;

/// An open store.
///
/// One that [`open`](Self::open) made holds the lock until it is closed or dropped, and can begin runs; one that
/// [`open_existing`](Self::open_existing) made can only read.
#[derive(Debug)]
pub struct Store {
    shared: Arc<WriteQueue>,
    /// Who opened it.
    owner: String,
    /// The plan that was read last: the records of a run ask for the same one again and again.
    cached_plan: Mutex<Option<Arc<Plan>>>,
    /// One run begins at a time.
    begin_guard: tokio::sync::Mutex<()>,
    lock: Mutex<Option<RunLock>>,
    writer: Option<AbortHandle>,
    is_in_memory: bool,
}

impl Store {
    /// Opens the store for a run, made where there is none, and takes the lock.
    ///
    /// # Errors
    /// [`StoreError::Locked`] while another run has it; else what the files or the database refuse.
    pub async fn open(url: &StoreUrl, now: Timestamp) -> Result<Self, StoreError> {
        let who = env::actor().map_err(StoreError::InvalidActor)?;
        let owner = format!("{who} (process {})", std::process::id());
        let (backend, before, lease, lock) = match &url.0 {
            StoreLocation::File { database, lock, folder } => {
                if let Some(folder) = folder {
                    make_folder(folder)?;
                }
                let Some(lock) = RunLock::take(lock)? else { return Err(locked(database).await?) };
                let mut sqlite = Sqlite::open(database).await?;
                let before = sqlite.take(database, &owner, now).await?;
                (Backend::Sqlite(Box::new(sqlite)), before, None, Some(lock))
            }
            StoreLocation::Server(options) => {
                let mut postgres = Postgres::open(options).await?;
                let asked = Instant::now();
                let before = postgres.take(&owner).await?;
                (Backend::Postgres(Box::new(postgres)), before, Some((LEASE, asked)), None)
            }
        };
        let mut store = Self::start(backend, &owner, before, lease, now).await?;
        store.owner = who;
        store.lock = Mutex::new(lock);
        Ok(store)
    }

    /// Opens the store for reading; `None` where there is none. Nothing is made.
    ///
    /// # Errors
    /// What the database refuses, and [`StoreError::Version`].
    pub async fn open_existing(url: &StoreUrl) -> Result<Option<Self>, StoreError> {
        let backend = match &url.0 {
            StoreLocation::File { database, .. } => {
                Sqlite::open_existing(database).await?.map(|sqlite| Backend::Sqlite(Box::new(sqlite)))
            }
            StoreLocation::Server(options) => {
                Postgres::open_existing(options).await?.map(|postgres| Backend::Postgres(Box::new(postgres)))
            }
        };
        Ok(backend.map(Self::reader))
    }

    /// Opens a store in memory for a run, and takes the lock from whoever has it: in a simulation, that one is dead.
    ///
    /// # Errors
    /// Never, as long as the memory is new or was left by a store.
    pub async fn open_in_memory(memory: &MemoryStorage, owner: &str, now: Timestamp) -> Result<Self, StoreError> {
        let (log, before, lease) = MemoryBackend::open(memory, owner, now);
        let lease = lease.map(|length| (length, Instant::now()));
        Self::start(Backend::Memory(log), owner, before, lease, now).await
    }

    /// Opens a store in memory for reading.
    pub fn read_in_memory(memory: &MemoryStorage) -> Self {
        Self::reader(Backend::Memory(MemoryBackend::reader(memory)))
    }

    fn reader(backend: Backend) -> Self {
        Self::new(WriteQueue::reader(backend), String::new(), None)
    }

    fn new(shared: WriteQueue, owner: String, writer: Option<AbortHandle>) -> Self {
        Self::of(Arc::new(shared), owner, writer, false)
    }

    fn of(shared: Arc<WriteQueue>, owner: String, writer: Option<AbortHandle>, is_in_memory: bool) -> Self {
        let (read, turn, lock) = (Mutex::default(), tokio::sync::Mutex::default(), Mutex::default());
        Self { shared, owner, cached_plan: read, begin_guard: turn, lock, writer, is_in_memory }
    }

    /// Starts to write where the journal ends.
    async fn start(
        mut backend: Backend,
        owner: &str,
        before: LockHolder,
        lease: Option<(Duration, Instant)>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut head = ChainHead::START;
        if let Some(last) = backend.batches(RecordQuery::Newest, 1).await?.first() {
            let day = match last.day {
                Some(day) => day,
                None => backend
                    .batches(RecordQuery::LastDay, 1)
                    .await?
                    .first()
                    .and_then(|batch| batch.day)
                    .unwrap_or(head.day),
            };
            head = ChainHead { seq: last.last, hash: last.hash, day };
        }
        let is_in_memory = matches!(backend, Backend::Memory(_));
        let shared = Arc::new(WriteQueue::new(backend, before.fence + 1, lease));
        let writer = tokio::spawn(JournalWriter::new(Arc::clone(&shared), head).run()).abort_handle();
        let store = Self::of(shared, owner.to_owned(), Some(writer), is_in_memory);
        if !before.released {
            let mut line = RecordLine::new(RecordKind::Lock, now);
            line.lock = Some(LockTakeover { owner: owner.to_owned(), from: before.owner });
            let mut records = String::new();
            line.push_to(&mut records)?;
            let (mark, day) = (BatchMark::Plain, day_number(now));
            store.shared.enqueue(WriteUnit { run: 0, mark, name: None, plan: None, day, records, count: 1 })?;
        }
        Ok(store)
    }

    /// Who opened it, as the records say.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Whether another run is known to have taken the lock: nothing may be sent any more.
    pub fn is_fenced(&self) -> bool {
        self.shared.is_fenced()
    }

    /// For how long the lock is surely ours; `None` where it lasts as long as the process.
    pub fn lease_left(&self) -> Option<Duration> {
        self.shared.lease_left()
    }

    /// The plan of that digest, if a run began with it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn plan(&self, digest: &Digest) -> Result<Option<Arc<Plan>>, StoreError> {
        if let Some(plan) = self.cached().as_ref().filter(|plan| plan.digest == *digest) {
            return Ok(Some(Arc::clone(plan)));
        }
        let packed = self.shared.backend.lock().await.plan(digest.as_str()).await?;
        let Some(packed) = packed else { return Ok(None) };
        let plan = Arc::new(plan_codec::unpack(&packed)?);
        *self.cached() = Some(Arc::clone(&plan));
        Ok(Some(plan))
    }

    /// The plan of that digest, which a run began with.
    async fn required_plan(&self, digest: &Digest) -> Result<Arc<Plan>, StoreError> {
        self.plan(digest).await?.ok_or_else(|| StoreError::Corrupted(format!("the plan `{digest}` is missing")))
    }

    fn cached(&self) -> std::sync::MutexGuard<'_, Option<Arc<Plan>>> {
        self.cached_plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until everything that was handed in is durable.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.shared.flush().await
    }

    /// Writes what was handed in, lets go of the lock and closes the database. Nothing can be written afterwards.
    ///
    /// # Errors
    /// When something that was handed in could not be written.
    pub async fn close(&self) -> Result<(), StoreError> {
        if self.writer.is_none() {
            return Ok(());
        }
        self.shared.close();
        self.shared.closed().await;
        *self.lock.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.shared.failure().map_or(Ok(()), Err)
    }

    /// Batches of the journal, with everything that was handed in so far.
    async fn batches(&self, select: RecordQuery<'_>, limit: u32) -> Result<Vec<RecordBatch>, StoreError> {
        self.flush_pending_writes().await;
        self.shared.backend.lock().await.batches(select, limit).await
    }

    /// Waits until what was handed in is there to be read. What could not be written is told to whoever wrote it.
    async fn flush_pending_writes(&self) {
        if self.shared.failure().is_none() {
            let _ = self.shared.flush().await;
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.shared.close();
        if let Some(writer) = self.writer.as_ref().filter(|_| self.is_in_memory) {
            // A simulated run that goes away is one that died: what it handed in and did not wait for is lost.
            writer.abort();
        }
    }
}

/// Who holds the system's lock beside a database, as far as the database tells.
async fn locked(database: &Path) -> Result<StoreError, StoreError> {
    let unknown = StoreError::Locked { owner: None, since: None, until: None, fence: 0 };
    Ok(match Sqlite::open_existing(database).await? {
        Some(mut sqlite) => sqlite.holder().await?.locked(),
        None => unknown,
    })
}

/// Makes the default folder, and keeps it out of Git: it holds names of people, and no two checkouts share it.
fn make_folder(folder: &Path) -> Result<(), StoreError> {
    let failed = |path: &Path, error| StoreError::file(path, error);
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
