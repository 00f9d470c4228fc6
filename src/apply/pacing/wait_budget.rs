//! The wait budget of a run, and polling within it.
//!
//! Only time in which the run does nothing else counts as waiting. So a long run keeps its budget for the end, and a run
//! that hangs ends after the time that the user gave it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::apply::StopSignal;

/// The first pause between two polls; each pause is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The first pause before an asynchronous operation is polled: vendors ask for one to two seconds, and for at most one
/// poll a second.
const FIRST_POLL: Duration = Duration::from_secs(1);
/// The longest pause between two polls.
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// The shortest pause, so that the end of the budget does not lead to hundreds of polls.
const MIN_PAUSE: Duration = Duration::from_millis(20);

/// The wait budget of a run.
#[derive(Debug)]
pub(crate) struct WaitBudget {
    limit: Duration,
    state: Mutex<BudgetState>,
}

#[derive(Debug)]
struct BudgetState {
    active: usize,
    spent: Duration,
    /// When the last work ended.
    idle_since: Instant,
}

/// Stops the budget's clock until it is dropped.
#[derive(Debug)]
pub(crate) struct WorkGuard(Arc<WaitBudget>);

impl WaitBudget {
    pub(crate) fn new(limit: Duration) -> Self {
        let state = BudgetState { active: 0, spent: Duration::ZERO, idle_since: Instant::now() };
        Self { limit, state: Mutex::new(state) }
    }

    /// Begins work, which uses no budget.
    pub(crate) fn begin_work(self: &Arc<Self>) -> WorkGuard {
        let mut state = self.state();
        if state.active == 0 {
            let idle = state.idle_since.elapsed();
            state.spent += idle;
        }
        state.active += 1;
        drop(state);
        WorkGuard(Arc::clone(self))
    }

    /// Returns the rest of the budget.
    pub(crate) fn remaining(&self) -> Duration {
        let state = self.state();
        let idle = if state.active == 0 { state.idle_since.elapsed() } else { Duration::ZERO };
        self.limit.saturating_sub(state.spent + idle)
    }

    /// Waits until the budget is used up.
    pub(crate) async fn exhausted(&self) {
        loop {
            let left = self.remaining();
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.max(MIN_PAUSE)).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, BudgetState> {
        // Never left inconsistent by a panic, so a poisoned lock is safe to reuse.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for WorkGuard {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.active = state.active.saturating_sub(1);
        if state.active == 0 {
            state.idle_since = Instant::now();
        }
    }
}

/// A series of polls with growing pauses.
pub(crate) struct PollSchedule<'a> {
    budget: &'a WaitBudget,
    stop: Option<&'a StopSignal>,
    pause: Duration,
    deadline: Option<Instant>,
    is_last: bool,
}

impl<'a> PollSchedule<'a> {
    /// Polls until the budget is used up, and at most for `window`.
    pub(crate) fn new(budget: &'a WaitBudget, stop: Option<&'a StopSignal>, window: Option<Duration>) -> Self {
        let deadline = window.map(|window| Instant::now() + window);
        Self { budget, stop, pause: FIRST_PAUSE, deadline, is_last: false }
    }

    /// Starts with the pause for asynchronous operations.
    pub(crate) fn starting_slowly(self) -> Self {
        Self { pause: FIRST_POLL, ..self }
    }

    /// Waits for the next poll. Returns false if no poll is left; a stop leaves one.
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
    async fn polls_end_with_the_budget() {
        let (budget, stop) = (WaitBudget::new(Duration::from_millis(150)), StopSignal::new());
        let began = Instant::now();
        let mut polls = PollSchedule::new(&budget, Some(&stop), None);
        let mut count = 0;
        while polls.next().await {
            count += 1;
            assert!(count < 20, "it never ends");
        }
        assert!(count >= 2 && began.elapsed() >= Duration::from_millis(150));
    }

    #[tokio::test]
    async fn work_uses_no_budget() {
        let budget = Arc::new(WaitBudget::new(Duration::from_millis(60)));
        let work = budget.begin_work();
        tokio::time::sleep(Duration::from_millis(80)).await;
        assert!(!budget.remaining().is_zero());
        drop(work);
        tokio::time::sleep(Duration::from_millis(80)).await;
        assert!(budget.remaining().is_zero());
    }

    #[tokio::test]
    async fn stop_leaves_one_last_poll() {
        let (budget, stop) = (WaitBudget::new(Duration::from_secs(60)), StopSignal::new());
        stop.stop();
        let mut polls = PollSchedule::new(&budget, Some(&stop), None);
        assert!(polls.next().await);
        assert!(!polls.next().await);
    }
}
