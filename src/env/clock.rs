//! The clock: the current time, the day of the plan, and waiting.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::variable;

/// The current time, and the day in UTC that dates in the manifest are compared with. `--at` changes only the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The time.
    pub time: Timestamp,
    /// The day.
    pub day: Date,
}

impl Now {
    /// Creates a time with its day in UTC.
    pub fn at(time: Timestamp) -> Self {
        Self { time, day: day_of(time) }
    }

    /// Sets the day.
    #[must_use]
    pub fn with_day(mut self, day: Date) -> Self {
        self.day = day;
        self
    }
}

/// Returns the day in UTC.
pub fn day_of(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// A source of time.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The system's clock.
    System,
    /// A constant time, for `SOURCE_DATE_EPOCH` and tests.
    Fixed(Timestamp),
    /// A simulated clock.
    Simulated(&'static SimulatedClock),
}

/// A clock that follows the runtime's time, which may be virtual, and can be shifted.
#[derive(Debug)]
pub struct SimulatedClock {
    start: Timestamp,
    started: Instant,
    /// The shift, in seconds.
    offset: AtomicI64,
}

impl SimulatedClock {
    /// Creates a clock that starts at that time.
    pub fn new(start: Timestamp) -> Self {
        Self { start, started: Instant::now(), offset: AtomicI64::new(0) }
    }

    /// Shifts the clock by that many seconds.
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
    /// Returns the clock of this process, which is fixed if `SOURCE_DATE_EPOCH` is set.
    ///
    /// # Errors
    /// Fails if the variable is not a number of seconds since 1970.
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

    /// Returns the current time.
    pub fn time(&self) -> Timestamp {
        match self {
            #[expect(clippy::disallowed_methods, reason = "only this function reads the clock")]
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
    async fn simulated_clock_follows_the_runtime_and_can_be_shifted() {
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
