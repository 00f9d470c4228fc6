//! Freed and used seats of each pool.

use super::admission::Admission;
use crate::diff::{LicenseTransition, TenantDiff};

/// Freed and used seats of each pool.
pub(super) struct SeatFlows {
    /// Freed seats.
    pub(super) freed: Vec<i64>,
    /// Used seats.
    pub(super) used: Vec<i64>,
}

impl SeatFlows {
    fn new(pools: usize) -> Self {
        Self { freed: vec![0; pools], used: vec![0; pools] }
    }

    /// Returns the flows of admitted changes.
    pub(super) fn of_admitted(found: &TenantDiff, fates: &[Admission]) -> Self {
        let mut flows = Self::new(found.pools.len());
        for step in found.changes.iter().zip(fates).filter_map(|(change, fate)| fate.transition(change)) {
            flows.add_freed(step);
            flows.add_used(step);
        }
        flows
    }

    /// Returns the flows that waiting changes would have.
    pub(super) fn of_waiting(found: &TenantDiff, fates: &[Admission]) -> Self {
        let mut flows = Self::new(found.pools.len());
        for (change, fate) in found.changes.iter().zip(fates) {
            let Some(step) = change.options.first() else { continue };
            if *fate == Admission::Waiting {
                flows.add_freed(step);
            }
            if matches!(fate, Admission::Waiting | Admission::WaitingWithLoss) {
                flows.add_used(step);
            }
        }
        flows
    }

    fn add_freed(&mut self, step: &LicenseTransition) {
        for given in step.cancels.iter().chain(&step.releases).filter(|given| given.frees_seat) {
            self.freed[given.pool.index()] += 1;
        }
    }

    fn add_used(&mut self, step: &LicenseTransition) {
        if let Some(pool) = step.assigns {
            self.used[pool.index()] += 1;
        }
    }
}
