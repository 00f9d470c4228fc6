//! Operations that the vendor is at work on: how many, and when each was asked for last.
//!
//! What must hold: no operation is asked for more often than the vendor wishes; what is never finished is forgotten.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::Instant;

use crate::adapter::Handle;

/// Operations of one organization that the vendor carries out at a time.
pub(super) const FLIGHTS_MAX: usize = 10;
/// When an operation is asked for first. "First poll after 1-2 s", says the documentation of the suite.
pub(super) const FIRST_POLL: Duration = Duration::from_millis(1500);
/// From poll to poll of one operation: at most one in a second.
pub(super) const POLL_SPACING: Duration = Duration::from_secs(1);
/// An operation that is older is not waited for: "give up after about 5 min".
const FLIGHT_MAX: Duration = Duration::from_secs(300);
/// For how long an operation that the vendor does not know may be too new.
const YOUNG: Duration = Duration::from_secs(60);

/// An operation under way.
#[derive(Clone, Copy, Debug)]
struct Flight {
    began: Instant,
    /// When it may be asked for next.
    due: Instant,
}

/// All operations that this process knows to be under way.
#[derive(Debug)]
pub(super) struct Flights {
    first: Duration,
    spacing: Duration,
    all: Mutex<BTreeMap<SmolStr, Flight>>,
}

impl Flights {
    /// None yet; an operation is asked for `first` after it was accepted, and then every `spacing`.
    pub(super) fn new(first: Duration, spacing: Duration) -> Self {
        Self { first, spacing, all: Mutex::default() }
    }

    /// An operation was accepted.
    pub(super) fn begin(&self, handle: &Handle) {
        let now = Instant::now();
        self.all().insert(SmolStr::new(handle.as_str()), Flight { began: now, due: now + self.first });
    }

    /// An operation is over, or nobody will know.
    pub(super) fn end(&self, handle: &Handle) {
        self.all().remove(handle.as_str());
    }

    /// Takes a turn to ask for the operation: when it may be done.
    pub(super) fn turn(&self, handle: &Handle) -> Instant {
        let now = Instant::now();
        let mut all = self.all();
        // What another process began is old enough.
        let known = all.entry(SmolStr::new(handle.as_str()));
        let flight = known.or_insert(Flight { began: now.checked_sub(YOUNG).unwrap_or(now), due: now });
        let due = flight.due.max(now);
        flight.due = due + self.spacing;
        due
    }

    /// Whether the operation is so new that the vendor may not know it yet.
    pub(super) fn is_young(&self, handle: &Handle) -> bool {
        self.all().get(handle.as_str()).is_some_and(|flight| flight.began.elapsed() < YOUNG)
    }

    /// The operation that has been under way for longest, where there is no room for another one.
    pub(super) fn in_the_way(&self) -> Option<Handle> {
        let mut all = self.all();
        all.retain(|_, flight| flight.began.elapsed() < FLIGHT_MAX);
        if all.len() < FLIGHTS_MAX {
            return None;
        }
        let oldest = all.iter().min_by_key(|(_, flight)| flight.due)?;
        Handle::new(oldest.0)
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<SmolStr, Flight>> {
        // Each entry is whole at any time.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handle(number: usize) -> Handle {
        Handle::new(&format!("op_{number}")).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn operation_is_asked_for_after_a_while_and_then_once_a_second() {
        let flights = Flights::new(FIRST_POLL, POLL_SPACING);
        let start = Instant::now();
        flights.begin(&handle(1));
        let turns: Vec<u128> = (0..3).map(|_| (flights.turn(&handle(1)) - start).as_millis()).collect();
        assert_eq!(turns, [1500, 2500, 3500]);
        assert_eq!(flights.turn(&handle(2)), start, "what another process began is asked for at once");
        assert!(flights.is_young(&handle(1)) && !flights.is_young(&handle(2)));
        tokio::time::advance(YOUNG).await;
        assert!(!flights.is_young(&handle(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn tenth_operation_is_the_last_until_one_is_over_or_forgotten() {
        let flights = Flights::new(FIRST_POLL, POLL_SPACING);
        for number in 0..FLIGHTS_MAX {
            assert_eq!(flights.in_the_way(), None);
            flights.begin(&handle(number));
        }
        assert!(flights.in_the_way().is_some());
        flights.end(&handle(3));
        assert_eq!(flights.in_the_way(), None);
        flights.begin(&handle(3));
        assert!(flights.in_the_way().is_some());
        tokio::time::advance(FLIGHT_MAX).await;
        assert_eq!(flights.in_the_way(), None);
    }
}
