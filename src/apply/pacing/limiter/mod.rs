//! The way to a tenant: whoever sends or reads there passes through it.
//!
//! A task takes a [`Turn`], which is a place among those in flight, and asks before each request, which costs a token of
//! every bucket and waits while the tenant rests. What must hold: whoever closes a gap goes first, all others in the
//! order in which they came; a turn that is dropped, however it comes about, makes room.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::concurrency::AdaptiveLimit;
use super::{backoff, jitter};
use crate::adapter::throttle_headers::MAX_PAUSE;
use crate::adapter::token_bucket::TokenBucket;
use crate::apply::pacing::wait_budget::{WaitBudget, WorkGuard};
use crate::model::RateLimit;

/// How many places may be lent while their holders wait for the journal, as a part of those that there are.
const LENT_DIVISOR: u32 = 8;

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RequestPriority {
    /// Whoever lent the place, and has written down what is sent.
    Returning,
    /// Somebody is between two licenses.
    ClosesGap,
    /// Everything else.
    Normal,
}

/// The patience of the run was over before the tenant's rest was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WaitExpired;

/// The way to one tenant.
#[derive(Debug)]
pub(crate) struct TenantLimiter {
    wait_budget: Arc<WaitBudget>,
    seed: u64,
    state: Mutex<LimiterState>,
}

#[derive(Debug)]
struct LimiterState {
    concurrency: AdaptiveLimit,
    active: u32,
    lent: u32,
    buckets: Vec<TokenBucket>,
    paused_until: Option<Instant>,
    /// Throttled answers since the last good one.
    consecutive_throttles: u32,
    queue: BTreeMap<(RequestPriority, u64), Arc<Notify>>,
    next_ticket: u64,
}

/// A place among those in flight; dropping it makes room.
#[derive(Debug)]
pub(crate) struct Permit {
    limiter: Arc<TenantLimiter>,
    holds_slot: bool,
    /// Whether it is work, which costs no patience, or only looks whether something came.
    is_work: bool,
    work_guard: Option<WorkGuard>,
}

/// A place in the queue; dropping it leaves the queue.
struct QueueTicket<'a> {
    limiter: &'a TenantLimiter,
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
    /// Wakes whoever is first, if there is room.
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

impl TenantLimiter {
    /// The way to a tenant that bears so many requests at a time and so many in some seconds.
    pub(crate) fn new(in_flight: u32, rates: &[RateLimit], patience: Arc<WaitBudget>, seed: u64) -> Self {
        let state = LimiterState {
            concurrency: AdaptiveLimit::new(in_flight),
            active: 0,
            lent: 0,
            buckets: rates.iter().map(|rate| TokenBucket::new(*rate)).collect(),
            paused_until: None,
            consecutive_throttles: 0,
            queue: BTreeMap::new(),
            next_ticket: 0,
        };
        Self { wait_budget: patience, seed, state: Mutex::new(state) }
    }

    /// Takes a turn to work.
    pub(crate) async fn acquire(self: &Arc<Self>, class: RequestPriority) -> Permit {
        self.wait_for_slot(class).await;
        Permit {
            limiter: Arc::clone(self),
            holds_slot: true,
            is_work: true,
            work_guard: Some(self.wait_budget.begin_work()),
        }
    }

    /// Takes a turn to look whether something came.
    pub(crate) async fn acquire_for_polling(self: &Arc<Self>) -> Permit {
        self.wait_for_slot(RequestPriority::Normal).await;
        Permit { limiter: Arc::clone(self), holds_slot: true, is_work: false, work_guard: None }
    }

    /// How many requests may be in flight just now.
    pub(crate) fn slots(&self) -> u32 {
        self.state().concurrency.slots()
    }

    /// How many tasks keep it busy: those that may be in flight, and those whose place is lent meanwhile.
    pub(crate) fn task_limit(&self) -> u32 {
        let slots = self.slots();
        slots + slots / LENT_DIVISOR
    }

    /// The tenant answered as it should.
    pub(crate) fn record_success(&self) {
        let mut state = self.state();
        state.consecutive_throttles = 0;
        if state.concurrency.grow() {
            state.wake_next();
        }
    }

    /// The tenant asked for a rest, in so many words or without: for how long nothing is sent, where that is news, and
    /// how many may be in flight afterwards.
    pub(crate) fn record_throttle(&self, asked: Option<Duration>) -> Option<(Duration, u32)> {
        let now = Instant::now();
        let mut state = self.state();
        let is_cut = state.concurrency.reduce(now);
        let pause = asked.map(|asked| asked.min(MAX_PAUSE)).unwrap_or_else(|| {
            // Everything that was in flight is refused together, and counts once.
            state.consecutive_throttles += u32::from(is_cut || state.consecutive_throttles == 0);
            backoff::backoff_pause(
                state.consecutive_throttles,
                jitter::fraction(self.seed, u64::MAX, u64::from(state.consecutive_throttles)),
            )
        });
        let until = now + pause;
        let is_news =
            state.paused_until.is_none_or(|rests| rests <= now || (rests < until && (is_cut || asked.is_some())));
        if is_news {
            state.paused_until = Some(until);
        }
        is_news.then(|| (pause, state.concurrency.slots()))
    }

    /// The tenant answered as it should, and asks for a rest before the next request.
    pub(crate) fn pause_next(&self, pause: Duration) {
        let until = Instant::now() + pause.min(MAX_PAUSE);
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Some(until));
    }

    /// Waits for a place, and takes it.
    async fn wait_for_slot(&self, class: RequestPriority) {
        let (ticket, called) = {
            let mut state = self.state();
            if state.try_enter(None) {
                return;
            }
            let key = (class, state.next_ticket);
            state.next_ticket += 1;
            let called = Arc::new(Notify::new());
            state.queue.insert(key, Arc::clone(&called));
            (QueueTicket { limiter: self, key }, called)
        };
        loop {
            // Whoever comes in front of the others need not be called.
            if self.state().try_enter(Some(ticket.key)) {
                return;
            }
            called.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, LimiterState> {
        // The figures are whole after every line that changes them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Waits until a request may go: every bucket has a token for it, and the tenant does not rest.
    ///
    /// # Errors
    /// [`Impatient`] where the run may not wait for the end of the rest.
    pub(crate) async fn wait_for_token(&mut self) -> Result<(), WaitExpired> {
        let now = Instant::now();
        let due = {
            let mut state = self.limiter.state();
            state.buckets.iter_mut().map(|bucket| bucket.reserve(now)).max()
        };
        // A pace is no waiting: the run goes on as fast as it may.
        if let Some(due) = due.filter(|due| *due > now) {
            sleep_until(due).await;
        }
        loop {
            let rests = self.limiter.state().paused_until.filter(|until| *until > Instant::now());
            let Some(until) = rests else { break };
            self.work_guard = None;
            tokio::select! {
                biased;
                () = sleep_until(until) => {}
                () = self.limiter.wait_budget.exhausted() => return Err(WaitExpired),
            }
        }
        if self.is_work && self.work_guard.is_none() {
            self.work_guard = Some(self.limiter.wait_budget.begin_work());
        }
        Ok(())
    }

    /// Lends the place while `work` goes on, where not too many are lent.
    pub(crate) async fn release_while<T>(&mut self, work: impl Future<Output = T>) -> T {
        let lends = {
            let mut state = self.limiter.state();
            let lends = state.lent < state.concurrency.slots() / LENT_DIVISOR;
            if lends {
                state.lent += 1;
                state.active -= 1;
                self.holds_slot = false;
                state.wake_next();
            }
            lends
        };
        let done = work.await;
        if lends {
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
