//! Used seats before and after each visit.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::RunbookInput;
use crate::model::{Effect, Operation, OperationKind};

/// The seats of a tenant as visits proceed.
pub(super) struct SeatTracker {
    /// Used and total seats of limited pools.
    used: BTreeMap<SmolStr, (i128, u64)>,
    /// Whether the counts match the plan; otherwise the runbook omits them.
    is_reliable: bool,
}

impl SeatTracker {
    pub(super) fn new(sheet: &RunbookInput<'_>) -> Self {
        let of_tenant = || sheet.plan.pools.iter().filter(|pool| pool.tenant == sheet.tenant.name);
        let now = |license: &str| {
            let pools = sheet.pools?;
            pools.iter().find(|pool| pool.license == license).and_then(|pool| pool.used)
        };
        let used = of_tenant().filter_map(|pool| {
            let taken = now(&pool.license).unwrap_or(pool.used_before);
            Some((pool.license.clone(), (i128::from(taken), pool.total?)))
        });
        let mut seats = Self { used: used.collect(), is_reliable: true };
        if sheet.open.is_none() && sheet.pools.is_none() {
            let mut after = Self { used: seats.used.clone(), is_reliable: true };
            for operation in sheet.operations() {
                after.apply(operation);
            }
            let fits = |pool: &crate::model::PlanPool| {
                after.used.get(&pool.license).is_none_or(|(used, _)| *used == i128::from(pool.used_after))
            };
            seats.is_reliable = of_tenant().all(fits);
        }
        seats
    }

    /// Counts an operation.
    pub(super) fn apply(&mut self, operation: &Operation) {
        for (license, seats) in seat_changes(operation) {
            if let Some((used, _)) = self.used.get_mut(license) {
                *used += seats;
            }
        }
    }

    /// Returns used and total seats; nothing if unlimited or unknown.
    pub(super) fn of(&self, license: &str) -> Option<(u64, u64)> {
        let (used, total) = self.used.get(license).filter(|_| self.is_reliable)?;
        Some((u64::try_from(*used).unwrap_or(0), *total))
    }
}

/// Returns the seats that an operation takes and frees.
pub(super) fn seat_changes(operation: &Operation) -> impl Iterator<Item = (&SmolStr, i128)> {
    let arrives = match operation.kind {
        OperationKind::Assign => Some(&operation.license),
        OperationKind::Change => operation.to.as_ref(),
        OperationKind::Cancel | OperationKind::Remove | OperationKind::Restore | OperationKind::Release => None,
    };
    let departs = match operation.kind {
        OperationKind::Cancel => Some(&operation.license),
        // A gain from another license starts at a trial or the floor, which frees no seat.
        OperationKind::Remove | OperationKind::Change => {
            Some(&operation.license).filter(|_| operation.effect != Effect::Gain)
        }
        OperationKind::Assign | OperationKind::Restore | OperationKind::Release => None,
    };
    departs.map(|license| (license, -1)).into_iter().chain(arrives.map(|license| (license, 1)))
}
