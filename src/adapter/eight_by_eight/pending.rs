//! Operations that the vendor is at work on: how many, and when each was asked for last.
//!
//! What must hold: no operation is asked for more often than the vendor wishes; what is never finished is forgotten.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::Instant;

use crate::adapter::OperationHandle;

/// Operations of one organization that the vendor carries out at a time.
pub(super) const OPERATIONS_MAX: usize = 10;
/// When an operation is asked for first. "First poll after 1-2 s", says the documentation of the suite.
pub(super) const FIRST_POLL: Duration = Duration::from_millis(1500);
/// From poll to poll of one operation: at most one in a second.
pub(super) const POLL_SPACING: Duration = Duration::from_secs(1);
/// An operation that is older is not waited for: "give up after about 5 min".
const OPERATION_AGE_MAX: Duration = Duration::from_secs(300);
/// For how long an operation that the vendor does not know may be too new.
const RECENT: Duration = Duration::from_secs(60);

/// An operation under way.
#[derive(Clone, Copy, Debug)]
struct PollState {
    started: Instant,
    /// When it may be asked for next.
    due: Instant,
}

/// All operations that this process knows to be under way.
#[derive(Debug)]
pub(super) struct PendingOperations {
    first: Duration,
    spacing: Duration,
    all: Mutex<BTreeMap<SmolStr, PollState>>,
}

impl PendingOperations {
    /// None yet; an operation is asked for `first` after it was accepted, and then every `spacing`.
    pub(super) fn new(first: Duration, spacing: Duration) -> Self {
        Self { first, spacing, all: Mutex::default() }
    }

    /// An operation was accepted.
    pub(super) fn add(&self, handle: &OperationHandle) {
        let now = Instant::now();
        self.all().insert(SmolStr::new(handle.as_str()), PollState { started: now, due: now + self.first });
    }

    /// An operation is over, or nobody will know.
    pub(super) fn remove(&self, handle: &OperationHandle) {
        self.all().remove(handle.as_str());
    }

    /// Takes a turn to ask for the operation: when it may be done.
    pub(super) fn next_poll(&self, handle: &OperationHandle) -> Instant {
        let now = Instant::now();
        let mut all = self.all();
        // What another process began is old enough.
        let known = all.entry(SmolStr::new(handle.as_str()));
        let flight = known.or_insert(PollState { started: now.checked_sub(RECENT).unwrap_or(now), due: now });
        let due = flight.due.max(now);
        flight.due = due + self.spacing;
        due
    }

    /// Whether the operation is so new that the vendor may not know it yet.
    pub(super) fn is_recent(&self, handle: &OperationHandle) -> bool {
        self.all().get(handle.as_str()).is_some_and(|flight| flight.started.elapsed() < RECENT)
    }

    /// The operation that has been under way for longest, where there is no room for another one.
    pub(super) fn oldest_if_full(&self) -> Option<OperationHandle> {
        let mut all = self.all();
        all.retain(|_, flight| flight.started.elapsed() < OPERATION_AGE_MAX);
        if all.len() < OPERATIONS_MAX {
            return None;
        }
        let oldest = all.iter().min_by_key(|(_, flight)| flight.due)?;
        OperationHandle::new(oldest.0)
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<SmolStr, PollState>> {
        // Each entry is whole at any time.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handle(number: usize) -> OperationHandle {
        OperationHandle::new(&format!("op_{number}")).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn operation_is_asked_for_after_a_while_and_then_once_a_second() {
        let flights = PendingOperations::new(FIRST_POLL, POLL_SPACING);
        let start = Instant::now();
        flights.add(&handle(1));
        let turns: Vec<u128> = (0..3).map(|_| (flights.next_poll(&handle(1)) - start).as_millis()).collect();
        assert_eq!(turns, [1500, 2500, 3500]);
        assert_eq!(flights.next_poll(&handle(2)), start, "what another process began is asked for at once");
        assert!(flights.is_recent(&handle(1)) && !flights.is_recent(&handle(2)));
        tokio::time::advance(RECENT).await;
        assert!(!flights.is_recent(&handle(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn tenth_operation_is_the_last_until_one_is_over_or_forgotten() {
        let flights = PendingOperations::new(FIRST_POLL, POLL_SPACING);
        for number in 0..OPERATIONS_MAX {
            assert_eq!(flights.oldest_if_full(), None);
            flights.add(&handle(number));
        }
        assert!(flights.oldest_if_full().is_some());
        flights.remove(&handle(3));
        assert_eq!(flights.oldest_if_full(), None);
        flights.add(&handle(3));
        assert!(flights.oldest_if_full().is_some());
        tokio::time::advance(OPERATION_AGE_MAX).await;
        assert_eq!(flights.oldest_if_full(), None);
    }
}
