//! How often a vendor lets itself be asked: a sliding window for each limit.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::knobs::Dialect;
use crate::model::Rate;

/// The requests of late.
#[derive(Debug)]
pub(super) struct Rates {
    limits: Vec<Rate>,
    /// When somebody asked, the oldest first.
    asked: VecDeque<Timestamp>,
}

/// How a limit stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) limit: u32,
    pub(super) left: u32,
    /// When the next request is free again.
    pub(super) reset: Timestamp,
}

impl Rates {
    pub(super) fn new(limits: Vec<Rate>) -> Self {
        Self { limits, asked: VecDeque::new() }
    }

    /// Counts a request, if it may be made; and how the limit stands that is nearest to its end.
    pub(super) fn ask(&mut self, now: Timestamp) -> (bool, Option<Standing>) {
        let longest = self.limits.iter().map(|limit| limit.seconds).max().unwrap_or(0);
        while self.asked.front().is_some_and(|at| ends(*at, longest) <= now) {
            self.asked.pop_front();
        }
        let may = self.limits.iter().all(|limit| self.used(*limit, now) < limit.requests);
        if may && !self.limits.is_empty() {
            self.asked.push_back(now);
        }
        let standings = self.limits.iter().map(|limit| {
            let used = self.used(*limit, now);
            let oldest = self.asked.iter().find(|at| ends(**at, limit.seconds) > now).copied().unwrap_or(now);
            Standing {
                limit: limit.requests,
                left: limit.requests.saturating_sub(used),
                reset: ends(oldest, limit.seconds),
            }
        });
        (may, standings.min_by_key(|standing| (standing.left, -standing.reset.as_second())))
    }

    fn used(&self, limit: Rate, now: Timestamp) -> u32 {
        let used = self.asked.iter().rev().take_while(|at| ends(**at, limit.seconds) > now).count();
        u32::try_from(used).unwrap_or(u32::MAX)
    }
}

fn ends(at: Timestamp, seconds: u32) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}

/// The headers that say when to come back.
pub(super) fn rest(dialect: Dialect, until: Timestamp, now: Timestamp) -> Option<(&'static str, String)> {
    // Whoever comes back at the second that is said finds that it is over.
    let second = until.as_second() + i64::from(until.subsec_nanosecond() > 0);
    match dialect {
        Dialect::Seconds => {
            let wait = until.duration_since(now).as_millis().max(0);
            Some(("retry-after", (wait.saturating_add(999) / 1000).to_string()))
        }
        Dialect::Date => {
            let at = Timestamp::from_second(second).unwrap_or(until);
            Some(("retry-after", date(at)))
        }
        Dialect::Epoch => Some(("x-ratelimit-reset", second.to_string())),
        Dialect::None => None,
    }
}

/// A moment as headers tell it.
pub(super) fn date(at: Timestamp) -> String {
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
        let mut rates = Rates::new(vec![Rate { requests: 5, seconds: 60 }, Rate { requests: 2, seconds: 10 }]);
        assert!(rates.ask(at(0)).0);
        let (may, standing) = rates.ask(at(1));
        assert!(may);
        assert_eq!(standing.map(|standing| (standing.limit, standing.left, standing.reset)), Some((2, 0, at(10))));
        assert!(!rates.ask(at(9)).0, "two in ten seconds");
        assert!(rates.ask(at(10)).0);
        assert!(rates.ask(at(20)).0 && rates.ask(at(30)).0);
        let (may, standing) = rates.ask(at(40));
        assert!(!may, "five in a minute");
        assert_eq!(standing.map(|standing| standing.reset), Some(at(60)));
    }

    #[test]
    fn without_limits_anybody_may_ask() {
        let mut rates = Rates::new(Vec::new());
        assert!((0..1000).all(|_| rates.ask(at(0)).0));
    }

    #[test]
    fn every_dialect_names_a_moment_that_is_late_enough() {
        let (now, until) = (at(0), at(2).saturating_add(SignedDuration::from_millis(1)).unwrap());
        assert_eq!(rest(Dialect::Seconds, until, now), Some(("retry-after", "3".to_owned())));
        assert_eq!(rest(Dialect::Date, until, now), Some(("retry-after", "Sat, 21 Nov 2026 10:00:03 GMT".to_owned())));
        assert_eq!(rest(Dialect::Epoch, until, now), Some(("x-ratelimit-reset", "1795255203".to_owned())));
        assert_eq!(rest(Dialect::None, until, now), None);
    }
}
