//! Keeps operations back from a tenant that refuses too often, removals first.
//!
//! Whoever takes something away while nothing works leaves people with nothing. What must hold: what closes a gap is
//! never kept back; what is kept back is tried again, one operation at a time, and not for ever.

use std::time::Duration;

use tokio::time::Instant;

/// After so many failures in a row nothing is taken away any more: where one in a hundred fails by chance, three in a
/// row come once in a million.
const REMOVALS_STOP_AFTER: u32 = 3;
/// After so many nothing is sent at all: nobody is helped by a hundred refusals in the log.
const ALL_STOPS_AFTER: u32 = 10;
/// The time after which one operation is tried: what a restart takes.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// The longest such time.
const MAX_PAUSE: Duration = Duration::from_secs(300);
/// How often one is tried before the rest is given up.
const MAX_PROBES: u32 = 4;

/// What may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BreakerPermission {
    /// Whether something may be given.
    pub(crate) additions: bool,
    /// Whether something may be taken away.
    pub(crate) removals: bool,
    /// Whether only one operation may go, to see whether the tenant works again.
    pub(crate) is_probe: bool,
}

/// That the breaker opened, or stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BreakerOpening {
    /// Whether only removals are kept back.
    pub(crate) removals_only: bool,
    /// How many failed one after the other.
    pub(crate) failures: u32,
    /// After how long one is tried.
    pub(crate) pause: Duration,
}

/// The breaker of one tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct CircuitBreaker {
    failures: u32,
    probes: u32,
    open: Option<OpenState>,
}

#[derive(Clone, Copy, Debug)]
struct OpenState {
    removals_only: bool,
    until: Instant,
}

impl CircuitBreaker {
    /// An operation failed; what to tell where the breaker opens because of it.
    pub(crate) fn record_failure(&mut self, now: Instant) -> Option<BreakerOpening> {
        self.failures += 1;
        let removals_only = match self.failures {
            0..REMOVALS_STOP_AFTER => return None,
            REMOVALS_STOP_AFTER..ALL_STOPS_AFTER => true,
            ALL_STOPS_AFTER.. => false,
        };
        match self.open {
            // What was in flight when it opened says nothing new.
            Some(open) if open.removals_only == removals_only && now < open.until => None,
            _ => {
                self.probes += u32::from(self.open.is_some_and(|open| now >= open.until));
                let pause = FIRST_PAUSE.saturating_mul(1 << self.probes.min(8)).min(MAX_PAUSE);
                self.open = Some(OpenState { removals_only, until: now + pause });
                Some(BreakerOpening { removals_only, failures: self.failures, pause })
            }
        }
    }

    /// An operation succeeded; whether the breaker closes because of it.
    pub(crate) fn record_success(&mut self) -> bool {
        let was_open = self.open.is_some();
        *self = Self::default();
        was_open
    }

    /// What may be sent.
    pub(crate) fn permission(&self, now: Instant) -> BreakerPermission {
        match self.open {
            None => BreakerPermission { additions: true, removals: true, is_probe: false },
            Some(open) if now >= open.until => BreakerPermission { additions: true, removals: true, is_probe: true },
            Some(open) => BreakerPermission { additions: open.removals_only, removals: false, is_probe: false },
        }
    }

    /// When one operation is tried, where something is kept back.
    pub(crate) fn retry_at(&self, now: Instant) -> Option<Instant> {
        self.open.map(|open| open.until).filter(|until| *until > now)
    }

    /// Whether it was tried often enough.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.probes >= MAX_PROBES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(breaker: &CircuitBreaker, now: Instant) -> (bool, bool, bool) {
        let BreakerPermission { additions: gives, removals: takes, is_probe: trial } = breaker.permission(now);
        (gives, takes, trial)
    }

    #[tokio::test(start_paused = true)]
    async fn removals_stop_first_then_everything_and_one_is_tried_after_a_pause() {
        let (mut breaker, now) = (CircuitBreaker::default(), Instant::now());
        assert!(breaker.record_failure(now).is_none() && breaker.record_failure(now).is_none());
        assert_eq!(permission(&breaker, now), (true, true, false));
        assert_eq!(
            breaker.record_failure(now),
            Some(BreakerOpening { removals_only: true, failures: 3, pause: FIRST_PAUSE })
        );
        assert_eq!(permission(&breaker, now), (true, false, false));
        assert!((4..10).all(|_| breaker.record_failure(now).is_none()));
        assert_eq!(
            breaker.record_failure(now),
            Some(BreakerOpening { removals_only: false, failures: 10, pause: FIRST_PAUSE })
        );
        assert_eq!(permission(&breaker, now), (false, false, false));
        let then = now + FIRST_PAUSE;
        assert_eq!((breaker.retry_at(now), breaker.retry_at(then)), (Some(then), None));
        assert_eq!(permission(&breaker, then), (true, true, true));
        assert!(breaker.record_success());
        assert_eq!(permission(&breaker, then), (true, true, false));
        assert!(breaker.record_failure(then).is_none(), "it starts from the beginning");
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_get_longer_and_hope_ends() {
        let (mut breaker, mut now) = (CircuitBreaker::default(), Instant::now());
        let mut pauses = Vec::new();
        for _ in 0..20 {
            if let Some(opened) = breaker.record_failure(now).filter(|opened| !opened.removals_only) {
                pauses.push(opened.pause.as_secs());
            }
            now = breaker.retry_at(now).filter(|_| breaker.failures >= 10).unwrap_or(now);
            if breaker.is_exhausted() {
                break;
            }
        }
        assert_eq!(pauses, [30, 60, 120, 240, 300]);
    }

    #[tokio::test(start_paused = true)]
    async fn failures_here_and_there_open_nothing() {
        let (mut breaker, now) = (CircuitBreaker::default(), Instant::now());
        for _ in 0..50 {
            assert!(breaker.record_failure(now).is_none() && breaker.record_failure(now).is_none());
            assert!(!breaker.record_success());
        }
    }
}
