//! When something may be sent: how much at a time, how often, and how soon again.
//!
//! Apart from what is sent, and but for the [`ConcurrencyLimiter`] free of waiting: the parts take a moment and give one, so that
//! tests check exact schedules.
//! What must hold: no more requests are in flight at a tenant than it bears, and none goes while it asked for a rest;
//! every limit of the vendor holds in every window of time; whatever is tried again has an end.

mod backoff;
mod breaker;
mod concurrency;
mod jitter;
mod limiter;
pub(crate) mod wait_budget;

pub(crate) use backoff::{MAX_ATTEMPTS, RetryState};
pub(crate) use breaker::{BreakerOpening, CircuitBreaker};
pub(crate) use limiter::{ConcurrencyLimiter, Permit, RequestPriority};
