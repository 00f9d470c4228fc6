//! The store: what was sent and what came of it, kept so that a crash at any moment leaves a true record.
//!
//! There is one truth, the journal: an append-only list of records that a chain of hashes runs through. The history, the
//! rolling windows of the limits, what a later run settles and the audit trail are all read from it. It is kept in SQLite,
//! in PostgreSQL, or in memory for simulations; what the records mean does not depend on where.
//!
//! What must hold: a record is durable before the call that wrote it returns; only one run at a time can write, and
//! whoever lost the lock is refused, for every write carries the number of times that the lock was taken; whoever only
//! reads creates nothing, and needs no store to be there.

mod at_work;
mod audit;
mod backend;
mod batch;
mod error;
mod examine;
mod history;
mod holder;
mod journal;
mod line;
mod lock;
mod memory;
mod packed;
mod past;
mod postgres;
mod row;
mod select;
mod sql;
mod sqlite;
mod url;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::AbortHandle;
use tokio::time::Instant;

pub use crate::model::{Reply, RunState};
pub use at_work::AtWork;
pub use audit::{Broken, Kept, Verified};
pub use error::StoreError;
pub use examine::{Examined, examine};
pub use history::{Earlier, RunRecord, Unanswered, Unfinished};
pub use journal::{Entry, Links, RunJournal};
pub use memory::Memory;
pub use past::Touch;
pub use url::StoreUrl;

use crate::env;
use crate::model::{Digest, Plan};
use backend::Backend;
use batch::{Batch, Head, Mark, Unit};
use holder::Holder;
use line::{Kind, Line, TakenOver};
use lock::RunLock;
use memory::MemoryLog;
use past::day_number;
use postgres::{LEASE, Postgres};
use select::Select;
use sqlite::Sqlite;
use url::Place;
use writer::{Shared, Writer};

/// Batches that are read at once.
const PAGE: u32 = 256;

/// An open store.
///
/// One that [`open`](Self::open) made holds the lock until it is closed or dropped, and can begin runs; one that
/// [`open_existing`](Self::open_existing) made can only read.
#[derive(Debug)]
pub struct Store {
    shared: Arc<Shared>,
    /// Who opened it.
    owner: String,
    /// The plan that was read last: the records of a run ask for the same one again and again.
    read: Mutex<Option<Arc<Plan>>>,
    /// One run begins at a time.
    turn: tokio::sync::Mutex<()>,
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
        let who = env::actor().map_err(StoreError::Actor)?;
        let owner = format!("{who} (process {})", std::process::id());
        let (backend, before, lease, lock) = match &url.0 {
            Place::File { database, lock, folder } => {
                if let Some(folder) = folder {
                    make_folder(folder)?;
                }
                let Some(lock) = RunLock::take(lock)? else { return Err(locked(database).await?) };
                let mut sqlite = Sqlite::open(database).await?;
                let before = sqlite.take(database, &owner, now).await?;
                (Backend::Sqlite(Box::new(sqlite)), before, None, Some(lock))
            }
            Place::Server(options) => {
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
            Place::File { database, .. } => {
                Sqlite::open_existing(database).await?.map(|sqlite| Backend::Sqlite(Box::new(sqlite)))
            }
            Place::Server(options) => {
                Postgres::open_existing(options).await?.map(|postgres| Backend::Postgres(Box::new(postgres)))
            }
        };
        Ok(backend.map(Self::reader))
    }

    /// Opens a store in memory for a run, and takes the lock from whoever has it: in a simulation, that one is dead.
    ///
    /// # Errors
    /// Never, as long as the memory is new or was left by a store.
    pub async fn in_memory(memory: &Memory, owner: &str, now: Timestamp) -> Result<Self, StoreError> {
        let (log, before, lease) = MemoryLog::open(memory, owner, now);
        let lease = lease.map(|length| (length, Instant::now()));
        Self::start(Backend::Memory(log), owner, before, lease, now).await
    }

    /// Opens a store in memory for reading.
    pub fn in_memory_existing(memory: &Memory) -> Self {
        Self::reader(Backend::Memory(MemoryLog::reader(memory)))
    }

    fn reader(backend: Backend) -> Self {
        Self::new(Shared::reader(backend), String::new(), None)
    }

    fn new(shared: Shared, owner: String, writer: Option<AbortHandle>) -> Self {
        Self::of(Arc::new(shared), owner, writer, false)
    }

    fn of(shared: Arc<Shared>, owner: String, writer: Option<AbortHandle>, is_in_memory: bool) -> Self {
        let (read, turn, lock) = (Mutex::default(), tokio::sync::Mutex::default(), Mutex::default());
        Self { shared, owner, read, turn, lock, writer, is_in_memory }
    }

    /// Starts to write where the journal ends.
    async fn start(
        mut backend: Backend,
        owner: &str,
        before: Holder,
        lease: Option<(Duration, Instant)>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut head = Head::START;
        if let Some(last) = backend.batches(Select::Newest, 1).await?.first() {
            let day = match last.day {
                Some(day) => day,
                None => {
                    backend.batches(Select::LastDay, 1).await?.first().and_then(|batch| batch.day).unwrap_or(head.day)
                }
            };
            head = Head { seq: last.last, hash: last.hash, day };
        }
        let is_in_memory = matches!(backend, Backend::Memory(_));
        let shared = Arc::new(Shared::new(backend, before.fence + 1, lease));
        let writer = tokio::spawn(Writer::new(Arc::clone(&shared), head).run()).abort_handle();
        let store = Self::of(shared, owner.to_owned(), Some(writer), is_in_memory);
        if !before.released {
            let mut line = Line::new(Kind::Lock, now);
            line.lock = Some(TakenOver { owner: owner.to_owned(), from: before.owner });
            let mut records = String::new();
            line.push_to(&mut records)?;
            let (mark, day) = (Mark::Plain, day_number(now));
            store.shared.post(Unit { run: 0, mark, name: None, plan: None, day, records, count: 1 })?;
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
        let plan = Arc::new(packed::unpack(&packed)?);
        *self.cached() = Some(Arc::clone(&plan));
        Ok(Some(plan))
    }

    /// The plan of that digest, which a run began with.
    async fn known_plan(&self, digest: &Digest) -> Result<Arc<Plan>, StoreError> {
        self.plan(digest).await?.ok_or_else(|| StoreError::Malformed(format!("the plan `{digest}` is missing")))
    }

    fn cached(&self) -> std::sync::MutexGuard<'_, Option<Arc<Plan>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
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
    async fn batches(&self, select: Select<'_>, limit: u32) -> Result<Vec<Batch>, StoreError> {
        self.settle_writes().await;
        self.shared.backend.lock().await.batches(select, limit).await
    }

    /// Waits until what was handed in is there to be read. What could not be written is told to whoever wrote it.
    async fn settle_writes(&self) {
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
