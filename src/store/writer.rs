//! Group commit: many tasks hand in records, one task writes them, and whoever waits is told when its own are durable.
//!
//! While one batch is on its way to the disk the next one gathers, so that one sync covers all that came meanwhile. The
//! first failure is the last write: every later record gets the same error, and so nothing is sent any more.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::StoreError;
use super::backend::Backend;
use super::batch::{BatchMark, ChainHead, RecordBatch, WriteUnit};

/// A batch that holds so many bytes takes no further unit.
const BATCH_BYTES: usize = 1 << 16;

/// How long a lock that is a lease is good without a sign of life, in parts: it is renewed three times as often.
const RENEWALS_PER_LEASE: u32 = 3;

/// What the writer and those who hand in records share.
#[derive(Debug)]
pub(super) struct WriteQueue {
    pub(super) backend: tokio::sync::Mutex<Backend>,
    queue: Mutex<QueueState>,
    wake: Notify,
    fenced: AtomicBool,
    pub(super) fence: u64,
    /// Until when the lock is surely ours, where it is a lease.
    lease: Option<LeaseTimer>,
    /// Told when the writer is done for good.
    done: Notify,
}

#[derive(Debug)]
struct LeaseTimer {
    length: Duration,
    until: Mutex<Instant>,
}

#[derive(Debug, Default)]
struct QueueState {
    units: VecDeque<QueuedWrite>,
    failure: Option<StoreError>,
    closed: bool,
    finished: bool,
}

/// What somebody hands in, and where to tell of it.
#[derive(Debug)]
struct QueuedWrite {
    /// Nothing, where somebody only wants to know that all before it is durable.
    unit: Option<WriteUnit>,
    reply: Option<oneshot::Sender<Result<u64, StoreError>>>,
}

impl WriteQueue {
    /// What a store that may write shares.
    pub(super) fn new(backend: Backend, fence: u64, lease: Option<(Duration, Instant)>) -> Self {
        let until = |(length, asked)| LeaseTimer { length, until: Mutex::new(asked + length) };
        Self {
            backend: tokio::sync::Mutex::new(backend),
            queue: Mutex::default(),
            wake: Notify::new(),
            fenced: AtomicBool::new(false),
            fence,
            lease: lease.map(until),
            done: Notify::new(),
        }
    }

    /// What a store that only reads shares: nobody can hand in anything.
    pub(super) fn reader(backend: Backend) -> Self {
        let shared = Self::new(backend, 0, None);
        let mut queue = shared.queue();
        queue.failure = Some(StoreError::ReadOnly);
        queue.closed = true;
        queue.finished = true;
        drop(queue);
        shared
    }

    fn queue(&self) -> MutexGuard<'_, QueueState> {
        // Nothing in here breaks off half-way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the lock is known to be lost.
    pub(super) fn is_fenced(&self) -> bool {
        self.fenced.load(Ordering::Acquire)
    }

    /// For how long the lock is surely ours; `None` where it does not end by itself.
    pub(super) fn lease_left(&self) -> Option<Duration> {
        let lease = self.lease.as_ref()?;
        let until = *lease.until.lock().unwrap_or_else(PoisonError::into_inner);
        Some(until.saturating_duration_since(Instant::now()))
    }

    /// Hands in a unit without waiting for it; it is in order before whatever is handed in later.
    pub(super) fn enqueue(&self, unit: WriteUnit) -> Result<(), StoreError> {
        self.push(QueuedWrite { unit: Some(unit), reply: None })
    }

    /// Hands in a unit, and waits until it is durable; the number of its first record.
    pub(super) async fn write(&self, unit: WriteUnit) -> Result<u64, StoreError> {
        self.wait_for(Some(unit)).await
    }

    /// Waits until everything that was handed in before is durable.
    pub(super) async fn flush(&self) -> Result<(), StoreError> {
        self.wait_for(None).await.map(|_| ())
    }

    async fn wait_for(&self, unit: Option<WriteUnit>) -> Result<u64, StoreError> {
        let (tell, told) = oneshot::channel();
        self.push(QueuedWrite { unit, reply: Some(tell) })?;
        // The writer goes away only with its runtime.
        told.await.unwrap_or(Err(StoreError::LockLost))
    }

    fn push(&self, waiting: QueuedWrite) -> Result<(), StoreError> {
        let mut queue = self.queue();
        if let Some(failure) = &queue.failure {
            return Err(failure.clone());
        }
        if queue.closed {
            return Err(StoreError::ReadOnly);
        }
        queue.units.push_back(waiting);
        drop(queue);
        self.wake.notify_one();
        Ok(())
    }

    /// Takes no more; what was handed in is still written.
    pub(super) fn close(&self) {
        self.queue().closed = true;
        self.wake.notify_one();
    }

    /// Waits until the writer has written everything and let go of the lock.
    pub(super) async fn closed(&self) {
        loop {
            let done = self.done.notified();
            if self.queue().finished {
                return;
            }
            done.await;
        }
    }

    /// How the writing failed, if it did.
    pub(super) fn failure(&self) -> Option<StoreError> {
        self.queue().failure.clone()
    }

    fn fail(&self, error: &StoreError) {
        if matches!(error, StoreError::LockLost) {
            self.fenced.store(true, Ordering::Release);
        }
        let mut queue = self.queue();
        queue.failure.get_or_insert_with(|| error.clone());
        let left = std::mem::take(&mut queue.units);
        drop(queue);
        for waiting in left {
            waiting.notify(Err(error.clone()));
        }
    }

    fn renewed(&self, asked: Instant) {
        if let Some(lease) = &self.lease {
            // Counted from before the question: the answer may have been long on its way.
            *lease.until.lock().unwrap_or_else(PoisonError::into_inner) = asked + lease.length;
        }
    }
}

impl QueuedWrite {
    fn notify(self, result: Result<u64, StoreError>) {
        if let Some(told) = self.reply {
            // Whoever does not listen any more does not need it.
            let _ = told.send(result);
        }
    }
}

/// The writer's side: it lives in a task of its own, so that nobody who goes away half-way leaves a write in doubt.
pub(super) struct JournalWriter {
    shared: Arc<WriteQueue>,
    head: ChainHead,
}

/// A batch, and who waits for it.
struct PendingBatch {
    batch: Option<RecordBatch>,
    /// The day that the batch counts for.
    day: i64,
    waiting: Vec<(u64, QueuedWrite)>,
}

impl JournalWriter {
    pub(super) fn new(shared: Arc<WriteQueue>, head: ChainHead) -> Self {
        Self { shared, head }
    }

    /// Writes what is handed in, until the store is closed.
    pub(super) async fn run(mut self) {
        let group = self.shared.backend.lock().await.group();
        loop {
            // Whoever is ready to hand something in does so first: one sync covers all of it.
            tokio::task::yield_now().await;
            let shared = Arc::clone(&self.shared);
            let wake = shared.wake.notified();
            match self.take_batch(group) {
                Some(load) => self.write(load).await,
                None if self.shared.queue().closed => break,
                None => self.wait(wake).await,
            }
        }
        let (shared, head) = (self.shared, self.head);
        if shared.failure().is_none() {
            // A lock that nobody let go of is free soon as well.
            let _ = shared.backend.lock().await.release(head.seq, shared.fence).await;
        }
        shared.queue().finished = true;
        shared.done.notify_waiters();
    }

    /// Waits for something to write; meanwhile a lease is kept alive.
    async fn wait(&self, wake: impl Future<Output = ()>) {
        let Some(lease) = &self.shared.lease else { return wake.await };
        let left = self.shared.lease_left().unwrap_or_default();
        let beat = lease.length / RENEWALS_PER_LEASE;
        // The next sign of life is due when one part of the lease is over.
        let rest = left.saturating_sub(lease.length - beat);
        tokio::select! {
            () = wake => {}
            () = tokio::time::sleep(rest) => self.renew_lease().await,
        }
    }

    async fn renew_lease(&self) {
        if self.shared.failure().is_some() {
            // Nobody needs the lock any more; it ends by itself.
            return tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let asked = Instant::now();
        let renewed = self.shared.backend.lock().await.renew(self.shared.fence).await;
        match renewed {
            Ok(()) => self.shared.renewed(asked),
            Err(error) => self.shared.fail(&error),
        }
    }

    /// Takes what fits into one batch from the queue.
    fn take_batch(&self, group: usize) -> Option<PendingBatch> {
        let mut queue = self.shared.queue();
        let mut load = PendingBatch { batch: None, day: self.head.day, waiting: Vec::new() };
        while load.waiting.len() < group {
            let Some(next) = queue.units.front() else { break };
            if next.unit.as_ref().is_some_and(|unit| !load.takes(unit)) {
                break;
            }
            let Some(waiting) = queue.units.pop_front() else { break };
            load.add(waiting, &self.head, self.shared.fence);
        }
        (!load.waiting.is_empty()).then_some(load)
    }

    async fn write(&mut self, load: PendingBatch) {
        let PendingBatch { batch, day: _, waiting } = load;
        if let Some(batch) = batch {
            let asked = Instant::now();
            let written = self.shared.backend.lock().await.append(&batch).await;
            if let Err(error) = written {
                for (_, waiting) in waiting {
                    waiting.notify(Err(error.clone()));
                }
                return self.shared.fail(&error);
            }
            self.shared.renewed(asked);
            self.head = batch.head(&self.head);
        }
        for (first, waiting) in waiting {
            waiting.notify(Ok(first));
        }
    }
}

impl PendingBatch {
    /// Whether the unit can go into the same batch.
    fn takes(&self, unit: &WriteUnit) -> bool {
        let Some(batch) = &self.batch else { return true };
        let is_plain = batch.mark == BatchMark::Plain && unit.mark == BatchMark::Plain;
        is_plain && batch.run == unit.run && batch.records.len() < BATCH_BYTES && unit.day <= self.day
    }

    fn add(&mut self, mut waiting: QueuedWrite, head: &ChainHead, fence: u64) {
        let mut first = self.batch.as_ref().map_or(head.seq + 1, |batch| batch.last + 1);
        match (waiting.unit.take(), &mut self.batch) {
            (None, _) => first -= 1,
            (Some(unit), Some(batch)) => batch.add(&unit.records, unit.count),
            (Some(unit), batch @ None) => {
                self.day = self.day.max(unit.day);
                *batch = Some(unit.into_batch(head, fence));
            }
        }
        self.waiting.push((first, waiting));
    }
}
