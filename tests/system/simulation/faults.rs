//! What can go wrong, as rules: each fault has a chance, and a world draws which of them it has.

use std::time::Duration;

use fastrand::Rng;

/// How often what goes wrong, in thousandths of the calls that it can strike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// The vendor says that there are too many requests.
    pub(crate) throttle: u16,
    /// A request never arrives, and nobody says so.
    pub(crate) lost_request: u16,
    /// A request takes effect, and nobody says so.
    pub(crate) lost_answer: u16,
    /// The answer never comes.
    pub(crate) hang: u16,
    /// The vendor cannot be reached, and the request surely never arrived.
    pub(crate) unreachable: u16,
    /// The vendor refuses what it should take.
    pub(crate) refuse: u16,
    /// The vendor accepts, and forgets.
    pub(crate) forget: u16,
    /// A read shows what was so a moment ago.
    pub(crate) stale_read: u16,
    /// A read fails.
    pub(crate) failed_read: u16,
    /// The list of accounts breaks off.
    pub(crate) partial_page: u16,
    /// The vendor gets busy for a while.
    pub(crate) busy: u16,
    /// The token is revoked for a while.
    pub(crate) revoked: u16,
    /// Somebody else changes an account.
    pub(crate) meddle: u16,
    /// Somebody else takes the seat just before it is assigned.
    pub(crate) theft: u16,
    /// The process is killed, in thousandths of the runs.
    pub(crate) kill: u16,
    /// Somebody else takes the lock, in thousandths of the runs.
    pub(crate) lock_loss: u16,
    /// Somebody asks the run to end, in thousandths of the runs.
    pub(crate) stop: u16,
    /// The clock on the wall is set, in thousandths of the runs.
    pub(crate) clock_jump: u16,
}

impl Faults {
    /// The faults of a world: few kinds at a time, so that each kind is also seen almost alone.
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

/// Whether something of that chance happens now.
pub(crate) fn strikes(rng: &mut Rng, chance: u16) -> bool {
    rng.u16(0..1000) < chance
}

/// A time between two that is drawn.
pub(crate) fn between(rng: &mut Rng, least: u64, most: u64) -> Duration {
    Duration::from_millis(rng.u64(least..=most))
}
