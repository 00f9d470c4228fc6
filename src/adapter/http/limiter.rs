//! The gate that every request of a client passes: so many in so much time, and none while the vendor asked for a rest.
//!
//! The executor has a pace of its own for operations; this one also counts pages, single reads and polls.
//! What must hold: no request leaves without a token of every bucket; whoever would have to wait too long for the end
//! of a rest is told so, and has sent nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::adapter::token_bucket::TokenBucket;
use crate::model::RateLimit;

/// How often a rest may be prolonged while somebody waits for its end.
const PAUSES_MAX: u32 = 8;

/// The gate of one client.
#[derive(Debug)]
pub(super) struct RequestLimiter {
    state: Mutex<RequestLimiterState>,
}

#[derive(Debug)]
struct RequestLimiterState {
    buckets: Vec<TokenBucket>,
    paused_until: Option<Instant>,
}

impl RequestLimiter {
    /// A gate that lets pass what all of these rates allow.
    pub(super) fn new(rates: &[RateLimit]) -> Self {
        let buckets = rates.iter().map(|rate| TokenBucket::new(*rate)).collect();
        Self { state: Mutex::new(RequestLimiterState { buckets, paused_until: None }) }
    }

    /// Waits until a request may go.
    ///
    /// # Errors
    /// How long the vendor still wants to rest, where that is longer than `longest`.
    pub(super) async fn acquire(&self, longest: Duration) -> Result<(), Duration> {
        let limit = Instant::now() + longest;
        self.wait_out_pause(limit).await?;
        let now = Instant::now();
        let due = self.state().buckets.iter_mut().map(|bucket| bucket.reserve(now)).max();
        if let Some(due) = due.filter(|due| *due > now) {
            sleep_until(due).await;
        }
        // Somebody may have been asked for a rest meanwhile.
        self.wait_out_pause(limit.max(Instant::now())).await
    }

    /// Waits until a request may go whose tokens were taken before.
    ///
    /// # Errors
    /// The same as those of [`pass`](Self::pass).
    pub(super) async fn acquire_reserved(&self, longest: Duration) -> Result<(), Duration> {
        self.wait_out_pause(Instant::now() + longest).await
    }

    async fn wait_out_pause(&self, limit: Instant) -> Result<(), Duration> {
        for _ in 0..PAUSES_MAX {
            let Some(rest) = self.remaining_pause() else { return Ok(()) };
            let until = Instant::now() + rest;
            if until > limit {
                return Err(rest);
            }
            sleep_until(until).await;
        }
        self.remaining_pause().map_or(Ok(()), Err)
    }

    /// Lets nothing pass for that long.
    pub(super) fn pause(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Some(until));
    }

    /// For how long nothing passes.
    pub(super) fn remaining_pause(&self) -> Option<Duration> {
        let until = self.state().paused_until?;
        Some(until.saturating_duration_since(Instant::now())).filter(|rest| !rest.is_zero())
    }

    fn state(&self) -> MutexGuard<'_, RequestLimiterState> {
        // The figures are whole after every line that changes them.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_request_costs_a_token_of_every_bucket() {
        let gate =
            RequestLimiter::new(&[RateLimit { requests: 100, seconds: 60 }, RateLimit { requests: 20, seconds: 10 }]);
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..220 {
            gate.acquire(Duration::ZERO).await.unwrap();
            times.push(start.elapsed());
        }
        for (window, most) in [(60, 101), (10, 21)] {
            for begin in &times {
                let within = |time: &&Duration| **time >= *begin && **time < *begin + Duration::from_secs(window);
                assert!(times.iter().filter(within).count() <= most, "{window} s from {begin:?}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn rest_is_waited_for_up_to_a_limit_and_never_cut_short() {
        let gate = RequestLimiter::new(&[]);
        gate.pause(Duration::from_secs(30));
        gate.pause(Duration::from_secs(5));
        assert_eq!(gate.remaining_pause(), Some(Duration::from_secs(30)));
        let start = Instant::now();
        assert_eq!(gate.acquire(Duration::from_secs(29)).await, Err(Duration::from_secs(30)));
        assert_eq!(start.elapsed(), Duration::ZERO, "nobody waits in vain");
        gate.acquire(Duration::from_secs(30)).await.unwrap();
        assert_eq!((start.elapsed(), gate.remaining_pause()), (Duration::from_secs(30), None));
    }
}
