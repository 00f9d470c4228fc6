//! Operations in progress at the vendor, and when to poll them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::Instant;

use crate::adapter::OperationHandle;

/// The vendor's limit of concurrent operations per organization.
pub(super) const OPERATIONS_MAX: usize = 10;
/// The delay of the first poll. The vendor's documentation recommends 1 to 2 s.
pub(super) const FIRST_POLL: Duration = Duration::from_millis(1500);
/// The interval between polls of one operation. The vendor allows one per second.
pub(super) const POLL_SPACING: Duration = Duration::from_secs(1);
/// The age at which an operation is given up. The vendor's documentation recommends about 5 min.
const OPERATION_AGE_MAX: Duration = Duration::from_secs(300);
/// The age up to which the vendor may not know an operation yet.
const RECENT: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
struct PollState {
    started: Instant,
    /// When the next poll is due.
    due: Instant,
}

/// The operations that this process started or polled.
#[derive(Debug)]
pub(super) struct PendingOperations {
    first: Duration,
    spacing: Duration,
    all: Mutex<BTreeMap<SmolStr, PollState>>,
}

impl PendingOperations {
    /// Polls an operation `first` after it was accepted, and then every `spacing`.
    pub(super) fn new(first: Duration, spacing: Duration) -> Self {
        Self { first, spacing, all: Mutex::default() }
    }

    /// Adds an accepted operation.
    pub(super) fn add(&self, handle: &OperationHandle) {
        let now = Instant::now();
        self.all().insert(SmolStr::new(handle.as_str()), PollState { started: now, due: now + self.first });
    }

    /// Removes an operation that is over.
    pub(super) fn remove(&self, handle: &OperationHandle) {
        self.all().remove(handle.as_str());
    }

    /// Reserves the next poll of an operation, and returns when it is due.
    pub(super) fn next_poll(&self, handle: &OperationHandle) -> Instant {
        let now = Instant::now();
        let mut all = self.all();
        // An operation of another process is not recent.
        let known = all.entry(SmolStr::new(handle.as_str()));
        let state = known.or_insert(PollState { started: now.checked_sub(RECENT).unwrap_or(now), due: now });
        let due = state.due.max(now);
        state.due = due + self.spacing;
        due
    }

    /// Whether the vendor may not know the operation yet.
    pub(super) fn is_recent(&self, handle: &OperationHandle) -> bool {
        self.all().get(handle.as_str()).is_some_and(|state| state.started.elapsed() < RECENT)
    }

    /// Returns the operation with the earliest due poll if the vendor's limit is reached.
    pub(super) fn oldest_if_full(&self) -> Option<OperationHandle> {
        let mut all = self.all();
        all.retain(|_, state| state.started.elapsed() < OPERATION_AGE_MAX);
        if all.len() < OPERATIONS_MAX {
            return None;
        }
        let oldest = all.iter().min_by_key(|(_, state)| state.due)?;
        OperationHandle::new(oldest.0)
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<SmolStr, PollState>> {
        // Never left inconsistent by a panic.
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
    async fn polls_start_after_a_delay_and_repeat_every_second() {
        let pending = PendingOperations::new(FIRST_POLL, POLL_SPACING);
        let start = Instant::now();
        pending.add(&handle(1));
        let turns: Vec<u128> = (0..3).map(|_| (pending.next_poll(&handle(1)) - start).as_millis()).collect();
        assert_eq!(turns, [1500, 2500, 3500]);
        assert_eq!(pending.next_poll(&handle(2)), start, "an operation of another process is polled immediately");
        assert!(pending.is_recent(&handle(1)) && !pending.is_recent(&handle(2)));
        tokio::time::advance(RECENT).await;
        assert!(!pending.is_recent(&handle(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn limit_is_reached_until_an_operation_ends_or_expires() {
        let pending = PendingOperations::new(FIRST_POLL, POLL_SPACING);
        for number in 0..OPERATIONS_MAX {
            assert_eq!(pending.oldest_if_full(), None);
            pending.add(&handle(number));
        }
        assert!(pending.oldest_if_full().is_some());
        pending.remove(&handle(3));
        assert_eq!(pending.oldest_if_full(), None);
        pending.add(&handle(3));
        assert!(pending.oldest_if_full().is_some());
        tokio::time::advance(OPERATION_AGE_MAX).await;
        assert_eq!(pending.oldest_if_full(), None);
    }
}
