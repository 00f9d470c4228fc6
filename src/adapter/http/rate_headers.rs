//! What answers tell beside their contents: the vendor's clock, and how much of a limit is left.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The limit of a vendor as its headers tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateAllowance {
    /// Requests that are left.
    pub left: u64,
    /// Of how many.
    pub of: Option<u64>,
    /// When it is full again.
    pub resets: Option<Timestamp>,
}

/// What the last answers told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateHeaders {
    /// What the vendor's clock showed at the last answer.
    pub server_time: Option<Timestamp>,
    /// What is left of its limit.
    pub allowance: Option<RateAllowance>,
}

/// Keeps the signs of the last answers.
#[derive(Debug, Default)]
pub(super) struct LastRateHeaders {
    last: Mutex<RateHeaders>,
}

impl LastRateHeaders {
    /// Takes in the headers of an answer.
    pub(super) fn update(&self, headers: &[(String, String)]) {
        let signs = parse(headers);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.server_time = signs.server_time.or(last.server_time);
        last.allowance = signs.allowance.or(last.allowance);
    }

    /// What the last answers told.
    pub(super) fn get(&self) -> RateHeaders {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn parse(headers: &[(String, String)]) -> RateHeaders {
    let value =
        |names: &[&str]| headers.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value.trim());
    let number = |names: &[&str]| value(names).and_then(|value| value.parse::<u64>().ok());
    let server_time = value(&["date"]).and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
    let allowance = number(&["x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining"]).map(|left| {
        let reset = number(&["x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset"]);
        // A small number counts seconds from now, a large one those since 1970.
        let resets = reset.and_then(|reset| match i64::try_from(reset).ok()? {
            since @ 100_000_000.. => Timestamp::from_second(since).ok(),
            seconds => Timestamp::from_second(server_time?.as_second().checked_add(seconds)?).ok(),
        });
        RateAllowance { left, of: number(&["x-ratelimit-limit", "ratelimit-limit", "x-rate-limit-limit"]), resets }
    });
    RateHeaders { server_time, allowance }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_and_limit_are_read_and_nonsense_is_passed_over() {
        let vitals = LastRateHeaders::default();
        let headers = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        vitals.update(&headers(&[
            ("date", "Sat, 21 Nov 2026 10:00:00 GMT"),
            ("x-ratelimit-limit", "100"),
            ("x-ratelimit-remaining", "7"),
            ("x-ratelimit-reset", "1795255230"),
        ]));
        let signs = vitals.get();
        assert_eq!(signs.server_time, Some("2026-11-21T10:00:00Z".parse().unwrap()));
        let resets = Some("2026-11-21T10:00:30Z".parse().unwrap());
        assert_eq!(signs.allowance, Some(RateAllowance { left: 7, of: Some(100), resets }));
        vitals.update(&headers(&[("date", "soon"), ("x-ratelimit-remaining", "-1"), ("x-ratelimit-reset", "never")]));
        assert_eq!(vitals.get(), signs, "what is not told is as it was");
    }
}
