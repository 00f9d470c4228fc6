//! Concurrency limiter of one tenant: permits in order of priority, fewer of them after the vendor throttles.
//!
//! A task holds a [`Permit`] while it works at the tenant, and waits with it for the [`RequestLimiter`] before each
//! request. Invariants: whatever closes a gap goes first, everything else in order of arrival; dropping a permit, for
//! whatever reason, frees its slot.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::concurrency::AdaptiveLimit;
use super::wait_budget::{WaitBudget, WorkGuard};
use super::{backoff, jitter};
use crate::adapter::RequestLimiter;
use crate::adapter::throttle_headers::MAX_PAUSE;

/// One in this many slots may be lent while its holder waits for the journal.
const LENT_DIVISOR: u32 = 8;

/// The order in which tasks get permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RequestPriority {
    /// A task that lent its slot while it journaled the operation that it is about to send.
    Returning,
    /// A person is between two licenses.
    ClosesGap,
    /// Everything else.
    Normal,
}

/// The wait budget of the run ended before the vendor's pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WaitExpired;

/// The concurrency limiter of one tenant.
#[derive(Debug)]
pub(crate) struct ConcurrencyLimiter {
    requests: Arc<RequestLimiter>,
    wait_budget: Arc<WaitBudget>,
    seed: u64,
    state: Mutex<LimiterState>,
}

#[derive(Debug)]
struct LimiterState {
    concurrency: AdaptiveLimit,
    active: u32,
    lent: u32,
    /// The end of the last pause that was reported.
    paused_until: Option<Instant>,
    /// Throttled answers since the last good one.
    consecutive_throttles: u32,
    queue: BTreeMap<(RequestPriority, u64), Arc<Notify>>,
    next_ticket: u64,
}

/// A slot among the tasks in flight.
#[derive(Debug)]
pub(crate) struct Permit {
    limiter: Arc<ConcurrencyLimiter>,
    holds_slot: bool,
    /// Whether the task works, which uses no wait budget, or only polls.
    is_work: bool,
    work_guard: Option<WorkGuard>,
}

/// A position in the queue; dropping it leaves the queue.
struct QueueTicket<'a> {
    limiter: &'a ConcurrencyLimiter,
    key: (RequestPriority, u64),
}

impl Drop for QueueTicket<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.state();
        state.queue.remove(&self.key);
        state.wake_next();
    }
}

impl LimiterState {
    fn wake_next(&self) {
        if self.active < self.concurrency.slots()
            && let Some((_, first)) = self.queue.first_key_value()
        {
            first.notify_one();
        }
    }

    fn try_enter(&mut self, key: Option<(RequestPriority, u64)>) -> bool {
        let is_first = match key {
            None => self.queue.is_empty(),
            Some(key) => self.queue.first_key_value().is_some_and(|(first, _)| *first == key),
        };
        let enters = is_first && self.active < self.concurrency.slots();
        self.active += u32::from(enters);
        enters
    }
}

impl ConcurrencyLimiter {
    /// Allows that many tasks in flight, whose requests pass `requests`.
    pub(crate) fn new(in_flight: u32, requests: Arc<RequestLimiter>, wait_budget: Arc<WaitBudget>, seed: u64) -> Self {
        let state = LimiterState {
            concurrency: AdaptiveLimit::new(in_flight),
            active: 0,
            lent: 0,
            paused_until: None,
            consecutive_throttles: 0,
            queue: BTreeMap::new(),
            next_ticket: 0,
        };
        Self { requests, wait_budget, seed, state: Mutex::new(state) }
    }

    /// Waits for a permit to work.
    pub(crate) async fn acquire(self: &Arc<Self>, priority: RequestPriority) -> Permit {
        self.wait_for_slot(priority).await;
        let work_guard = Some(self.wait_budget.begin_work());
        Permit { limiter: Arc::clone(self), holds_slot: true, is_work: true, work_guard }
    }

    /// Waits for a permit to poll for a result.
    pub(crate) async fn acquire_for_polling(self: &Arc<Self>) -> Permit {
        self.wait_for_slot(RequestPriority::Normal).await;
        Permit { limiter: Arc::clone(self), holds_slot: true, is_work: false, work_guard: None }
    }

    /// Returns how many permits there are now.
    pub(crate) fn slots(&self) -> u32 {
        self.state().concurrency.slots()
    }

    /// Returns how many tasks keep the tenant busy: one per slot, and those that lent theirs.
    pub(crate) fn task_limit(&self) -> u32 {
        let slots = self.slots();
        slots + slots / LENT_DIVISOR
    }

    /// Records a good answer.
    pub(crate) fn record_success(&self) {
        let mut state = self.state();
        state.consecutive_throttles = 0;
        if state.concurrency.grow() {
            state.wake_next();
        }
    }

    /// Records a throttled answer: pauses all requests, for the requested time or with a back-off. Returns the pause and
    /// the slots that are left, unless an earlier answer already caused that pause.
    pub(crate) fn record_throttle(&self, requested: Option<Duration>) -> Option<(Duration, u32)> {
        let now = Instant::now();
        let mut state = self.state();
        let is_reduced = state.concurrency.reduce(now);
        let pause = requested.map(|requested| requested.min(MAX_PAUSE)).unwrap_or_else(|| {
            // All requests in flight are refused together, and count once.
            state.consecutive_throttles += u32::from(is_reduced || state.consecutive_throttles == 0);
            let throttles = state.consecutive_throttles;
            backoff::backoff_pause(throttles, jitter::fraction(self.seed, u64::MAX, u64::from(throttles)))
        });
        let until = now + pause;
        let is_new =
            state.paused_until.is_none_or(|end| end <= now || (end < until && (is_reduced || requested.is_some())));
        is_new.then(|| {
            state.paused_until = Some(until);
            self.requests.pause(pause);
            (pause, state.concurrency.slots())
        })
    }

    async fn wait_for_slot(&self, priority: RequestPriority) {
        let (ticket, called) = {
            let mut state = self.state();
            if state.try_enter(None) {
                return;
            }
            let key = (priority, state.next_ticket);
            state.next_ticket += 1;
            let called = Arc::new(Notify::new());
            state.queue.insert(key, Arc::clone(&called));
            (QueueTicket { limiter: self, key }, called)
        };
        loop {
            // A task that just became the first has not been notified.
            if self.state().try_enter(Some(ticket.key)) {
                return;
            }
            called.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, LimiterState> {
        // Never left inconsistent by a panic, so a poisoned lock is safe to reuse.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Takes the tokens of that many requests, and waits until they may leave.
    ///
    /// # Errors
    /// The wait budget ended before the vendor's pause.
    pub(crate) async fn wait_for_tokens(&mut self, requests: u32) -> Result<(), WaitExpired> {
        let due = self.limiter.requests.reserve(requests);
        // Rate limits use no wait budget: the run goes on as fast as it may.
        if due > Instant::now() {
            sleep_until(due).await;
        }
        while let Some(rest) = self.limiter.requests.remaining_pause() {
            self.work_guard = None;
            tokio::select! {
                biased;
                () = tokio::time::sleep(rest) => {}
                () = self.limiter.wait_budget.exhausted() => return Err(WaitExpired),
            }
        }
        if self.is_work && self.work_guard.is_none() {
            self.work_guard = Some(self.limiter.wait_budget.begin_work());
        }
        Ok(())
    }

    /// Lends the slot while `work` runs, if not too many are lent.
    pub(crate) async fn release_while<T>(&mut self, work: impl Future<Output = T>) -> T {
        let is_lent = {
            let mut state = self.limiter.state();
            let is_lent = state.lent < state.concurrency.slots() / LENT_DIVISOR;
            if is_lent {
                state.lent += 1;
                state.active -= 1;
                self.holds_slot = false;
                state.wake_next();
            }
            is_lent
        };
        let done = work.await;
        if is_lent {
            self.limiter.wait_for_slot(RequestPriority::Returning).await;
            self.limiter.state().lent -= 1;
            self.holds_slot = true;
        }
        done
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.limiter.state();
        if self.holds_slot {
            state.active = state.active.saturating_sub(1);
        } else {
            state.lent = state.lent.saturating_sub(1);
        }
        state.wake_next();
    }
}

#[cfg(test)]
mod tests;
