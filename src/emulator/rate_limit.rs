//! How often a vendor lets itself be asked: a sliding window for each limit.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::config::RetryHint;
use crate::model::RateLimit;

/// The requests of late.
#[derive(Debug)]
pub(super) struct RateWindows {
    limits: Vec<RateLimit>,
    /// When somebody asked, the oldest first.
    requests: VecDeque<Timestamp>,
}

/// How a limit stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct WindowStatus {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// When the next request is free again.
    pub(super) reset: Timestamp,
}

impl RateWindows {
    pub(super) fn new(limits: Vec<RateLimit>) -> Self {
        Self { limits, requests: VecDeque::new() }
    }

    /// Counts a request, if it may be made; and how the limit stands that is nearest to its end.
    pub(super) fn try_acquire(&mut self, now: Timestamp) -> (bool, Option<WindowStatus>) {
        let longest = self.limits.iter().map(|limit| limit.seconds).max().unwrap_or(0);
        while self.requests.front().is_some_and(|at| window_end(*at, longest) <= now) {
            self.requests.pop_front();
        }
        let may = self.limits.iter().all(|limit| self.used(*limit, now) < limit.requests);
        if may && !self.limits.is_empty() {
            self.requests.push_back(now);
        }
        let standings = self.limits.iter().map(|limit| {
            let used = self.used(*limit, now);
            let oldest = self.requests.iter().find(|at| window_end(**at, limit.seconds) > now).copied().unwrap_or(now);
            WindowStatus {
                limit: limit.requests,
                remaining: limit.requests.saturating_sub(used),
                reset: window_end(oldest, limit.seconds),
            }
        });
        (may, standings.min_by_key(|standing| (standing.remaining, -standing.reset.as_second())))
    }

    fn used(&self, limit: RateLimit, now: Timestamp) -> u32 {
        let used = self.requests.iter().rev().take_while(|at| window_end(**at, limit.seconds) > now).count();
        u32::try_from(used).unwrap_or(u32::MAX)
    }
}

fn window_end(at: Timestamp, seconds: u32) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}

/// The headers that say when to come back.
pub(super) fn retry_header(dialect: RetryHint, until: Timestamp, now: Timestamp) -> Option<(&'static str, String)> {
    // Whoever comes back at the second that is said finds that it is over.
    let second = until.as_second() + i64::from(until.subsec_nanosecond() > 0);
    match dialect {
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

/// A moment as headers tell it.
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
    fn each_limit_holds_and_the_nearest_one_is_told() {
        let mut rates =
            RateWindows::new(vec![RateLimit { requests: 5, seconds: 60 }, RateLimit { requests: 2, seconds: 10 }]);
        assert!(rates.try_acquire(at(0)).0);
        let (may, standing) = rates.try_acquire(at(1));
        assert!(may);
        assert_eq!(standing.map(|standing| (standing.limit, standing.remaining, standing.reset)), Some((2, 0, at(10))));
        assert!(!rates.try_acquire(at(9)).0, "two in ten seconds");
        assert!(rates.try_acquire(at(10)).0);
        assert!(rates.try_acquire(at(20)).0 && rates.try_acquire(at(30)).0);
        let (may, standing) = rates.try_acquire(at(40));
        assert!(!may, "five in a minute");
        assert_eq!(standing.map(|standing| standing.reset), Some(at(60)));
    }

    #[test]
    fn without_limits_anybody_may_ask() {
        let mut rates = RateWindows::new(Vec::new());
        assert!((0..1000).all(|_| rates.try_acquire(at(0)).0));
    }

    #[test]
    fn every_dialect_names_a_moment_that_is_late_enough() {
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
