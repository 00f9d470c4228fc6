//! Sliding-window rate limits.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::config::RetryHint;
use crate::model::RateLimit;

/// The recent requests, counted against each limit.
#[derive(Debug)]
pub(super) struct RateWindows {
    limits: Vec<RateLimit>,
    /// The times of the requests, the oldest first.
    requests: VecDeque<Timestamp>,
}

/// The status of a limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct WindowStatus {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// When the next request is allowed.
    pub(super) reset: Timestamp,
}

impl RateWindows {
    pub(super) fn new(limits: Vec<RateLimit>) -> Self {
        Self { limits, requests: VecDeque::new() }
    }

    /// Counts a request if it is allowed. Returns whether it is, and the status of the tightest limit.
    pub(super) fn try_acquire(&mut self, now: Timestamp) -> (bool, Option<WindowStatus>) {
        let longest = self.limits.iter().map(|limit| limit.seconds).max().unwrap_or(0);
        while self.requests.front().is_some_and(|at| window_end(*at, longest) <= now) {
            self.requests.pop_front();
        }
        let is_allowed = self.limits.iter().all(|limit| self.used(*limit, now) < limit.requests);
        if is_allowed && !self.limits.is_empty() {
            self.requests.push_back(now);
        }
        let statuses = self.limits.iter().map(|limit| {
            let used = self.used(*limit, now);
            let oldest = self.requests.iter().find(|at| window_end(**at, limit.seconds) > now).copied().unwrap_or(now);
            WindowStatus {
                limit: limit.requests,
                remaining: limit.requests.saturating_sub(used),
                reset: window_end(oldest, limit.seconds),
            }
        });
        (is_allowed, statuses.min_by_key(|status| (status.remaining, -status.reset.as_second())))
    }

    fn used(&self, limit: RateLimit, now: Timestamp) -> u32 {
        let used = self.requests.iter().rev().take_while(|at| window_end(**at, limit.seconds) > now).count();
        u32::try_from(used).unwrap_or(u32::MAX)
    }
}

fn window_end(at: Timestamp, seconds: u32) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}

/// Returns the header that names the time of the next attempt.
pub(super) fn retry_header(hint: RetryHint, until: Timestamp, now: Timestamp) -> Option<(&'static str, String)> {
    // Rounded up, so that an attempt at that second succeeds.
    let second = until.as_second() + i64::from(until.subsec_nanosecond() > 0);
    match hint {
        RetryHint::Seconds => {
            let wait = until.duration_since(now).as_millis().max(0);
            Some(("retry-after", (wait.saturating_add(999) / 1000).to_string()))
        }
        RetryHint::Date => {
            let at = Timestamp::from_second(second).unwrap_or(until);
            Some(("retry-after", http_date(at)))
        }
        RetryHint::Epoch => Some(("x-ratelimit-reset", second.to_string())),
        RetryHint::None => None,
    }
}

/// Returns a time in the format of HTTP headers.
pub(super) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_255_200 + second).unwrap()
    }

    #[test]
    fn every_limit_applies_and_the_tightest_one_is_returned() {
        let mut rates =
            RateWindows::new(vec![RateLimit { requests: 5, seconds: 60 }, RateLimit { requests: 2, seconds: 10 }]);
        assert!(rates.try_acquire(at(0)).0);
        let (is_allowed, status) = rates.try_acquire(at(1));
        assert!(is_allowed);
        assert_eq!(status.map(|status| (status.limit, status.remaining, status.reset)), Some((2, 0, at(10))));
        assert!(!rates.try_acquire(at(9)).0, "two in ten seconds");
        assert!(rates.try_acquire(at(10)).0);
        assert!(rates.try_acquire(at(20)).0 && rates.try_acquire(at(30)).0);
        let (is_allowed, status) = rates.try_acquire(at(40));
        assert!(!is_allowed, "five in a minute");
        assert_eq!(status.map(|status| status.reset), Some(at(60)));
    }

    #[test]
    fn no_limits_allow_every_request() {
        let mut rates = RateWindows::new(Vec::new());
        assert!((0..1000).all(|_| rates.try_acquire(at(0)).0));
    }

    #[test]
    fn every_hint_names_a_time_that_is_late_enough() {
        let (now, until) = (at(0), at(2).saturating_add(SignedDuration::from_millis(1)).unwrap());
        assert_eq!(retry_header(RetryHint::Seconds, until, now), Some(("retry-after", "3".to_owned())));
        assert_eq!(
            retry_header(RetryHint::Date, until, now),
            Some(("retry-after", "Sat, 21 Nov 2026 10:00:03 GMT".to_owned()))
        );
        assert_eq!(retry_header(RetryHint::Epoch, until, now), Some(("x-ratelimit-reset", "1795255203".to_owned())));
        assert_eq!(retry_header(RetryHint::None, until, now), None);
    }
}
