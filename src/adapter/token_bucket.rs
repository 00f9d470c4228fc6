//! A token bucket that enforces a rate of requests.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::RateLimit;

/// One in this many requests of a window may leave at once; the rest are spread over the window.
const BURST: u32 = 10;

/// A bucket from which each request takes a token.
///
/// Vendors count in windows whose start is unknown. So the burst and the refill of one window together are what the window
/// allows, and the rate holds in every window.
#[derive(Clone, Debug)]
pub(super) struct TokenBucket {
    /// The time between two tokens.
    spacing: Duration,
    /// How early a request may leave.
    slack: Duration,
    /// When the next token is due.
    due: Option<Instant>,
}

impl TokenBucket {
    /// Creates a full bucket.
    pub(super) fn new(rate: RateLimit) -> Self {
        let requests = rate.requests.max(1);
        let burst = (requests / BURST).max(1);
        let spacing = Duration::from_secs(u64::from(rate.seconds.max(1))) / (requests - burst + 1);
        Self { spacing, slack: spacing * (burst - 1), due: None }
    }

    /// Takes a token. Returns when the request may leave.
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
    async fn bucket_allows_a_tenth_at_once_and_spreads_the_rest() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(RateLimit { requests: 20, seconds: 38 });
        let times: Vec<u64> = (0..6).map(|_| (bucket.reserve(start) - start).as_secs()).collect();
        // Two at once, then one every two seconds: 2 + 18 in 38 seconds.
        assert_eq!(times, [0, 0, 2, 4, 6, 8]);
        // After a pause, the burst is available again.
        let later = start + Duration::from_secs(100);
        let times: Vec<u64> = (0..3).map(|_| (bucket.reserve(later) - later).as_secs()).collect();
        assert_eq!(times, [0, 0, 2]);
    }

    proptest! {
        #[test]
        fn no_window_exceeds_the_rate(
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
                // Durations are rounded down to nanoseconds, which can admit one more at the edge.
                prop_assert!(within <= requests as usize + 1, "{within} of {requests} in {seconds} s");
            }
        }
    }
}
