//! An adaptive concurrency limit: halved by throttled answers, and growing slowly with good ones.

use std::time::Duration;

use tokio::time::Instant;

/// The factor after a throttled answer; from 128, seven answers lead to 1.
const REDUCTION: f64 = 0.5;
/// Requests that were in flight at a reduction cause no further one.
const REDUCTION_SPACING: Duration = Duration::from_secs(1);
/// How many rounds of good answers, one per slot, add a slot.
const ROUNDS_TO_GROW: f64 = 4.0;

/// The limit of one tenant.
#[derive(Clone, Debug)]
pub(super) struct AdaptiveLimit {
    max: f64,
    current: f64,
    last_reduction: Option<Instant>,
}

impl AdaptiveLimit {
    /// Starts with the tenant's maximum.
    pub(super) fn new(max: u32) -> Self {
        let max = f64::from(max.max(1));
        Self { max, current: max, last_reduction: None }
    }

    /// Returns how many tasks may be in flight.
    pub(super) fn slots(&self) -> u32 {
        self.current as u32
    }

    /// Reduces the limit after a throttled answer. Returns whether the slots changed.
    pub(super) fn reduce(&mut self, now: Instant) -> bool {
        if self.last_reduction.is_some_and(|last| now < last + REDUCTION_SPACING) {
            return false;
        }
        let before = self.slots();
        self.last_reduction = Some(now);
        self.current = (self.current * REDUCTION).max(1.0);
        self.slots() != before
    }

    /// Grows the limit after a good answer. Returns whether the slots changed.
    pub(super) fn grow(&mut self) -> bool {
        if self.current >= self.max {
            return false;
        }
        let before = self.slots();
        self.current = (self.current + 1.0 / (ROUNDS_TO_GROW * self.current)).min(self.max);
        self.slots() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn limit_halves_once_per_burst_and_grows_by_one_in_four_rounds() {
        let mut limit = AdaptiveLimit::new(16);
        let start = Instant::now();
        assert!(limit.reduce(start) && !limit.reduce(start + Duration::from_millis(999)));
        assert_eq!(limit.slots(), 8);
        let mut answers = 0;
        while !limit.grow() {
            answers += 1;
            assert!(answers < 100, "the limit does not grow");
        }
        assert_eq!(limit.slots(), 9);
        // Four rounds of eight answers, and slightly more because the limit grows meanwhile.
        assert!((31..=36).contains(&answers), "{answers}");
        for cut in 1..9 {
            limit.reduce(start + Duration::from_secs(cut * 2));
        }
        assert_eq!(limit.slots(), 1, "at least one slot remains");
        for _ in 0..10_000 {
            limit.grow();
        }
        assert_eq!(limit.slots(), 16, "the limit never exceeds its maximum");
    }
}
