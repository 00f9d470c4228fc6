//! The circuit breaker of a tenant that keeps failing: it holds back removals first, then everything.
//!
//! A removal at a tenant that fails leaves a person without a license. Invariants: an operation that closes a gap is never
//! held back; a breaker probes with one operation at a time, and a limited number of times.

use std::time::Duration;

use tokio::time::Instant;

/// Consecutive failures after which removals stop. At a random failure rate of 1 %, three in a row are one in a million.
const REMOVALS_STOP_AFTER: u32 = 3;
/// Consecutive failures after which everything stops.
const ALL_STOPS_AFTER: u32 = 10;
/// The first pause before a probe: the time of a restart.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause before a probe.
const MAX_PAUSE: Duration = Duration::from_secs(300);
/// How many probes may fail before the tenant is given up.
const MAX_PROBES: u32 = 4;

/// What may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BreakerPermission {
    /// Whether additions may be sent.
    pub(crate) additions: bool,
    /// Whether removals may be sent.
    pub(crate) removals: bool,
    /// Whether only one operation may be sent, as a probe.
    pub(crate) is_probe: bool,
}

/// A breaker that opened, or stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BreakerOpening {
    /// Whether only removals are held back.
    pub(crate) removals_only: bool,
    /// The consecutive failures.
    pub(crate) failures: u32,
    /// The pause before the next probe.
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
    /// Records a failure. Returns what to report if it opens the breaker.
    pub(crate) fn record_failure(&mut self, now: Instant) -> Option<BreakerOpening> {
        self.failures += 1;
        let removals_only = match self.failures {
            0..REMOVALS_STOP_AFTER => return None,
            REMOVALS_STOP_AFTER..ALL_STOPS_AFTER => true,
            ALL_STOPS_AFTER.. => false,
        };
        match self.open {
            // Operations that were in flight when it opened.
            Some(open) if open.removals_only == removals_only && now < open.until => None,
            _ => {
                self.probes += u32::from(self.open.is_some_and(|open| now >= open.until));
                let pause = FIRST_PAUSE.saturating_mul(1 << self.probes.min(8)).min(MAX_PAUSE);
                self.open = Some(OpenState { removals_only, until: now + pause });
                Some(BreakerOpening { removals_only, failures: self.failures, pause })
            }
        }
    }

    /// Records a success. Returns whether it closes the breaker.
    pub(crate) fn record_success(&mut self) -> bool {
        let was_open = self.open.is_some();
        *self = Self::default();
        was_open
    }

    /// Returns what may be sent.
    pub(crate) fn permission(&self, now: Instant) -> BreakerPermission {
        match self.open {
            None => BreakerPermission { additions: true, removals: true, is_probe: false },
            Some(open) if now >= open.until => BreakerPermission { additions: true, removals: true, is_probe: true },
            Some(open) => BreakerPermission { additions: open.removals_only, removals: false, is_probe: false },
        }
    }

    /// Returns the time of the next probe, if the breaker holds something back.
    pub(crate) fn retry_at(&self, now: Instant) -> Option<Instant> {
        self.open.map(|open| open.until).filter(|until| *until > now)
    }

    /// Whether all probes failed.
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
    async fn breaker_stops_removals_first_then_everything_and_probes_after_a_pause() {
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
    async fn probes_get_rarer_and_end() {
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
    async fn scattered_failures_do_not_open_the_breaker() {
        let (mut breaker, now) = (CircuitBreaker::default(), Instant::now());
        for _ in 0..50 {
            assert!(breaker.record_failure(now).is_none() && breaker.record_failure(now).is_none());
            assert!(!breaker.record_success());
        }
    }
}
