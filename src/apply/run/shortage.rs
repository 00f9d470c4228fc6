//! Pools with fewer free seats than the plan expected: who still gets a seat, and who waits.
//!
//! People who gave up a license come first, then the order of the plan. Invariant: a change without a seat is dropped from
//! its first unsent operation on, so that nobody gives up anything in order to wait.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::RunLoop;
use super::task_result::TaskResult;
use crate::apply::Event;
use crate::apply::operation::OperationResult;
use crate::apply::pacing::RequestPriority;
use crate::apply::run::schedule::{DispatchState, OperationIndex};
use crate::model::{Operation, OperationKind, Outcome, Plan, PlanPool, Pool, SkipReason};
use crate::store::StoreError;

/// Returns the license whose seat an operation uses.
fn gained_license(operation: &Operation) -> Option<&SmolStr> {
    match operation.kind {
        OperationKind::Assign => Some(&operation.license),
        OperationKind::Change => operation.to.as_ref(),
        OperationKind::Cancel | OperationKind::Remove | OperationKind::Restore | OperationKind::Release => None,
    }
}

/// Returns the license whose seat an operation frees.
fn released_license(operation: &Operation) -> Option<&SmolStr> {
    match operation.kind {
        OperationKind::Cancel | OperationKind::Remove | OperationKind::Change => Some(&operation.license),
        OperationKind::Assign | OperationKind::Restore | OperationKind::Release => None,
    }
}

/// A pool with too few seats.
struct PoolShortage {
    license: SmolStr,
    message: String,
    /// The operations without a seat.
    unserved: Vec<OperationIndex>,
}

impl RunLoop {
    /// Whether the plan needs seats of the tenant's limited pools.
    pub(super) fn needs_seats(&self, tenant: &str) -> bool {
        let limited: Vec<&SmolStr> = limited_pools(&self.context.plan, tenant).map(|pool| &pool.license).collect();
        !limited.is_empty()
            && self.context.plan.operations.iter().any(|operation| {
                operation.tenant == tenant
                    && gained_license(operation).is_some_and(|license| limited.contains(&license))
            })
    }

    /// Reads the pools of a tenant again; until then, it is closed.
    pub(super) fn spawn_recount(&mut self, tenant: &SmolStr) {
        if !self.recounting.insert(tenant.clone()) {
            return;
        }
        self.schedule.set_open(tenant, false);
        let (context, tenant) = (Arc::clone(&self.context), tenant.clone());
        self.tasks.spawn(async move {
            let pools = match context.tenants.get(&tenant) {
                Some(client) => client.read_pools(&mut client.acquire(RequestPriority::ClosesGap).await).await,
                None => Ok(Vec::new()),
            };
            TaskResult::PoolsRead(tenant, pools)
        });
    }

    /// Skips the operations that get no seat in the current pools.
    pub(super) fn skip_without_seat(&mut self, tenant: &SmolStr, pools: &[Pool]) -> Result<(), StoreError> {
        let plan = Arc::clone(&self.context.plan);
        let now: BTreeMap<&str, &Pool> = pools.iter().map(|pool| (&*pool.license, pool)).collect();
        // A move that is skipped frees no seat, so one shortage can cause another.
        loop {
            let short = limited_pools(&plan, tenant)
                .filter_map(|planned| self.shortage(planned, now.get(&*planned.license)?))
                .next();
            let Some(PoolShortage { license, message, unserved }) = short else { return Ok(()) };
            self.context.control.events.emit(&Event::PoolShort {
                tenant: tenant.clone(),
                license,
                reason: message.clone(),
                waiting: unserved.len(),
            });
            for index in unserved {
                let (own, others) = self.schedule.drop_change(index);
                for index in own {
                    self.skip_operation(index, OperationResult::skipped(SkipReason::Waiting, message.clone()))?;
                }
                let why = |run: &Self, cause: OperationIndex| {
                    format!("not sent: depends on `{}`, which waits for a seat", run.schedule.operation(cause).id)
                };
                self.skip_dependents(others, why)?;
            }
        }
    }

    /// Returns the shortage of a pool that changed since the plan, if an operation gets no seat.
    fn shortage(&self, planned: &PlanPool, now: &Pool) -> Option<PoolShortage> {
        let (counted_total, used) = (planned.total?, now.used?);
        let total = now.total.map_or(counted_total, |total| total.min(counted_total));
        let mut expected = i128::from(planned.used_before);
        let mut ahead = 0_i128;
        let mut arrivals: Vec<(bool, OperationIndex)> = Vec::new();
        let of_pool = |license: Option<&SmolStr>| license == Some(&planned.license);
        for (index, operation) in self.context.plan.operations.iter().enumerate() {
            if operation.tenant != planned.tenant {
                continue;
            }
            let (arrives, departs) = (of_pool(gained_license(operation)), of_pool(released_license(operation)));
            if !arrives && !departs {
                continue;
            }
            let seats = i128::from(arrives) - i128::from(departs);
            match self.schedule.progress(index) {
                DispatchState::Unsent if self.was_sent_before(operation) => expected += seats,
                DispatchState::Unsent => {
                    ahead += seats;
                    if arrives {
                        arrivals.push((self.schedule.removal_before(index).is_none(), index));
                    }
                }
                DispatchState::Sent => ahead += seats,
                DispatchState::Ended(true) => expected += seats,
                DispatchState::Ended(false) => {}
            }
        }
        let has_changed = i128::from(used) != expected || total != counted_total;
        let capacity = i128::from(total) - i128::from(planned.reserve);
        let missing = usize::try_from(i128::from(used) + ahead - capacity).ok().filter(|missing| *missing > 0)?;
        if arrivals.is_empty() || !has_changed {
            return None;
        }
        arrivals.sort_unstable();
        let served = arrivals.len().saturating_sub(missing);
        let unserved = arrivals.split_off(served).into_iter().rev().map(|(_, index)| index).collect();
        let license = planned.license.clone();
        let kept = if planned.reserve > 0 { format!(", {} reserved", planned.reserve) } else { String::new() };
        let message = format!(
            "pool `{license}` changed since the plan: {used} of {total} seats used{kept}, the plan expected {expected}{}",
            if total == counted_total { String::new() } else { format!(" of {counted_total}") }
        );
        Some(PoolShortage { license, message, unserved })
    }

    /// Whether an earlier run sent it, so that the pool already counts its seat.
    fn was_sent_before(&self, operation: &Operation) -> bool {
        self.context.previous.get(&operation.id).is_some_and(|earlier| earlier.outcome != Some(Outcome::Failed))
    }
}

/// Returns the pools of the tenant with a known total.
fn limited_pools<'p>(plan: &'p Plan, tenant: &'p str) -> impl Iterator<Item = &'p PlanPool> {
    plan.pools.iter().filter(move |pool| pool.tenant == tenant && pool.total.is_some())
}
