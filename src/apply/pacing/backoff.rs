//! How soon something is tried again, and how often.

use std::time::Duration;

use tokio::time::Instant;

use super::jitter;
use crate::adapter::throttle_headers::MAX_PAUSE;

/// The most attempts at one operation: with doubling pauses that is a few minutes, longer than a restart of a vendor's
/// server and shorter than anybody's patience.
pub(crate) const MAX_ATTEMPTS: u32 = 8;
/// The pause after the first attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause that is not asked for by the vendor.
const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// The longest time from the first attempt at an operation to the last.
const MAX_RETRY_TIME: Duration = Duration::from_secs(15 * 60);

/// The attempts at one operation.
#[derive(Clone, Debug)]
pub(crate) struct RetryState {
    seed: u64,
    /// Which operation it is: two that failed together are not tried again together.
    key: u64,
    attempts: u32,
    started: Instant,
}

impl RetryState {
    /// The first attempt is about to be made.
    pub(crate) fn new(seed: u64, place: usize, now: Instant) -> Self {
        Self { seed, key: place as u64, attempts: 1, started: now }
    }

    /// Which attempt it is, from 1.
    pub(crate) fn attempt(&self) -> u32 {
        self.attempts
    }

    /// Counts one more attempt: after how long it may be made; `None` where there are no more. `asked` is how long the
    /// vendor asked us to wait.
    pub(crate) fn next_pause(&mut self, now: Instant, asked: Option<Duration>) -> Option<Duration> {
        if self.attempts >= MAX_ATTEMPTS {
            return None;
        }
        let chance = jitter::fraction(self.seed, self.key, u64::from(self.attempts));
        let pause = backoff_pause(self.attempts, chance).max(asked.unwrap_or_default().min(MAX_PAUSE));
        if now + pause > self.started + MAX_RETRY_TIME {
            return None;
        }
        self.attempts += 1;
        Some(pause)
    }
}

/// The pause after that many attempts: twice as long each time, and by chance down to the half of it.
pub(super) fn backoff_pause(attempts: u32, chance: f64) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    doubled.min(MAX_BACKOFF).mul_f64(0.5 + chance / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_double_and_are_spread_and_end() {
        let now = Instant::now();
        let mut effort = RetryState::new(1, 5, now);
        let pauses: Vec<Duration> = std::iter::from_fn(|| effort.next_pause(now, None)).collect();
        assert_eq!(pauses.len(), MAX_ATTEMPTS as usize - 1);
        for (pause, whole) in pauses.iter().zip([500, 1000, 2000, 4000, 8000, 16_000, 32_000]) {
            let whole = Duration::from_millis(whole);
            assert!(*pause >= whole / 2 && *pause < whole, "{pause:?} of {whole:?}");
        }
        let mut other = RetryState::new(1, 6, now);
        assert_ne!(other.next_pause(now, None), Some(pauses[0]), "two operations are not tried again at the same time");
        assert_eq!(
            RetryState::new(1, 5, now).next_pause(now, None),
            Some(pauses[0]),
            "the same seed gives the same pause"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_vendors_wish_counts_and_so_does_the_time_of_all_attempts() {
        let now = Instant::now();
        let mut effort = RetryState::new(1, 5, now);
        assert_eq!(effort.next_pause(now, Some(Duration::from_secs(90))), Some(Duration::from_secs(90)));
        assert_eq!(effort.attempt(), 2);
        assert_eq!(effort.next_pause(now, Some(MAX_RETRY_TIME + Duration::from_secs(1))), None);
        assert_eq!(effort.next_pause(now + MAX_RETRY_TIME, None), None);
    }
}
