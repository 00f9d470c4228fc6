//! Group commit: many tasks enqueue records, and one task writes all of them with one sync.
//!
//! The next batch gathers while the last one is written. The first failure is final: every later record gets the same
//! error, so nothing more is sent.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::StoreError;
use super::backend::Backend;
use super::record::{GENESIS, Record};

/// A batch with this many records takes no more.
const BATCH_MAX: usize = 1024;

/// A lease is renewed this many times before it would expire.
const RENEWALS_PER_LEASE: u32 = 3;

/// The end of the hash chain.
#[derive(Clone, Debug)]
pub(super) struct ChainHead {
    /// The number of the last record.
    pub(super) seq: i64,
    pub(super) hash: Vec<u8>,
    /// The last day that usage is counted for, in days since 1970. It never decreases.
    pub(super) day: i64,
}

impl ChainHead {
    /// Returns the head of an empty journal.
    pub(super) fn start() -> Self {
        Self { seq: 0, hash: GENESIS.to_vec(), day: 0 }
    }

    /// Numbers and links a record after the head, which it becomes.
    fn link(&mut self, record: &mut Record, fence: i64) -> Result<(), StoreError> {
        for usage in &mut record.usage {
            self.day = self.day.max(usage.day);
            usage.day = self.day;
        }
        record.link(self.seq + 1, fence, &self.hash)?;
        self.seq = record.seq;
        self.hash.clone_from(&record.hash);
        Ok(())
    }
}

/// What the writer shares with the tasks that enqueue records.
#[derive(Debug)]
pub(super) struct WriteQueue {
    pub(super) backend: tokio::sync::Mutex<Backend>,
    state: Mutex<QueueState>,
    wake: Notify,
    fenced: AtomicBool,
    pub(super) fence: i64,
    lease: Option<LeaseTimer>,
    /// Notified when the writer has ended.
    done: Notify,
}

#[derive(Debug)]
struct LeaseTimer {
    length: Duration,
    /// Until when the lock is certainly held.
    until: Mutex<Instant>,
}

#[derive(Debug, Default)]
struct QueueState {
    writes: VecDeque<QueuedWrite>,
    failure: Option<StoreError>,
    closed: bool,
    finished: bool,
}

/// Records of one caller that are written together; none if the caller waits only for earlier ones.
#[derive(Debug)]
struct QueuedWrite {
    records: Vec<Record>,
    reply: Option<oneshot::Sender<Result<i64, StoreError>>>,
}

impl WriteQueue {
    /// Creates the queue of a store that can write.
    pub(super) fn new(backend: Backend, fence: i64, lease: Option<(Duration, Instant)>) -> Self {
        let timer = |(length, requested)| LeaseTimer { length, until: Mutex::new(requested + length) };
        Self {
            backend: tokio::sync::Mutex::new(backend),
            state: Mutex::default(),
            wake: Notify::new(),
            fenced: AtomicBool::new(false),
            fence,
            lease: lease.map(timer),
            done: Notify::new(),
        }
    }

    /// Creates the queue of a store that only reads, which refuses records.
    pub(super) fn reader(backend: Backend) -> Self {
        let queue = Self::new(backend, 0, None);
        *queue.state() =
            QueueState { writes: VecDeque::new(), failure: Some(StoreError::ReadOnly), closed: true, finished: true };
        queue
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        // Never left inconsistent by a panic, so a poisoned lock is safe to reuse.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether another run is known to have taken the lock.
    pub(super) fn is_fenced(&self) -> bool {
        self.fenced.load(Ordering::Acquire)
    }

    /// Returns how long the lock is certainly held; `None` if it does not expire.
    pub(super) fn lease_left(&self) -> Option<Duration> {
        let lease = self.lease.as_ref()?;
        let until = *lease.until.lock().unwrap_or_else(PoisonError::into_inner);
        Some(until.saturating_duration_since(Instant::now()))
    }

    /// Enqueues records without waiting; they are written before any that are enqueued later.
    pub(super) fn enqueue(&self, records: Vec<Record>) -> Result<(), StoreError> {
        self.push(QueuedWrite { records, reply: None })
    }

    /// Writes records, waits until they are durable, and returns the number of the first.
    pub(super) async fn write(&self, records: Vec<Record>) -> Result<i64, StoreError> {
        let (reply, result) = oneshot::channel();
        self.push(QueuedWrite { records, reply: Some(reply) })?;
        // The writer ends without a reply only when its runtime ends.
        result.await.unwrap_or(Err(StoreError::LockLost))
    }

    /// Waits until everything that was enqueued before is durable.
    pub(super) async fn flush(&self) -> Result<(), StoreError> {
        self.write(Vec::new()).await.map(|_| ())
    }

    fn push(&self, write: QueuedWrite) -> Result<(), StoreError> {
        let mut state = self.state();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        if state.closed {
            return Err(StoreError::ReadOnly);
        }
        state.writes.push_back(write);
        drop(state);
        self.wake.notify_one();
        Ok(())
    }

    /// Refuses further records; those in the queue are still written.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.wake.notify_one();
    }

    /// Waits until the writer has written everything and released the lock.
    pub(super) async fn closed(&self) {
        loop {
            let done = self.done.notified();
            if self.state().finished {
                return;
            }
            done.await;
        }
    }

    /// Returns why writing failed, if it did.
    pub(super) fn failure(&self) -> Option<StoreError> {
        self.state().failure.clone()
    }

    fn fail(&self, error: &StoreError) {
        if matches!(error, StoreError::LockLost) {
            self.fenced.store(true, Ordering::Release);
        }
        let mut state = self.state();
        state.failure.get_or_insert_with(|| error.clone());
        let writes = std::mem::take(&mut state.writes);
        drop(state);
        for write in writes {
            notify(write.reply, Err(error.clone()));
        }
    }

    /// Extends the lease, counted from before the request because the answer may have been delayed.
    fn renewed(&self, requested: Instant) {
        if let Some(lease) = &self.lease {
            *lease.until.lock().unwrap_or_else(PoisonError::into_inner) = requested + lease.length;
        }
    }
}

fn notify(reply: Option<oneshot::Sender<Result<i64, StoreError>>>, result: Result<i64, StoreError>) {
    if let Some(reply) = reply {
        // A caller that was dropped does not need the result.
        let _ = reply.send(result);
    }
}

/// The task that writes. No caller that is dropped can interrupt a write.
pub(super) struct JournalWriter {
    queue: Arc<WriteQueue>,
    head: ChainHead,
}

impl JournalWriter {
    pub(super) fn new(queue: Arc<WriteQueue>, head: ChainHead) -> Self {
        Self { queue, head }
    }

    /// Writes what is enqueued until the store is closed.
    pub(super) async fn run(mut self) {
        let group = self.queue.backend.lock().await.group_size();
        loop {
            // Tasks that are ready to enqueue something do so first: one sync covers all of it.
            tokio::task::yield_now().await;
            let queue = Arc::clone(&self.queue);
            let wake = queue.wake.notified();
            let batch = self.take_batch(group);
            if !batch.is_empty() {
                self.write(batch).await;
            } else if self.queue.state().closed {
                break;
            } else {
                self.wait(wake).await;
            }
        }
        let (queue, head) = (self.queue, self.head);
        if queue.failure().is_none() {
            // A lock that is not released is soon free as well.
            let _ = queue.backend.lock().await.release(head.seq, queue.fence).await;
        }
        queue.state().finished = true;
        queue.done.notify_waiters();
    }

    /// Waits for something to write, and keeps the lease alive meanwhile.
    async fn wait(&self, wake: impl Future<Output = ()>) {
        let Some(lease) = &self.queue.lease else { return wake.await };
        let left = self.queue.lease_left().unwrap_or_default();
        let due = left.saturating_sub(lease.length - lease.length / RENEWALS_PER_LEASE);
        tokio::select! {
            () = wake => {}
            () = tokio::time::sleep(due) => self.renew_lease().await,
        }
    }

    async fn renew_lease(&self) {
        if self.queue.failure().is_some() {
            // The lock is not needed, and expires.
            return tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let requested = Instant::now();
        let renewed = self.queue.backend.lock().await.renew(self.queue.fence).await;
        match renewed {
            Ok(()) => self.queue.renewed(requested),
            Err(error) => self.queue.fail(&error),
        }
    }

    /// Takes the writes of one batch from the queue.
    fn take_batch(&self, group: usize) -> Vec<QueuedWrite> {
        let mut state = self.queue.state();
        let (mut batch, mut records) = (Vec::new(), 0);
        while batch.len() < group && records < BATCH_MAX {
            let Some(write) = state.writes.pop_front() else { break };
            records += write.records.len();
            batch.push(write);
        }
        batch
    }

    async fn write(&mut self, batch: Vec<QueuedWrite>) {
        let mut records = Vec::new();
        let mut replies = Vec::with_capacity(batch.len());
        let mut head = self.head.clone();
        let mut result = Ok(());
        for write in batch {
            // A caller that only waits gets the number of the last record.
            let first = head.seq + i64::from(!write.records.is_empty());
            replies.push((first, write.reply));
            for mut record in write.records {
                result = result.and_then(|()| head.link(&mut record, self.queue.fence));
                records.push(record);
            }
        }
        let requested = Instant::now();
        if result.is_ok() && !records.is_empty() {
            result = self.queue.backend.lock().await.append(&records).await;
        }
        if let Err(error) = result {
            for (_, reply) in replies {
                notify(reply, Err(error.clone()));
            }
            return self.queue.fail(&error);
        }
        if !records.is_empty() {
            self.queue.renewed(requested);
        }
        self.head = head;
        for (first, reply) in replies {
            notify(reply, Ok(first));
        }
    }
}
