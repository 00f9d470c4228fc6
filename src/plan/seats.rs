//! How many seats of each pool a plan frees and takes.

use super::admission::Fate;
use crate::diff::{Step, TenantDiff};

/// How many seats of each pool are freed and taken.
pub(super) struct Flows {
    /// Seats that become free.
    pub(super) left: Vec<i64>,
    /// Seats that are taken.
    pub(super) taken: Vec<i64>,
}

impl Flows {
    fn new(pools: usize) -> Self {
        Self { left: vec![0; pools], taken: vec![0; pools] }
    }

    /// By what the plan carries out.
    pub(super) fn carried(found: &TenantDiff, fates: &[Fate]) -> Self {
        let mut flows = Self::new(found.pools.len());
        for step in found.changes.iter().zip(fates).filter_map(|(change, fate)| fate.step(change)) {
            flows.leave(step);
            flows.take(step);
        }
        flows
    }

    /// By those who wait, if they did not have to.
    pub(super) fn waiting(found: &TenantDiff, fates: &[Fate]) -> Self {
        let mut flows = Self::new(found.pools.len());
        for (change, fate) in found.changes.iter().zip(fates) {
            let Some(step) = change.options.first() else { continue };
            if *fate == Fate::Waiting {
                flows.leave(step);
            }
            if matches!(fate, Fate::Waiting | Fate::WaitingWithout) {
                flows.take(step);
            }
        }
        flows
    }

    fn leave(&mut self, step: &Step) {
        for given in step.cancels.iter().chain(&step.gives_up).filter(|given| given.seat) {
            self.left[given.pool.index()] += 1;
        }
    }

    fn take(&mut self, step: &Step) {
        if let Some(pool) = step.gets {
            self.taken[pool.index()] += 1;
        }
    }
}
