//! How many requests may be in flight: fewer after every throttled answer, slowly more again while all goes well.

use std::time::Duration;

use tokio::time::Instant;

/// What is left after a throttled answer. Halving finds the vendor's pace from 128 in seven answers.
const CUT: f64 = 0.5;
/// Answers to requests that were in flight at the cut say nothing new.
const CUT_SPACING: Duration = Duration::from_secs(1);
/// How many good rounds, of as many answers as may be in flight, it takes to have one more in flight.
const ROUNDS_TO_GROW: f64 = 4.0;

/// The limit of one tenant.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    most: f64,
    now: f64,
    cut: Option<Instant>,
}

impl Limit {
    /// As many as the tenant is said to bear.
    pub(super) fn new(most: u32) -> Self {
        let most = f64::from(most.max(1));
        Self { most, now: most, cut: None }
    }

    /// How many may be in flight.
    pub(super) fn slots(&self) -> u32 {
        self.now as u32
    }

    /// The tenant asked for a rest; whether the limit is another now.
    pub(super) fn cut(&mut self, now: Instant) -> bool {
        if self.cut.is_some_and(|cut| now < cut + CUT_SPACING) {
            return false;
        }
        let before = self.slots();
        self.cut = Some(now);
        self.now = (self.now * CUT).max(1.0);
        self.slots() != before
    }

    /// The tenant answered as it should; whether the limit is another now.
    pub(super) fn grow(&mut self) -> bool {
        if self.now >= self.most {
            return false;
        }
        let before = self.slots();
        self.now = (self.now + 1.0 / (ROUNDS_TO_GROW * self.now)).min(self.most);
        self.slots() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_is_halved_once_for_all_that_was_in_flight_and_grows_by_one_in_four_rounds() {
        let mut limit = Limit::new(16);
        let start = Instant::now();
        assert!(limit.cut(start) && !limit.cut(start + Duration::from_millis(999)));
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
            limit.cut(start + Duration::from_secs(cut * 2));
        }
        assert_eq!(limit.slots(), 1, "one request always goes");
        for _ in 0..10_000 {
            limit.grow();
        }
        assert_eq!(limit.slots(), 16, "never more than the tenant bears");
    }
}
