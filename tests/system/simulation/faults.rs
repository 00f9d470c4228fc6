//! Faults as rules: each fault has a probability, and a world draws its faults.

use std::time::Duration;

use fastrand::Rng;

/// Probabilities of the faults, in thousandths of the calls that they can affect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// The vendor throttles the request.
    pub(crate) throttle: u16,
    /// A request is lost without an error.
    pub(crate) lost_request: u16,
    /// A request takes effect, and its response is lost.
    pub(crate) lost_answer: u16,
    /// The response never arrives.
    pub(crate) hang: u16,
    /// The vendor is unreachable, and the request certainly did not arrive.
    pub(crate) unreachable: u16,
    /// The vendor refuses a valid request.
    pub(crate) refuse: u16,
    /// The vendor accepts a request and forgets it.
    pub(crate) forget: u16,
    /// A read returns a stale state.
    pub(crate) stale_read: u16,
    /// A read fails.
    pub(crate) failed_read: u16,
    /// The list of accounts is truncated.
    pub(crate) partial_page: u16,
    /// The vendor becomes busy for some time.
    pub(crate) busy: u16,
    /// The token is revoked for some time.
    pub(crate) revoked: u16,
    /// Another administrator changes an account.
    pub(crate) meddle: u16,
    /// Another administrator takes the seat just before it is assigned.
    pub(crate) theft: u16,
    /// The process is killed, in thousandths of the runs.
    pub(crate) kill: u16,
    /// Another process takes the lock, in thousandths of the runs.
    pub(crate) lock_loss: u16,
    /// The run is asked to stop, in thousandths of the runs.
    pub(crate) stop: u16,
    /// The wall clock is set, in thousandths of the runs.
    pub(crate) clock_jump: u16,
}

impl Faults {
    /// The faults of a world: few kinds at a time, so that each kind also occurs almost alone.
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let mut faults = Self::default();
        let calls: [&mut u16; 14] = [
            &mut faults.throttle,
            &mut faults.lost_request,
            &mut faults.lost_answer,
            &mut faults.hang,
            &mut faults.unreachable,
            &mut faults.refuse,
            &mut faults.forget,
            &mut faults.stale_read,
            &mut faults.failed_read,
            &mut faults.partial_page,
            &mut faults.busy,
            &mut faults.revoked,
            &mut faults.meddle,
            &mut faults.theft,
        ];
        let kinds = rng.u8(0..=4);
        for _ in 0..kinds {
            let kind = rng.usize(0..calls.len());
            *calls[kind] = rng.u16(20..=350);
        }
        let runs: [&mut u16; 4] = [&mut faults.kill, &mut faults.lock_loss, &mut faults.stop, &mut faults.clock_jump];
        for chance in runs {
            if rng.u8(0..3) == 0 {
                *chance = rng.u16(200..=900);
            }
        }
        faults
    }
}

/// Draws whether a fault with this probability happens now.
pub(crate) fn strikes(rng: &mut Rng, chance: u16) -> bool {
    rng.u16(0..1000) < chance
}

/// Draws a duration between two values.
pub(crate) fn between(rng: &mut Rng, least: u64, most: u64) -> Duration {
    Duration::from_millis(rng.u64(least..=most))
}
