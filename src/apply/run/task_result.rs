//! What the tasks of a run come back with, and what it means for the others.

use std::sync::Arc;

use smol_str::SmolStr;
use tokio::time::Instant;

use super::RunLoop;
use crate::adapter::AdapterError;
use crate::apply::Event;
use crate::apply::manual::HandoverOutcome;
use crate::apply::operation::result::{FailureCause, OperationResult, message_with_help};
use crate::apply::operation::roll_back::{RollbackRequest, RollbackResult, stranded};
use crate::apply::operation::{RetryDecision, StepResult, busy_result};
use crate::apply::pacing::{RequestPriority, RetryState};
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::{DroppedOperation, OperationIndex};
use crate::apply::run::tenants::InFlight;
use crate::model::{OnFailure, OperationId, Outcome, Pool, SkipReason};
use crate::store::StoreError;

/// What a task of the run comes back with.
pub(super) enum TaskResult {
    /// The tenant was asked whether it takes changes, and what its pools are like.
    TenantChecked(SmolStr, Result<Option<Vec<Pool>>, OperationResult>),
    /// Operations were sent, or are known not to be.
    Attempted(Result<Vec<(OperationIndex, StepResult)>, StoreError>),
    /// An operation was followed to its end.
    EffectAwaited(OperationIndex, OperationResult),
    /// An operation failed, and its person's old license was to be given back.
    RolledBack(OperationIndex, OperationResult, Result<RollbackResult, StoreError>),
    /// What is open at a tenant was handed over to people.
    HandedOver(SmolStr, Result<HandoverOutcome, StoreError>),
    /// The pools of a tenant were read again.
    PoolsRead(SmolStr, Result<Vec<Pool>, AdapterError>),
}

impl RunLoop {
    pub(super) fn handle_task(&mut self, arrival: TaskResult) -> Result<(), StoreError> {
        if self.failure.is_some() {
            // Somebody else may write by now; the next run reads what came of it.
            return Ok(());
        }
        match arrival {
            TaskResult::TenantChecked(tenant, Ok(pools)) => {
                // What people said to have done is not to be seen yet, so that nobody can tell whose seats are counted.
                if let Some(pools) = pools.filter(|_| !self.was_handed_over(&tenant)) {
                    self.skip_without_seat(&tenant, &pools)?;
                }
                if self.is_manual(&tenant) {
                    self.start_manual(tenant);
                } else {
                    self.schedule.set_open(&tenant, true);
                }
            }
            TaskResult::HandedOver(tenant, arrived) => self.handle_manual(&tenant, arrived?)?,
            TaskResult::TenantChecked(tenant, Err(fate)) => self.close_tenant(&tenant, &fate)?,
            TaskResult::Attempted(landings) => {
                for (index, landing) in landings? {
                    self.handle_step(index, landing)?;
                }
            }
            TaskResult::EffectAwaited(index, fate) => self.end_operation(index, fate)?,
            TaskResult::RolledBack(index, fate, given) => self.handle_roll_back(index, fate, given?)?,
            TaskResult::PoolsRead(tenant, pools) => {
                self.recounting.remove(&tenant);
                if let Ok(pools) = pools {
                    self.skip_without_seat(&tenant, &pools)?;
                }
                self.schedule.set_open(&tenant, true);
            }
        }
        Ok(())
    }

    fn handle_step(&mut self, index: OperationIndex, landing: StepResult) -> Result<(), StoreError> {
        match landing {
            StepResult::Done(fate, seen) => {
                if let Some(seen) = seen.filter(|_| fate.outcome.is_success())
                    && let Some(next) = self.schedule.next_of_person(index)
                {
                    self.fresh_accounts.insert(next, seen);
                }
                self.end_operation(index, fate)
            }
            StepResult::InFlight(coming) => {
                self.spawn_await_effect(index, coming);
                Ok(())
            }
            StepResult::Refused { error, was_sent } => {
                // It went with others, and goes on alone.
                let (bench, class) = (Arc::clone(&self.context), self.priority_of(index));
                let task = self.tasks.spawn(async move {
                    let landing = bench.execute_with_retry(index, class, None, Some((error, was_sent))).await;
                    TaskResult::Attempted(landing.map(|landing| vec![(index, landing)]))
                });
                self.task_operations.insert(task.id(), vec![index]);
                Ok(())
            }
        }
    }

    fn spawn_await_effect(&mut self, index: OperationIndex, coming: InFlight) {
        // What the vendor has a name for is in flight there, and vendors bear only so many of those.
        if coming.handle.is_none() {
            self.schedule.free_slot(index);
        }
        let bench = Arc::clone(&self.context);
        bench.tenants.events.emit(&Event::Waiting { operation: bench.operation(index).id.clone() });
        let leads_on = self.schedule.closes_gap(index) || self.schedule.opens_gap(index);
        let task = self.tasks.spawn(async move {
            let fate = bench.tenants.await_effect(bench.operation(index), &coming, leads_on).await;
            TaskResult::EffectAwaited(index, fate)
        });
        self.task_operations.insert(task.id(), vec![index]);
    }

    /// Ends an operation, unless its person is to get the old license back first.
    pub(super) fn end_operation(&mut self, index: OperationIndex, fate: OperationResult) -> Result<(), StoreError> {
        let is_hopeless = self.update_breaker(index, &fate);
        let tenant = self.schedule.operation(index).tenant.clone();
        self.end_or_roll_back(index, fate)?;
        if is_hopeless { self.give_up_tenant(&tenant) } else { Ok(()) }
    }

    fn end_or_roll_back(&mut self, index: OperationIndex, fate: OperationResult) -> Result<(), StoreError> {
        match fate.outcome {
            Outcome::Failed | Outcome::Skipped if self.spawn_roll_back(index, &fate) => return Ok(()),
            Outcome::Unknown => self.note_uncertain_move(index),
            Outcome::Applied | Outcome::Already | Outcome::Pending | Outcome::Skipped | Outcome::Failed => {}
        }
        self.finish_operation(index, fate)
    }

    /// Starts to give the old license back, where the operation asks for it and the old one is gone.
    pub(super) fn spawn_roll_back(&mut self, index: OperationIndex, fate: &OperationResult) -> bool {
        // Nothing can be sent there; whoever works by hand was offered it.
        if self.is_manual(&self.schedule.operation(index).tenant) {
            return false;
        }
        let Some(remove) = self
            .schedule
            .removal_before(index)
            .filter(|_| self.schedule.operation(index).on_failure == Some(OnFailure::RollBack))
        else {
            return false;
        };
        let (bench, fate) = (Arc::clone(&self.context), fate.clone());
        let gap = RollbackRequest {
            assign: index,
            remove,
            restore: self.schedule.restore_after(index),
            was_trial: bench.is_trial_removal(remove),
            is_presumed_absent: fate.is_presumed_absent(),
        };
        let task = self.tasks.spawn(async move {
            let given = bench.roll_back(&gap).await;
            TaskResult::RolledBack(index, fate, given)
        });
        self.task_operations.insert(task.id(), vec![index]);
        true
    }

    fn handle_roll_back(
        &mut self,
        index: OperationIndex,
        fate: OperationResult,
        given: RollbackResult,
    ) -> Result<(), StoreError> {
        if given.has_new_license {
            return self
                .finish_operation(index, OperationResult::new(Outcome::Applied, None).with_note(&given.message));
        }
        let removal = self.schedule.removal_before(index);
        if given.is_seat_used {
            self.rolled_back.insert(index);
        }
        if let Some(removal) = removal {
            let (removal, wanted) = (self.schedule.operation(removal), self.schedule.operation(index));
            let watch = &self.context.tenants.events;
            if let Some(reason) = given.stranded_reason {
                let stranded = stranded(removal, wanted, reason);
                watch.emit(&Event::Stranded(stranded.clone()));
                self.stranded.push(stranded);
            } else if given.is_seat_used {
                watch.emit(&Event::RolledBack {
                    operation: wanted.id.clone(),
                    tenant: removal.tenant.clone(),
                    person: removal.person.clone(),
                    license: removal.license.clone(),
                });
            }
        }
        let denied = given.cause == Some(FailureCause::AccessDenied);
        let tenant = self.schedule.operation(index).tenant.clone();
        self.finish_operation(index, fate.with_note(&given.message))?;
        if let Some(removal) = removal.filter(|_| given.is_seat_used) {
            let dropped = self.schedule.revert(removal);
            let failed = self.schedule.operation(index).id.clone();
            let why = |_: &Self, _| format!("the seat it needs was given back, for `{failed}` did not succeed");
            self.skip_dependents(dropped, why)?;
        }
        if denied { self.close_tenant(&tenant, &access_denied(&tenant, &given.message)) } else { Ok(()) }
    }

    fn finish_operation(&mut self, index: OperationIndex, fate: OperationResult) -> Result<(), StoreError> {
        let tenant = self.schedule.operation(index).tenant.clone();
        let (outcome, trouble) = (fate.outcome, fate.cause);
        if matches!(trouble, Some(FailureCause::Unreachable | FailureCause::AccessDenied)) {
            self.unreachable_tenants.insert(tenant.clone());
        }
        let cause = fate.clone();
        self.record(vec![(index, fate)])?;
        let dropped = self.schedule.end(index, outcome.is_success());
        if let Some((left, fate)) = self.dropped_after_removal.remove(&index) {
            self.skip_operation(left, fate)?;
        }
        if trouble == Some(FailureCause::Busy) {
            for DroppedOperation { index, cause: _ } in dropped {
                self.skip_operation(index, cause.clone())?;
            }
            return self.close_tenant(&tenant, &cause);
        }
        let why = |course: &Self, because: OperationIndex| {
            let needed = &course.schedule.operation(because).id;
            let word = course.outcomes[because].as_ref().map_or("skipped", |known| known.outcome.as_str());
            let later = if word == "pending" { "; `reseat resume` goes on when it is there" } else { "" };
            format!("not sent, for it needs `{needed}`, which is {word}{later}")
        };
        self.skip_dependents(dropped, why)?;
        match trouble {
            Some(FailureCause::AccessDenied) => {
                let message = cause.message.unwrap_or_default();
                self.close_tenant(&tenant, &access_denied(&tenant, &message))
            }
            Some(FailureCause::NoSeat) => {
                self.spawn_recount(&tenant);
                Ok(())
            }
            Some(
                FailureCause::Busy
                | FailureCause::Unreachable
                | FailureCause::Refused
                | FailureCause::Unconfirmed
                | FailureCause::NoEffect,
            )
            | None => Ok(()),
        }
    }

    /// Skips what depends on something that did not succeed; whoever lost a license for it gets it back.
    pub(super) fn skip_dependents(
        &mut self,
        dropped: Vec<DroppedOperation>,
        why: impl Fn(&Self, OperationIndex) -> String,
    ) -> Result<(), StoreError> {
        for DroppedOperation { index, cause: because } in dropped {
            let fate = OperationResult::skipped(SkipReason::Dependent, why(self, because));
            self.skip_operation(index, fate)?;
        }
        Ok(())
    }

    /// Writes that something is not sent; whoever lost a license for it gets it back first, and whoever is losing it is
    /// looked at when that is certain.
    pub(super) fn skip_operation(&mut self, index: OperationIndex, fate: OperationResult) -> Result<(), StoreError> {
        if let Some(removal) = self.schedule.removal_in_flight(index) {
            self.dropped_after_removal.insert(removal, (index, fate));
            return Ok(());
        }
        if self.spawn_roll_back(index, &fate) { Ok(()) } else { self.record(vec![(index, fate)]) }
    }

    /// Sends nothing more to a tenant.
    pub(super) fn close_tenant(&mut self, tenant: &SmolStr, fate: &OperationResult) -> Result<(), StoreError> {
        match fate.cause {
            Some(FailureCause::Busy) => self.busy_tenants.insert(tenant.clone()),
            Some(FailureCause::Unreachable | FailureCause::AccessDenied) => {
                self.unreachable_tenants.insert(tenant.clone())
            }
            Some(FailureCause::NoSeat | FailureCause::Refused | FailureCause::Unconfirmed | FailureCause::NoEffect)
            | None => false,
        };
        for index in self.schedule.drop_tenant(tenant) {
            self.skip_operation(index, fate.clone())?;
        }
        Ok(())
    }
}

fn access_denied(tenant: &str, message: &str) -> OperationResult {
    let mut fate = OperationResult::skipped(
        SkipReason::Unreachable,
        format!("nothing more was sent, for `{tenant}` does not let us in: {message}"),
    );
    fate.cause = Some(FailureCause::AccessDenied);
    fate
}

/// Asks a tenant whether it takes changes, and waits where it does not; then reads its pools, if the plan counts on
/// seats there. The fate of all its operations where nothing can be sent.
pub(super) async fn check_tenant(bench: &RunContext, tenant: SmolStr, counts: bool) -> TaskResult {
    let world = &bench.tenants;
    let Some((target, stile)) = world.tenant(&tenant) else { return TaskResult::TenantChecked(tenant, Ok(None)) };
    let mut effort = RetryState::new(world.seed, usize::MAX, Instant::now());
    let of_tenant = OperationId(tenant.clone());
    let busy_reason = loop {
        let answer = world.read_busy_reason(&mut stile.acquire(RequestPriority::Normal).await, &tenant, target).await;
        let error = match answer {
            Ok(reason) => break reason,
            Err(error) => error,
        };
        if bench.back_off(&of_tenant, RequestPriority::Normal, &mut effort, &error).await != RetryDecision::Retry {
            let prefix = "nothing was sent, for the tenant could not be read: ";
            let mut fate = OperationResult::from_error(prefix, &error);
            (fate.outcome, fate.skip_reason) = (Outcome::Skipped, Some(SkipReason::Unreachable));
            return TaskResult::TenantChecked(tenant, Err(fate));
        }
    };
    if let Some(reason) = busy_reason
        && !world.wait_until_available(&tenant, target, &reason).await
    {
        return TaskResult::TenantChecked(tenant, Err(busy_result(world, &reason)));
    }
    if !counts {
        return TaskResult::TenantChecked(tenant, Ok(None));
    }
    let pools = match world.read_pools(&mut stile.acquire(RequestPriority::Normal).await, &tenant, target).await {
        Ok(pools) => Some(pools),
        Err(error) if OperationResult::from_error("", &error).cause == Some(FailureCause::AccessDenied) => {
            return TaskResult::TenantChecked(tenant.clone(), Err(access_denied(&tenant, &message_with_help(&error))));
        }
        // The vendor counts for itself, and refuses where it has no seat.
        Err(_) => None,
    };
    TaskResult::TenantChecked(tenant, Ok(pools))
}
