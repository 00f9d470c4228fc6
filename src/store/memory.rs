//! The journal in memory, for simulations and tests. It outlives the store that wrote it.
//!
//! A test can stop the world at an exact record, as a crash does, or give the lock to another runner.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::StoreError;
use super::lock_holder::LockHolder;
use super::record::{Record, signed, unsigned};

/// The storage of a journal in memory; clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryStorage {
    state: Arc<Mutex<MemoryState>>,
    stopped: Arc<Notify>,
}

#[derive(Debug, Default)]
pub(super) struct MemoryState {
    pub(super) records: Vec<Record>,
    plans: BTreeMap<String, Vec<u8>>,
    holder: LockHolder,
    stop_point: Option<StopPoint>,
    is_stopped: bool,
    lease: Option<Duration>,
}

/// The record at which the world stops.
#[derive(Clone, Copy, Debug)]
enum StopPoint {
    Before(i64),
    After(i64),
    /// The disk is full from this record on.
    DiskFull(i64),
}

impl MemoryStorage {
    /// Creates an empty storage.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the world before the record of that number is durable; its writer waits forever.
    pub fn stop_before(&self, seq: u64) {
        self.state().stop_point = Some(StopPoint::Before(signed(seq)));
    }

    /// Stops the world after the record of that number is durable; its writer waits forever.
    pub fn stop_after(&self, seq: u64) {
        self.state().stop_point = Some(StopPoint::After(signed(seq)));
    }

    /// Refuses all records from that number on, like a full disk, until a store is opened.
    pub fn fail_writes_from(&self, seq: u64) {
        self.state().stop_point = Some(StopPoint::DiskFull(signed(seq)));
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

    /// Whether the world has stopped. It continues when a store is opened.
    pub fn is_stopped(&self) -> bool {
        self.state().is_stopped
    }

    /// Returns the number of records.
    pub fn record_count(&self) -> u64 {
        self.state().records.last().map_or(0, |record| unsigned(record.seq))
    }

    /// Gives the lock to another runner, as if the holder's lease had expired.
    pub fn steal_lock(&self, owner: &str) {
        let mut state = self.state();
        state.holder.fence += 1;
        owner.clone_into(&mut state.holder.owner);
        state.holder.released = 0;
    }

    /// Makes the lock a lease of that length for stores that are opened later.
    pub fn set_lease(&self, length: Duration) {
        self.state().lease = Some(length);
    }

    pub(super) fn state(&self) -> MutexGuard<'_, MemoryState> {
        // Never left inconsistent by a panic, so a poisoned lock is safe to reuse.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open journal in memory.
#[derive(Debug)]
pub(super) struct MemoryBackend {
    pub(super) storage: MemoryStorage,
}

impl MemoryBackend {
    /// Takes the lock from its holder, who is dead in a simulation. Returns the previous holder and the length of the lease.
    pub(super) fn open(storage: &MemoryStorage, owner: &str, now: Timestamp) -> (Self, LockHolder, Option<Duration>) {
        let mut state = storage.state();
        let mut before = state.holder.clone();
        before.released |= i64::from(before.fence == 0);
        state.holder.fence += 1;
        owner.clone_into(&mut state.holder.owner);
        state.holder.since = now.as_microsecond();
        state.holder.released = 0;
        state.stop_point = None;
        state.is_stopped = false;
        let lease = state.lease;
        drop(state);
        (Self::reader(storage), before, lease)
    }

    /// Opens the journal for reading, without a lock.
    pub(super) fn reader(storage: &MemoryStorage) -> Self {
        Self { storage: storage.clone() }
    }

    pub(super) async fn append(&self, records: &[Record]) -> Result<(), StoreError> {
        match self.try_append(records) {
            Some(result) => result,
            None => std::future::pending().await,
        }
    }

    /// Appends records; `None` if the world has stopped.
    fn try_append(&self, records: &[Record]) -> Option<Result<(), StoreError>> {
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return Some(Ok(())) };
        let mut state = self.storage.state();
        if state.holder.fence != first.fence {
            return Some(Err(StoreError::LockLost));
        }
        if state.is_stopped {
            return None;
        }
        let numbers = first.seq..=last.seq;
        match state.stop_point {
            Some(StopPoint::DiskFull(seq)) if seq <= last.seq => {
                let full = std::io::Error::new(std::io::ErrorKind::StorageFull, "the disk is full");
                return Some(Err(StoreError::io("memory", full)));
            }
            Some(StopPoint::Before(seq)) if numbers.contains(&seq) => state.is_stopped = true,
            Some(StopPoint::After(seq)) if numbers.contains(&seq) => {
                state.records.extend_from_slice(records);
                state.is_stopped = true;
            }
            Some(_) | None => state.records.extend_from_slice(records),
        }
        let is_stopped = state.is_stopped;
        drop(state);
        if is_stopped {
            self.storage.stopped.notify_waiters();
            return None;
        }
        Some(Ok(()))
    }

    pub(super) fn put_plan(&self, digest: &str, packed: &[u8], fence: i64) -> Result<(), StoreError> {
        let mut state = self.storage.state();
        if state.holder.fence != fence {
            return Err(StoreError::LockLost);
        }
        state.plans.entry(digest.to_owned()).or_insert_with(|| packed.to_vec());
        Ok(())
    }

    pub(super) fn plan(&self, digest: &str) -> Option<Vec<u8>> {
        self.storage.state().plans.get(digest).cloned()
    }

    pub(super) fn holder(&self) -> LockHolder {
        self.storage.state().holder.clone()
    }

    /// Fails if the lock is lost.
    pub(super) fn renew(&self, fence: i64) -> Result<(), StoreError> {
        if self.storage.state().holder.fence == fence { Ok(()) } else { Err(StoreError::LockLost) }
    }

    pub(super) fn release(&self, head: i64, fence: i64) {
        let mut state = self.storage.state();
        if state.holder.fence == fence && !state.is_stopped {
            state.holder.released = 1;
            state.holder.head = head;
        }
    }
}
