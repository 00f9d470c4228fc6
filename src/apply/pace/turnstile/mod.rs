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

use super::limit::Limit;
use super::{backoff, chance};
use crate::adapter::bucket::Bucket;
use crate::adapter::throttle::PAUSE_MAX;
use crate::apply::patience::{Patience, Work};
use crate::model::Rate;

/// How many places may be lent while their holders wait for the journal, as a part of those that there are.
const LENT_PART: u32 = 8;

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::apply) enum Class {
    /// Whoever lent the place, and has written down what is sent.
    Back,
    /// Somebody is between two licenses.
    Closing,
    /// Everything else.
    Ordinary,
}

/// The patience of the run was over before the tenant's rest was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::apply) struct Impatient;

/// The way to one tenant.
#[derive(Debug)]
pub(in crate::apply) struct Turnstile {
    patience: Arc<Patience>,
    seed: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: Limit,
    active: u32,
    lent: u32,
    buckets: Vec<Bucket>,
    rests_until: Option<Instant>,
    /// Throttled answers since the last good one.
    throttled: u32,
    queue: BTreeMap<(Class, u64), Arc<Notify>>,
    drawn: u64,
}

/// A place among those in flight; dropping it makes room.
#[derive(Debug)]
pub(in crate::apply) struct Turn {
    stile: Arc<Turnstile>,
    holds: bool,
    /// Whether it is work, which costs no patience, or only looks whether something came.
    works: bool,
    work: Option<Work>,
}

/// A place in the queue; dropping it leaves the queue.
struct Ticket<'a> {
    stile: &'a Turnstile,
    key: (Class, u64),
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut state = self.stile.state();
        state.queue.remove(&self.key);
        state.call();
    }
}

impl State {
    /// Wakes whoever is first, if there is room.
    fn call(&self) {
        if self.active < self.limit.slots()
            && let Some((_, first)) = self.queue.first_key_value()
        {
            first.notify_one();
        }
    }

    fn enter(&mut self, key: Option<(Class, u64)>) -> bool {
        let is_first = match key {
            None => self.queue.is_empty(),
            Some(key) => self.queue.first_key_value().is_some_and(|(first, _)| *first == key),
        };
        let enters = is_first && self.active < self.limit.slots();
        self.active += u32::from(enters);
        enters
    }
}

impl Turnstile {
    /// The way to a tenant that bears so many requests at a time and so many in some seconds.
    pub(in crate::apply) fn new(in_flight: u32, rates: &[Rate], patience: Arc<Patience>, seed: u64) -> Self {
        let state = State {
            limit: Limit::new(in_flight),
            active: 0,
            lent: 0,
            buckets: rates.iter().map(|rate| Bucket::new(*rate)).collect(),
            rests_until: None,
            throttled: 0,
            queue: BTreeMap::new(),
            drawn: 0,
        };
        Self { patience, seed, state: Mutex::new(state) }
    }

    /// Takes a turn to work.
    pub(in crate::apply) async fn enter(self: &Arc<Self>, class: Class) -> Turn {
        self.place(class).await;
        Turn { stile: Arc::clone(self), holds: true, works: true, work: Some(self.patience.work()) }
    }

    /// Takes a turn to look whether something came.
    pub(in crate::apply) async fn look(self: &Arc<Self>) -> Turn {
        self.place(Class::Ordinary).await;
        Turn { stile: Arc::clone(self), holds: true, works: false, work: None }
    }

    /// How many requests may be in flight just now.
    pub(in crate::apply) fn slots(&self) -> u32 {
        self.state().limit.slots()
    }

    /// How many tasks keep it busy: those that may be in flight, and those whose place is lent meanwhile.
    pub(in crate::apply) fn width(&self) -> u32 {
        let slots = self.slots();
        slots + slots / LENT_PART
    }

    /// The tenant answered as it should.
    pub(in crate::apply) fn went_well(&self) {
        let mut state = self.state();
        state.throttled = 0;
        if state.limit.grow() {
            state.call();
        }
    }

    /// The tenant asked for a rest, in so many words or without: for how long nothing is sent, where that is news, and
    /// how many may be in flight afterwards.
    pub(in crate::apply) fn rest(&self, asked: Option<Duration>) -> Option<(Duration, u32)> {
        let now = Instant::now();
        let mut state = self.state();
        let is_cut = state.limit.cut(now);
        let pause = asked.map(|asked| asked.min(PAUSE_MAX)).unwrap_or_else(|| {
            // Everything that was in flight is refused together, and counts once.
            state.throttled += u32::from(is_cut || state.throttled == 0);
            backoff::pause(state.throttled, chance::fraction(self.seed, u64::MAX, u64::from(state.throttled)))
        });
        let until = now + pause;
        let is_news =
            state.rests_until.is_none_or(|rests| rests <= now || (rests < until && (is_cut || asked.is_some())));
        if is_news {
            state.rests_until = Some(until);
        }
        is_news.then(|| (pause, state.limit.slots()))
    }

    /// The tenant answered as it should, and asks for a rest before the next request.
    pub(in crate::apply) fn rest_before_next(&self, pause: Duration) {
        let until = Instant::now() + pause.min(PAUSE_MAX);
        let mut state = self.state();
        state.rests_until = state.rests_until.max(Some(until));
    }

    /// Waits for a place, and takes it.
    async fn place(&self, class: Class) {
        let (ticket, called) = {
            let mut state = self.state();
            if state.enter(None) {
                return;
            }
            let key = (class, state.drawn);
            state.drawn += 1;
            let called = Arc::new(Notify::new());
            state.queue.insert(key, Arc::clone(&called));
            (Ticket { stile: self, key }, called)
        };
        loop {
            // Whoever comes in front of the others need not be called.
            if self.state().enter(Some(ticket.key)) {
                return;
            }
            called.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The figures are whole after every line that changes them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Waits until a request may go: every bucket has a token for it, and the tenant does not rest.
    ///
    /// # Errors
    /// [`Impatient`] where the run may not wait for the end of the rest.
    pub(in crate::apply) async fn request(&mut self) -> Result<(), Impatient> {
        let now = Instant::now();
        let due = {
            let mut state = self.stile.state();
            state.buckets.iter_mut().map(|bucket| bucket.reserve(now)).max()
        };
        // A pace is no waiting: the run goes on as fast as it may.
        if let Some(due) = due.filter(|due| *due > now) {
            sleep_until(due).await;
        }
        loop {
            let rests = self.stile.state().rests_until.filter(|until| *until > Instant::now());
            let Some(until) = rests else { break };
            self.work = None;
            tokio::select! {
                biased;
                () = sleep_until(until) => {}
                () = self.stile.patience.over() => return Err(Impatient),
            }
        }
        if self.works && self.work.is_none() {
            self.work = Some(self.stile.patience.work());
        }
        Ok(())
    }

    /// Lends the place while `work` goes on, where not too many are lent.
    pub(in crate::apply) async fn lend<T>(&mut self, work: impl Future<Output = T>) -> T {
        let lends = {
            let mut state = self.stile.state();
            let lends = state.lent < state.limit.slots() / LENT_PART;
            if lends {
                state.lent += 1;
                state.active -= 1;
                self.holds = false;
                state.call();
            }
            lends
        };
        let done = work.await;
        if lends {
            self.stile.place(Class::Back).await;
            self.stile.state().lent -= 1;
            self.holds = true;
        }
        done
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.stile.state();
        if self.holds {
            state.active = state.active.saturating_sub(1);
        } else {
            state.lent = state.lent.saturating_sub(1);
        }
        state.call();
    }
}

#[cfg(test)]
mod tests;
