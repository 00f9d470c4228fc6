//! How many requests may be in flight: fewer after every throttled answer, slowly more again while all goes well.

use std::time::Duration;

use tokio::time::Instant;

/// What is left after a throttled answer. Halving finds the vendor's pace from 128 in seven answers.
const REDUCTION: f64 = 0.5;
/// Answers to requests that were in flight at the cut say nothing new.
const REDUCTION_SPACING: Duration = Duration::from_secs(1);
/// How many good rounds, of as many answers as may be in flight, it takes to have one more in flight.
const ROUNDS_TO_GROW: f64 = 4.0;

/// The limit of one tenant.
#[derive(Clone, Debug)]
pub(super) struct AdaptiveLimit {
    max: f64,
    current: f64,
    last_cut: Option<Instant>,
}

impl AdaptiveLimit {
    /// As many as the tenant is said to bear.
    pub(super) fn new(most: u32) -> Self {
        let most = f64::from(most.max(1));
        Self { max: most, current: most, last_cut: None }
    }

    /// How many may be in flight.
    pub(super) fn slots(&self) -> u32 {
        self.current as u32
    }

    /// The tenant asked for a rest; whether the limit is another now.
    pub(super) fn reduce(&mut self, now: Instant) -> bool {
        if self.last_cut.is_some_and(|cut| now < cut + REDUCTION_SPACING) {
            return false;
        }
        let before = self.slots();
        self.last_cut = Some(now);
        self.current = (self.current * REDUCTION).max(1.0);
        self.slots() != before
    }

    /// The tenant answered as it should; whether the limit is another now.
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
    async fn it_is_halved_once_for_all_that_was_in_flight_and_grows_by_one_in_four_rounds() {
        let mut limit = AdaptiveLimit::new(16);
        let start = Instant::now();
        assert!(limit.reduce(start) && !limit.reduce(start + Duration::from_millis(999)));
        assert_eq!(limit.slots(), 8);
        let mut answers = 0;
        while !limit.grow() {
            answers += 1;
            assert!(answers < 100, "it never grows");
        }
        assert_eq!(limit.slots(), 9);
        // Four rounds of eight answers; it grows a little slower within, for the limit is a little higher then.
        assert!((31..=36).contains(&answers), "{answers}");
        for cut in 1..9 {
            limit.reduce(start + Duration::from_secs(cut * 2));
        }
        assert_eq!(limit.slots(), 1, "one request always goes");
        for _ in 0..10_000 {
            limit.grow();
        }
        assert_eq!(limit.slots(), 16, "never more than the tenant bears");
    }
}
