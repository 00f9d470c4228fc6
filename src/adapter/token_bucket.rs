//! A limit of the kind "so many requests in so many seconds".

use std::time::Duration;

use tokio::time::Instant;

use crate::model::RateLimit;

/// Of the requests of a window this part may go at once; the rest are spread over the window.
const BURST: u32 = 10;

/// A bucket from which each request takes a token.
///
/// Vendors count in windows, and nobody knows where one begins. So what may go at once and what flows in during a window
/// are together what the window allows: it holds wherever the window is laid.
#[derive(Clone, Debug)]
pub(super) struct TokenBucket {
    /// From token to token.
    spacing: Duration,
    /// How far ahead of its spacing a request may go.
    slack: Duration,
    /// When the next request were due if all came at their spacing.
    due: Option<Instant>,
}

impl TokenBucket {
    /// A full bucket of that rate.
    pub(super) fn new(rate: RateLimit) -> Self {
        let requests = rate.requests.max(1);
        let burst = (requests / BURST).max(1);
        let spacing = Duration::from_secs(u64::from(rate.seconds.max(1))) / (requests - burst + 1);
        Self { spacing, slack: spacing * (burst - 1), due: None }
    }

    /// Takes a token: when the request may go.
    pub(super) fn reserve(&mut self, now: Instant) -> Instant {
        let due = self.due.map_or(now, |due| due.max(now));
        self.due = Some(due + self.spacing);
        let early = due.checked_sub(self.slack).unwrap_or(now);
        early.max(now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_tenth_goes_at_once_and_the_rest_is_spread() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(RateLimit { requests: 20, seconds: 38 });
        let times: Vec<u64> = (0..6).map(|_| (bucket.reserve(start) - start).as_secs()).collect();
        // Two at once, then one every two seconds: 2 + 18 in 38 seconds.
        assert_eq!(times, [0, 0, 2, 4, 6, 8]);
        // Whoever pauses may go at once again.
        let later = start + Duration::from_secs(100);
        let times: Vec<u64> = (0..3).map(|_| (bucket.reserve(later) - later).as_secs()).collect();
        assert_eq!(times, [0, 0, 2]);
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_the_rate(
            requests in 1_u32..40,
            seconds in 1_u32..90,
            gaps in prop::collection::vec(0_u64..20_000, 1..200),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            let start = runtime.block_on(async { Instant::now() });
            let mut bucket = TokenBucket::new(RateLimit { requests, seconds });
            let mut now = start;
            let mut sent = Vec::new();
            for gap in gaps {
                now += Duration::from_millis(gap % (gap / 1000 + 1));
                let at = bucket.reserve(now);
                prop_assert!(at >= now);
                sent.push(at);
                now = at;
            }
            let window = Duration::from_secs(u64::from(seconds));
            for (first, begin) in sent.iter().enumerate() {
                let within = sent[first..].iter().filter(|at| **at < *begin + window).count();
                // Durations are cut to whole nanoseconds, which can let one more in at the very edge.
                prop_assert!(within <= requests as usize + 1, "{within} of {requests} in {seconds} s");
            }
        }
    }
}
