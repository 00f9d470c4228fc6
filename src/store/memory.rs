//! The journal in memory, for simulations and tests: without files, threads or a clock of its own, and it outlives the
//! run that wrote it.
//!
//! It can stop the world at an exact record, as a crash would, and hand the lock to somebody else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::StoreError;
use super::batch::{BatchMark, RecordBatch};
use super::lock_holder::LockHolder;
use super::select::RecordQuery;

/// What a journal in memory is kept in; a clone is the same memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryStorage {
    kept: Arc<Mutex<MemoryState>>,
    stopped: Arc<Notify>,
}

#[derive(Debug, Default)]
struct MemoryState {
    batches: Vec<RecordBatch>,
    plans: BTreeMap<String, Vec<u8>>,
    owner: String,
    since: Option<Timestamp>,
    fence: u64,
    released: bool,
    head: u64,
    halt: Option<StopPoint>,
    is_stopped: bool,
    lease: Option<Duration>,
}

/// When the world stops, in records from the beginning of the journal.
#[derive(Clone, Copy, Debug)]
enum StopPoint {
    Before(u64),
    After(u64),
    /// The disk is full from this record on.
    DiskFull(u64),
}

impl MemoryStorage {
    /// Empty memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the world just before the record of that number becomes durable: whoever writes it never hears of it.
    pub fn stop_before(&self, seq: u64) {
        self.state().halt = Some(StopPoint::Before(seq));
    }

    /// Stops the world just after the record of that number became durable: whoever wrote it never hears of it.
    pub fn stop_after(&self, seq: u64) {
        self.state().halt = Some(StopPoint::After(seq));
    }

    /// Refuses to take the record of that number and all that follow, as a full disk does, until somebody opens the store anew.
    pub fn fail_writes_from(&self, seq: u64) {
        self.state().halt = Some(StopPoint::DiskFull(seq));
    }

    /// Waits until the world has stopped.
    pub async fn wait_until_stopped(&self) {
        loop {
            let notified = self.stopped.notified();
            if self.is_stopped() {
                return;
            }
            notified.await;
        }
    }

    /// Whether the world has stopped. Opening the store anew lets it go on.
    pub fn is_stopped(&self) -> bool {
        self.state().is_stopped
    }

    /// How many records there are.
    pub fn record_count(&self) -> u64 {
        self.state().batches.last().map_or(0, |batch| batch.last)
    }

    /// Hands the lock to another runner, as if the lease of the one who holds it had ended.
    pub fn steal_lock(&self, owner: &str) {
        let mut kept = self.state();
        kept.fence += 1;
        owner.clone_into(&mut kept.owner);
        kept.released = false;
    }

    /// The lock is a lease of that length from now on, and not bound to the life of its holder. Stores that are opened
    /// later see it.
    pub fn set_lease(&self, length: Duration) {
        self.state().lease = Some(length);
    }

    fn state(&self) -> MutexGuard<'_, MemoryState> {
        // What a test that failed left behind is as whole as before: nothing in here breaks off half-way.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open journal in memory.
#[derive(Debug)]
pub(super) struct MemoryBackend {
    memory: MemoryStorage,
}

impl MemoryBackend {
    /// Takes the lock, whoever has it: in a simulation whoever held it is dead.
    pub(super) fn open(memory: &MemoryStorage, owner: &str, now: Timestamp) -> (Self, LockHolder, Option<Duration>) {
        let log = Self { memory: memory.clone() };
        let mut before = log.holder();
        let mut kept = memory.state();
        before.released |= kept.fence == 0;
        kept.fence += 1;
        owner.clone_into(&mut kept.owner);
        kept.since = Some(now);
        kept.released = false;
        kept.halt = None;
        kept.is_stopped = false;
        let lease = kept.lease;
        drop(kept);
        (log, before, lease)
    }

    /// Opens it for reading, without a lock.
    pub(super) fn reader(memory: &MemoryStorage) -> Self {
        Self { memory: memory.clone() }
    }

    pub(super) async fn append(&self, batch: &RecordBatch) -> Result<(), StoreError> {
        match self.try_append(batch) {
            Some(result) => result,
            // Nobody hears anything any more.
            None => std::future::pending().await,
        }
    }

    /// Adds the batch; `None` where the world has stopped.
    fn try_append(&self, batch: &RecordBatch) -> Option<Result<(), StoreError>> {
        let mut kept = self.memory.state();
        if kept.fence != batch.fence {
            return Some(Err(StoreError::LockLost));
        }
        if kept.is_stopped {
            return None;
        }
        let holds = |seq: u64| batch.first <= seq && seq <= batch.last;
        match kept.halt {
            Some(StopPoint::DiskFull(seq)) if seq <= batch.last => {
                let full = std::io::Error::new(std::io::ErrorKind::StorageFull, "the disk is full");
                return Some(Err(StoreError::file("memory", full)));
            }
            Some(StopPoint::Before(seq)) if holds(seq) => {
                kept.is_stopped = true;
            }
            Some(StopPoint::After(seq)) if holds(seq) => {
                kept.batches.push(batch.clone());
                kept.is_stopped = true;
            }
            Some(_) | None => kept.batches.push(batch.clone()),
        }
        let is_stopped = kept.is_stopped;
        drop(kept);
        if is_stopped {
            self.memory.stopped.notify_waiters();
            return None;
        }
        Some(Ok(()))
    }

    pub(super) fn put_plan(&self, digest: &str, packed: &[u8], fence: u64) -> Result<(), StoreError> {
        let mut kept = self.memory.state();
        if kept.fence != fence {
            return Err(StoreError::LockLost);
        }
        kept.plans.entry(digest.to_owned()).or_insert_with(|| packed.to_vec());
        Ok(())
    }

    pub(super) fn plan(&self, digest: &str) -> Option<Vec<u8>> {
        self.memory.state().plans.get(digest).cloned()
    }

    pub(super) fn batches(&self, select: RecordQuery<'_>, limit: u32) -> Vec<RecordBatch> {
        let kept = self.memory.state();
        let is_ended = |run| kept.batches.iter().any(|batch| batch.mark == BatchMark::Ended && batch.run == run);
        let taken = |batch: &&RecordBatch| select.takes(batch, is_ended);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if select.is_backward() {
            kept.batches.iter().rev().filter(taken).take(limit).cloned().collect()
        } else {
            kept.batches.iter().filter(taken).take(limit).cloned().collect()
        }
    }

    pub(super) fn holder(&self) -> LockHolder {
        let kept = self.memory.state();
        LockHolder {
            owner: kept.owner.clone(),
            since: kept.since,
            until: None,
            fence: kept.fence,
            released: kept.released,
            head: kept.head,
        }
    }

    /// Whether the lock is still that one.
    pub(super) fn renew(&self, fence: u64) -> Result<(), StoreError> {
        if self.memory.state().fence == fence { Ok(()) } else { Err(StoreError::LockLost) }
    }

    pub(super) fn release(&self, head: u64, fence: u64) {
        let mut kept = self.memory.state();
        if kept.fence == fence && !kept.is_stopped {
            kept.released = true;
            kept.head = head;
        }
    }
}
