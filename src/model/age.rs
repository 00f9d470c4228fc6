//! How old something may be before nobody should rely on it.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// The units that an age is written in, with their seconds and their words; the largest first.
const UNITS: [(char, u64, &str); 4] =
    [('d', 86_400, "day"), ('h', 3_600, "hour"), ('m', 60, "minute"), ('s', 1, "second")];

/// The longest age that can be written: ten years.
const MAX_SECONDS: u64 = 3_660 * 86_400;

/// A length of time in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Age(u64);

impl Age {
    /// The age that `7d`, `24h`, `90m` or `30s` says; `None` for anything else, for none at all, and for over ten years.
    pub fn parse(text: &str) -> Option<Self> {
        let unit = text.chars().last()?;
        let (_, seconds, _) = UNITS.iter().find(|(letter, ..)| *letter == unit)?;
        let number = text.strip_suffix(unit)?;
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let age = number.parse::<u64>().ok().filter(|_| plain)?.checked_mul(*seconds)?;
        (1..=MAX_SECONDS).contains(&age).then_some(Self(age))
    }

    /// How old something from that moment is at another one; what is not there yet is not old.
    pub fn between(from: Timestamp, to: Timestamp) -> Self {
        Self(u64::try_from(to.as_second().saturating_sub(from.as_second())).unwrap_or(0))
    }
}

/// In words, in the two largest units that say something: `7 days`, `1 day 3 hours`.
impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = self.0;
        let mut said = 0;
        for (_, seconds, word) in UNITS {
            let number = left / seconds;
            // Nobody wants to read the seconds of something that is days old.
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

/// How old what a run relies on may be; what is missing may be of any age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AgeLimits {
    /// The plan itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Age>,
    /// The observations that it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observations: Option<Age>,
}

impl AgeLimits {
    /// Whether everything may be of any age.
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
