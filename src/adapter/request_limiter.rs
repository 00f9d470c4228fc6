//! Rate limits of one tenant, and the pauses that its vendor requests.
//!
//! Every request passes the limiter once: in the HTTP client, or, if it starts an executor's call, in the executor, which
//! hands the permission down with [`with_reserved`]. Invariants: no request leaves without a token of every bucket; a
//! caller that would have to wait too long for the end of a pause gets an error, and has sent nothing.

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task_local;
use tokio::time::{Instant, sleep_until};

use super::token_bucket::TokenBucket;
use crate::model::RateLimit;

/// How often a pause may be extended while a request waits for its end.
const EXTENSIONS_MAX: u32 = 8;

/// The request limiter of one tenant.
#[derive(Debug)]
pub struct RequestLimiter {
    state: Mutex<RequestLimiterState>,
}

#[derive(Debug)]
struct RequestLimiterState {
    buckets: Vec<TokenBucket>,
    paused_until: Option<Instant>,
}

task_local! {
    /// How many requests of the current call have their tokens already.
    static RESERVED: Cell<u32>;
}

/// Runs `call`, whose first requests have their tokens already.
pub async fn with_reserved<T>(requests: u32, call: impl Future<Output = T>) -> T {
    RESERVED.scope(Cell::new(requests), call).await
}

/// Uses one of the tokens that were reserved for the current call, if one is left.
fn use_reserved() -> bool {
    let use_one = |left: &Cell<u32>| {
        let had = left.get();
        left.set(had.saturating_sub(1));
        had > 0
    };
    RESERVED.try_with(use_one).unwrap_or(false)
}

impl RequestLimiter {
    /// Enforces all of these rates.
    pub fn new(rates: &[RateLimit]) -> Self {
        let buckets = rates.iter().map(|rate| TokenBucket::new(*rate)).collect();
        Self { state: Mutex::new(RequestLimiterState { buckets, paused_until: None }) }
    }

    /// Takes the tokens of that many requests. Returns when the last one may leave.
    pub fn reserve(&self, requests: u32) -> Instant {
        let now = Instant::now();
        let mut state = self.state();
        (0..requests)
            .flat_map(|_| state.buckets.iter_mut().map(|bucket| bucket.reserve(now)).max())
            .max()
            .unwrap_or(now)
    }

    /// Waits until a request may leave; without a token if the current call reserved one.
    ///
    /// # Errors
    /// The rest of the vendor's pause, if it is longer than `longest`.
    pub(crate) async fn acquire(&self, longest: Duration) -> Result<(), Duration> {
        let limit = Instant::now() + longest;
        if use_reserved() {
            return self.wait_out_pause(limit).await;
        }
        self.wait_out_pause(limit).await?;
        let due = self.reserve(1);
        if due > Instant::now() {
            sleep_until(due).await;
        }
        // The vendor may have requested a pause meanwhile.
        self.wait_out_pause(limit.max(Instant::now())).await
    }

    async fn wait_out_pause(&self, limit: Instant) -> Result<(), Duration> {
        for _ in 0..EXTENSIONS_MAX {
            let Some(rest) = self.remaining_pause() else { return Ok(()) };
            let until = Instant::now() + rest;
            if until > limit {
                return Err(rest);
            }
            sleep_until(until).await;
        }
        self.remaining_pause().map_or(Ok(()), Err)
    }

    /// Blocks all requests for `pause`; never shortens a pause.
    pub fn pause(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut state = self.state();
        state.paused_until = state.paused_until.max(Some(until));
    }

    /// Returns how long all requests are still blocked.
    pub fn remaining_pause(&self) -> Option<Duration> {
        let until = self.state().paused_until?;
        Some(until.saturating_duration_since(Instant::now())).filter(|rest| !rest.is_zero())
    }

    fn state(&self) -> MutexGuard<'_, RequestLimiterState> {
        // Never left inconsistent by a panic, so a poisoned lock is safe to reuse.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_request_uses_a_token_of_every_bucket() {
        let limiter =
            RequestLimiter::new(&[RateLimit { requests: 100, seconds: 60 }, RateLimit { requests: 20, seconds: 10 }]);
        let start = Instant::now();
        let mut times = Vec::new();
        for _ in 0..220 {
            limiter.acquire(Duration::ZERO).await.unwrap();
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
    async fn pause_is_waited_out_up_to_a_limit_and_never_shortened() {
        let limiter = RequestLimiter::new(&[]);
        limiter.pause(Duration::from_secs(30));
        limiter.pause(Duration::from_secs(5));
        assert_eq!(limiter.remaining_pause(), Some(Duration::from_secs(30)));
        let start = Instant::now();
        assert_eq!(limiter.acquire(Duration::from_secs(29)).await, Err(Duration::from_secs(30)));
        assert_eq!(start.elapsed(), Duration::ZERO, "a wait that is too long fails at once");
        limiter.acquire(Duration::from_secs(30)).await.unwrap();
        assert_eq!((start.elapsed(), limiter.remaining_pause()), (Duration::from_secs(30), None));
    }

    #[tokio::test(start_paused = true)]
    async fn reserved_request_uses_no_second_token() {
        let limiter = RequestLimiter::new(&[RateLimit { requests: 1, seconds: 60 }]);
        let start = Instant::now();
        assert_eq!(limiter.reserve(1), start);
        with_reserved(1, limiter.acquire(Duration::ZERO)).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        with_reserved(0, limiter.acquire(Duration::ZERO)).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(60));
    }
}
