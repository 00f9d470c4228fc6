//! Concurrency, back-off, circuit breaker and wait budget.
//!
//! Except for the [`ConcurrencyLimiter`] and the wait budget, the parts are functions of a given time, so that tests check
//! exact schedules. Invariants: no more tasks are in flight at a tenant than it allows; nothing is sent while the vendor
//! requests a pause; every retry has a limit.

mod backoff;
mod breaker;
mod concurrency;
mod jitter;
mod limiter;
pub(crate) mod wait_budget;

pub(crate) use backoff::{MAX_ATTEMPTS, RetryState};
pub(crate) use breaker::{BreakerOpening, CircuitBreaker};
pub(crate) use limiter::{ConcurrencyLimiter, Permit, RequestPriority};
