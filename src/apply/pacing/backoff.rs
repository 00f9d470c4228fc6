//! Exponential back-off with jitter.

use std::time::Duration;

use tokio::time::Instant;

use super::jitter;
use crate::adapter::throttle_headers::MAX_PAUSE;

/// The most attempts at one operation: a few minutes with doubling pauses, which outlasts a restart of a vendor's server.
pub(crate) const MAX_ATTEMPTS: u32 = 8;
/// The pause after the first attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause that the vendor does not request.
const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// The longest time from the first attempt to the last.
const MAX_RETRY_TIME: Duration = Duration::from_secs(15 * 60);

/// The attempts at one operation.
#[derive(Clone, Debug)]
pub(crate) struct RetryState {
    seed: u64,
    /// Identifies the operation: two that failed together are not retried together.
    key: u64,
    attempts: u32,
    started: Instant,
}

impl RetryState {
    /// Starts with the first attempt.
    pub(crate) fn new(seed: u64, key: usize, now: Instant) -> Self {
        Self { seed, key: key as u64, attempts: 1, started: now }
    }

    /// Returns the number of the attempt, from 1.
    pub(crate) fn attempt(&self) -> u32 {
        self.attempts
    }

    /// Counts one more attempt. Returns the pause before it, at least the vendor's `requested` one; `None` after the last.
    pub(crate) fn next_pause(&mut self, now: Instant, requested: Option<Duration>) -> Option<Duration> {
        if self.attempts >= MAX_ATTEMPTS {
            return None;
        }
        let jitter = jitter::fraction(self.seed, self.key, u64::from(self.attempts));
        let pause = backoff_pause(self.attempts, jitter).max(requested.unwrap_or_default().min(MAX_PAUSE));
        if now + pause > self.started + MAX_RETRY_TIME {
            return None;
        }
        self.attempts += 1;
        Some(pause)
    }
}

/// Returns the pause after that many attempts: it doubles each time, and the jitter takes up to half of it.
pub(super) fn backoff_pause(attempts: u32, jitter: f64) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    doubled.min(MAX_BACKOFF).mul_f64(0.5 + jitter / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_double_with_jitter_and_end() {
        let now = Instant::now();
        let mut retries = RetryState::new(1, 5, now);
        let pauses: Vec<Duration> = std::iter::from_fn(|| retries.next_pause(now, None)).collect();
        assert_eq!(pauses.len(), MAX_ATTEMPTS as usize - 1);
        for (pause, whole) in pauses.iter().zip([500, 1000, 2000, 4000, 8000, 16_000, 32_000]) {
            let whole = Duration::from_millis(whole);
            assert!(*pause >= whole / 2 && *pause < whole, "{pause:?} of {whole:?}");
        }
        let mut other = RetryState::new(1, 6, now);
        assert_ne!(other.next_pause(now, None), Some(pauses[0]), "two operations are not retried at the same time");
        assert_eq!(
            RetryState::new(1, 5, now).next_pause(now, None),
            Some(pauses[0]),
            "the same seed gives the same pause"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn requested_pause_and_total_time_are_respected() {
        let now = Instant::now();
        let mut retries = RetryState::new(1, 5, now);
        assert_eq!(retries.next_pause(now, Some(Duration::from_secs(90))), Some(Duration::from_secs(90)));
        assert_eq!(retries.attempt(), 2);
        assert_eq!(retries.next_pause(now, Some(MAX_RETRY_TIME + Duration::from_secs(1))), None);
        assert_eq!(retries.next_pause(now + MAX_RETRY_TIME, None), None);
    }
}
