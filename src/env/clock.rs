//! The one place that reads the clock.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

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
    pub fn on(mut self, day: Date) -> Self {
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
        }
    }
}
