//! How a run waits, reports and stops.

use std::time::Duration;

use super::event::EventSink;
use super::stop::StopSignal;
use crate::env::Clock;

/// How a run waits, reports and stops.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The clock.
    pub clock: Clock,
    /// The limit for all waiting of the run.
    pub wait: Duration,
    /// The time after which the run sends nothing new.
    pub deadline: Option<Duration>,
    /// The seed of the jitter.
    pub seed: u64,
    /// The receiver of progress events.
    pub events: EventSink,
    /// The signal that drains the run.
    pub stop: StopSignal,
}

impl RunOptions {
    /// Options without a deadline, and with a seed of their own: two runners that were throttled together must not retry
    /// together.
    pub fn new(clock: Clock, wait: Duration, events: EventSink, stop: StopSignal) -> Self {
        let seed = clock.time().as_nanosecond().unsigned_abs() as u64 ^ (u64::from(std::process::id()) << 32);
        Self { clock, wait, deadline: None, seed, events, stop }
    }
}
