//! Age limits for plans and observations.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// Units of an age: letter, seconds and name, the largest first.
const UNITS: [(char, u64, &str); 4] =
    [('d', 86_400, "day"), ('h', 3_600, "hour"), ('m', 60, "minute"), ('s', 1, "second")];

/// The longest age: ten years.
const MAX_SECONDS: u64 = 3_660 * 86_400;

/// A duration in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Age(u64);

impl Age {
    /// Parses `7d`, `24h`, `90m` or `30s`. Returns `None` for other text, for zero, and for more than ten years.
    pub fn parse(text: &str) -> Option<Self> {
        let unit = text.chars().last()?;
        let (_, seconds, _) = UNITS.iter().find(|(letter, ..)| *letter == unit)?;
        let number = text.strip_suffix(unit)?;
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let age = number.parse::<u64>().ok().filter(|_| plain)?.checked_mul(*seconds)?;
        (1..=MAX_SECONDS).contains(&age).then_some(Self(age))
    }

    /// Returns the age at `to` of something made at `from`, or zero if `from` is later.
    pub fn between(from: Timestamp, to: Timestamp) -> Self {
        Self(u64::try_from(to.as_second().saturating_sub(from.as_second())).unwrap_or(0))
    }
}

/// Formats the age in its two largest units: `7 days`, `1 day 3 hours`.
impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0;
        let mut said = 0;
        for (_, seconds, word) in UNITS {
            let number = left / seconds;
            if said == 2 || (said == 1 && number == 0) {
                break;
            }
            if number > 0 {
                let (blank, plural) = (if said == 0 { "" } else { " " }, if number == 1 { "" } else { "s" });
                write!(f, "{blank}{number} {word}{plural}")?;
                left %= seconds;
                said += 1;
            }
        }
        if said == 0 { f.write_str("0 seconds") } else { Ok(()) }
    }
}

/// Age limits of a run. No limit means any age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AgeLimits {
    /// The age of the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Age>,
    /// The age of its observations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observations: Option<Age>,
}

impl AgeLimits {
    /// Whether there is no limit.
    pub fn is_empty(&self) -> bool {
        let Self { plan, observations } = self;
        plan.is_none() && observations.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_requires_a_number_and_a_unit() {
        for (text, said) in [
            ("7d", "7 days"),
            ("24h", "1 day"),
            ("36h", "1 day 12 hours"),
            ("90m", "1 hour 30 minutes"),
            ("1s", "1 second"),
            ("86401s", "1 day"),
        ] {
            assert_eq!(Age::parse(text).map(|age| age.to_string()).as_deref(), Some(said), "{text}");
        }
        for wrong in ["", "7", "d", "-1d", "+1d", "1.5h", "1 h", "0s", "7w", "99999999999999999999s", "4000d", "3ü"] {
            assert_eq!(Age::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn future_moment_has_age_zero() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (early, late) = (at("2026-11-21T10:00:00Z"), at("2026-11-22T11:30:00Z"));
        assert_eq!(Age::between(early, late).to_string(), "1 day 1 hour");
        assert_eq!(Age::between(late, early).to_string(), "0 seconds");
    }
}
