//! How long a run may wait, all in all.
//!
//! Waiting is the time in which the run does nothing else: while anything is being sent, the clock stands still. So a
//! long run keeps its patience for the end, and a run that hangs ends after the time that the user gave it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Stop;

/// The first pause between two looks; each one is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The first pause before a vendor is asked what became of something that it is at work on: vendors that document a pace
/// ask for one to two seconds, and for no more than one question a second.
const FIRST_POLL: Duration = Duration::from_secs(1);
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The shortest pause, so that the last bit of patience is not spent on hundreds of looks.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);

/// The patience of a run.
#[derive(Debug)]
pub(super) struct Patience {
    limit: Duration,
    spending: Mutex<Spending>,
}

#[derive(Debug)]
struct Spending {
    working: usize,
    spent: Duration,
    /// Since when nobody works.
    since: Instant,
}

/// Somebody works: until it is dropped, no patience is spent.
#[derive(Debug)]
pub(super) struct Work(Arc<Patience>);

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        let spending = Spending { working: 0, spent: Duration::ZERO, since: Instant::now() };
        Self { limit, spending: Mutex::new(spending) }
    }

    /// Says that work begins.
    pub(super) fn work(self: &Arc<Self>) -> Work {
        let mut spending = self.spending();
        if spending.working == 0 {
            let idle = spending.since.elapsed();
            spending.spent += idle;
        }
        spending.working += 1;
        drop(spending);
        Work(Arc::clone(self))
    }

    /// How much waiting is left.
    pub(super) fn left(&self) -> Duration {
        let spending = self.spending();
        let idle = if spending.working == 0 { spending.since.elapsed() } else { Duration::ZERO };
        self.limit.saturating_sub(spending.spent + idle)
    }

    /// Ends when none is left.
    pub(super) async fn over(&self) {
        loop {
            // While somebody works it does not get less.
            let left = self.left();
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.max(SHORTEST_PAUSE)).await;
        }
    }

    fn spending(&self) -> MutexGuard<'_, Spending> {
        // The figures are whole after every line that changes them.
        self.spending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let mut spending = self.0.spending();
        spending.working = spending.working.saturating_sub(1);
        if spending.working == 0 {
            spending.since = Instant::now();
        }
    }
}

/// A series of looks at something that is waited for.
pub(super) struct Looks<'a> {
    patience: &'a Patience,
    stop: Option<&'a Stop>,
    pause: Duration,
    end: Option<Instant>,
    last: bool,
}

impl<'a> Looks<'a> {
    /// Looks until the patience of the run is over; at most for `window`, where there is one.
    pub(super) fn new(patience: &'a Patience, stop: Option<&'a Stop>, window: Option<Duration>) -> Self {
        let end = window.map(|window| Instant::now() + window);
        Self { patience, stop, pause: FIRST_PAUSE, end, last: false }
    }

    /// The same looks at the pace of a vendor that is at work on something.
    pub(super) fn slowly(self) -> Self {
        Self { pause: FIRST_POLL, ..self }
    }

    /// Waits for the time of the next look; false when there is none. After a wish to stop there is one more.
    pub(super) async fn next(&mut self) -> bool {
        let window = self.end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
        let left = self.patience.left().min(window);
        if self.last || left.is_zero() {
            return false;
        }
        let pause = self.pause.min(left).max(SHORTEST_PAUSE);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        tokio::select! {
            biased;
            () = tokio::time::sleep(pause) => {}
            () = stopped(self.stop) => self.last = true,
        }
        true
    }
}

async fn stopped(stop: Option<&Stop>) {
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
        let (patience, stop) = (Patience::new(Duration::from_millis(150)), Stop::new());
        let began = Instant::now();
        let mut looks = Looks::new(&patience, Some(&stop), None);
        let mut count = 0;
        while looks.next().await {
            count += 1;
            assert!(count < 20, "it never ends");
        }
        assert!(count >= 2 && began.elapsed() >= Duration::from_millis(150));
    }

    #[tokio::test]
    async fn work_spends_no_patience() {
        let patience = Arc::new(Patience::new(Duration::from_millis(60)));
        let work = patience.work();
        tokio::time::sleep(Duration::from_millis(80)).await;
        assert!(!patience.left().is_zero());
        drop(work);
        tokio::time::sleep(Duration::from_millis(80)).await;
        assert!(patience.left().is_zero());
    }

    #[tokio::test]
    async fn a_wish_to_stop_leaves_one_last_look() {
        let (patience, stop) = (Patience::new(Duration::from_secs(60)), Stop::new());
        stop.stop();
        let mut looks = Looks::new(&patience, Some(&stop), None);
        assert!(looks.next().await);
        assert!(!looks.next().await);
    }
}
