//! How long a run may wait, all in all.
//!
//! Waiting is the time in which the run does nothing else: while anything is being sent, the clock stands still. So a
//! long run keeps its patience for the end, and a run that hangs ends after the time that the user gave it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::apply::StopSignal;

/// The first pause between two looks; each one is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The first pause before a vendor is asked what became of something that it is at work on: vendors that document a pace
/// ask for one to two seconds, and for no more than one question a second.
const FIRST_POLL: Duration = Duration::from_secs(1);
/// The longest pause between two looks.
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// The shortest pause, so that the last bit of patience is not spent on hundreds of looks.
const MIN_PAUSE: Duration = Duration::from_millis(20);

/// The patience of a run.
#[derive(Debug)]
pub(crate) struct WaitBudget {
    limit: Duration,
    state: Mutex<BudgetState>,
}

#[derive(Debug)]
struct BudgetState {
    active: usize,
    spent: Duration,
    /// Since when nobody works.
    idle_since: Instant,
}

/// Somebody works: until it is dropped, no patience is spent.
#[derive(Debug)]
pub(crate) struct WorkGuard(Arc<WaitBudget>);

impl WaitBudget {
    pub(crate) fn new(limit: Duration) -> Self {
        let spending = BudgetState { active: 0, spent: Duration::ZERO, idle_since: Instant::now() };
        Self { limit, state: Mutex::new(spending) }
    }

    /// Says that work begins.
    pub(crate) fn begin_work(self: &Arc<Self>) -> WorkGuard {
        let mut spending = self.state();
        if spending.active == 0 {
            let idle = spending.idle_since.elapsed();
            spending.spent += idle;
        }
        spending.active += 1;
        drop(spending);
        WorkGuard(Arc::clone(self))
    }

    /// How much waiting is left.
    pub(crate) fn remaining(&self) -> Duration {
        let spending = self.state();
        let idle = if spending.active == 0 { spending.idle_since.elapsed() } else { Duration::ZERO };
        self.limit.saturating_sub(spending.spent + idle)
    }

    /// Ends when none is left.
    pub(crate) async fn exhausted(&self) {
        loop {
            // While somebody works it does not get less.
            let left = self.remaining();
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.max(MIN_PAUSE)).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, BudgetState> {
        // The figures are whole after every line that changes them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for WorkGuard {
    fn drop(&mut self) {
        let mut spending = self.0.state();
        spending.active = spending.active.saturating_sub(1);
        if spending.active == 0 {
            spending.idle_since = Instant::now();
        }
    }
}

/// A series of looks at something that is waited for.
pub(crate) struct PollSchedule<'a> {
    budget: &'a WaitBudget,
    stop: Option<&'a StopSignal>,
    pause: Duration,
    deadline: Option<Instant>,
    is_last: bool,
}

impl<'a> PollSchedule<'a> {
    /// Looks until the patience of the run is over; at most for `window`, where there is one.
    pub(crate) fn new(patience: &'a WaitBudget, stop: Option<&'a StopSignal>, window: Option<Duration>) -> Self {
        let end = window.map(|window| Instant::now() + window);
        Self { budget: patience, stop, pause: FIRST_PAUSE, deadline: end, is_last: false }
    }

    /// The same looks at the pace of a vendor that is at work on something.
    pub(crate) fn starting_slowly(self) -> Self {
        Self { pause: FIRST_POLL, ..self }
    }

    /// Waits for the time of the next look; false when there is none. After a wish to stop there is one more.
    pub(crate) async fn next(&mut self) -> bool {
        let window = self.deadline.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
        let left = self.budget.remaining().min(window);
        if self.is_last || left.is_zero() {
            return false;
        }
        let pause = self.pause.min(left).max(MIN_PAUSE);
        self.pause = (self.pause * 2).min(MAX_PAUSE);
        tokio::select! {
            biased;
            () = tokio::time::sleep(pause) => {}
            () = stopped(self.stop) => self.is_last = true,
        }
        true
    }
}

async fn stopped(stop: Option<&StopSignal>) {
    match stop {
        Some(stop) => stop.stopped().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn looks_end_with_the_patience() {
        let (patience, stop) = (WaitBudget::new(Duration::from_millis(150)), StopSignal::new());
        let began = Instant::now();
        let mut looks = PollSchedule::new(&patience, Some(&stop), None);
        let mut count = 0;
        while looks.next().await {
            count += 1;
            assert!(count < 20, "it never ends");
        }
        assert!(count >= 2 && began.elapsed() >= Duration::from_millis(150));
    }

    #[tokio::test]
    async fn work_spends_no_patience() {
        let patience = Arc::new(WaitBudget::new(Duration::from_millis(60)));
        let work = patience.begin_work();
        tokio::time::sleep(Duration::from_millis(80)).await;
        assert!(!patience.remaining().is_zero());
        drop(work);
        tokio::time::sleep(Duration::from_millis(80)).await;
        assert!(patience.remaining().is_zero());
    }

    #[tokio::test]
    async fn a_wish_to_stop_leaves_one_last_look() {
        let (patience, stop) = (WaitBudget::new(Duration::from_secs(60)), StopSignal::new());
        stop.stop();
        let mut looks = PollSchedule::new(&patience, Some(&stop), None);
        assert!(looks.next().await);
        assert!(!looks.next().await);
    }
}
