//! The one place that reads the clock.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::variable;

/// The moment a run works with, and the day that manifest dates are compared with.
///
/// Days are days in UTC. `--at` moves the day and leaves the moment alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The moment.
    pub time: Timestamp,
    /// The day in force.
    pub day: Date,
}

impl Now {
    /// That moment, and its day in UTC.
    pub fn at(time: Timestamp) -> Self {
        Self { time, day: day_of(time) }
    }

    /// The same moment with another day in force.
    #[must_use]
    pub fn with_day(mut self, day: Date) -> Self {
        self.day = day;
        self
    }
}

/// The day in UTC of a moment.
pub fn day_of(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// Where the time comes from.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The system's clock.
    System,
    /// A clock that stands still: `SOURCE_DATE_EPOCH`, and tests.
    Fixed(Timestamp),
    /// A clock that goes with the time of the runtime, which may be virtual, and can be set while it goes: simulations.
    Simulated(&'static SimulatedClock),
}

/// A clock that goes with the time of the runtime and can be set like any clock on a wall.
#[derive(Debug)]
pub struct SimulatedClock {
    start: Timestamp,
    started: Instant,
    /// How far it was set, in seconds.
    offset: AtomicI64,
}

impl SimulatedClock {
    /// A clock that shows that moment now.
    pub fn new(start: Timestamp) -> Self {
        Self { start, started: Instant::now(), offset: AtomicI64::new(0) }
    }

    /// Sets the clock forward by so many seconds, or back.
    pub fn shift(&self, seconds: i64) {
        self.offset.fetch_add(seconds, Ordering::Relaxed);
    }

    fn time(&self) -> Timestamp {
        let gone = SignedDuration::try_from(self.started.elapsed()).unwrap_or(SignedDuration::MAX);
        let moved = SignedDuration::from_secs(self.offset.load(Ordering::Relaxed));
        self.start.saturating_add(gone.saturating_add(moved)).unwrap_or(self.start)
    }
}

impl Clock {
    /// The clock of this process: fixed where `SOURCE_DATE_EPOCH` is set.
    ///
    /// # Errors
    /// When the variable is not a number of seconds since 1970.
    pub fn from_environment() -> Result<Self, String> {
        match variable::read(variable::SOURCE_DATE_EPOCH) {
            None => Ok(Self::System),
            Some(text) => text
                .trim()
                .parse::<i64>()
                .ok()
                .and_then(|seconds| Timestamp::from_second(seconds).ok())
                .map(Self::Fixed)
                .ok_or_else(|| "SOURCE_DATE_EPOCH is not a number of seconds since 1970".to_owned()),
        }
    }

    /// The moment by this clock.
    pub fn time(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
            Self::System => Timestamp::now(),
            Self::Fixed(time) => *time,
            Self::Simulated(clock) => clock.time(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn steered_clock_goes_and_can_be_set() {
        tokio::time::pause();
        let start: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let steered: &'static SimulatedClock = Box::leak(Box::new(SimulatedClock::new(start)));
        let clock = Clock::Simulated(steered);
        tokio::time::advance(Duration::from_secs(90)).await;
        assert_eq!(clock.time().to_string(), "2026-11-21T10:01:30Z");
        steered.shift(-3600);
        assert_eq!(clock.time().to_string(), "2026-11-21T09:01:30Z");
    }
}
