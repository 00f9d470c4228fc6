//! Handling of finished tasks, and what their results mean for other operations.

use std::sync::Arc;

use smol_str::SmolStr;
use tokio::time::Instant;

use super::RunLoop;
use super::context::RunContext;
use super::schedule::{DroppedOperation, OperationIndex};
use crate::adapter::AdapterError;
use crate::apply::Event;
use crate::apply::manual::HandoverOutcome;
use crate::apply::operation::{
    FailureCause, InFlight, OperationResult, RetryDecision, RollbackRequest, RollbackResult, StepResult, busy_result,
    message_with_help, stranded_person,
};
use crate::apply::pacing::{RequestPriority, RetryState};
use crate::model::{OnFailure, OperationId, Outcome, Pool, SkipReason};
use crate::store::StoreError;

/// What a task of the run reports.
pub(super) enum TaskResult {
    /// Whether a tenant accepts changes, with its pools.
    TenantChecked(SmolStr, Result<Option<Vec<Pool>>, OperationResult>),
    /// The results of an attempt.
    Attempted(Result<Vec<(OperationIndex, StepResult)>, StoreError>),
    /// The result of an operation that was in flight.
    EffectAwaited(OperationIndex, OperationResult),
    /// The result of a failed operation, and of its rollback.
    RolledBack(OperationIndex, OperationResult, Result<RollbackResult, StoreError>),
    /// What a tenant's manual steps came to.
    HandedOver(SmolStr, Result<HandoverOutcome, StoreError>),
    /// The pools of a tenant, read again.
    PoolsRead(SmolStr, Result<Vec<Pool>, AdapterError>),
}

impl RunLoop {
    pub(super) fn handle_task(&mut self, result: TaskResult) -> Result<(), StoreError> {
        if self.failure.is_some() {
            // Another run may be writing; the next run recovers this result.
            return Ok(());
        }
        match result {
            TaskResult::TenantChecked(tenant, Ok(pools)) => {
                // Steps that were reported as done are not visible yet, so their seats cannot be counted.
                if let Some(pools) = pools.filter(|_| !self.was_handed_over(&tenant)) {
                    self.skip_without_seat(&tenant, &pools)?;
                }
                if self.is_manual(&tenant) {
                    self.start_manual(tenant);
                } else {
                    self.schedule.set_open(&tenant, true);
                }
            }
            TaskResult::TenantChecked(tenant, Err(result)) => self.close_tenant(&tenant, &result)?,
            TaskResult::HandedOver(tenant, outcome) => self.handle_manual(&tenant, outcome?)?,
            TaskResult::Attempted(results) => {
                for (index, result) in results? {
                    self.handle_step(index, result)?;
                }
            }
            TaskResult::EffectAwaited(index, result) => self.end_operation(index, result)?,
            TaskResult::RolledBack(index, result, rollback) => self.handle_roll_back(index, result, rollback?)?,
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

    fn handle_step(&mut self, index: OperationIndex, result: StepResult) -> Result<(), StoreError> {
        match result {
            StepResult::Done(result, fresh) => {
                if let Some(fresh) = fresh.filter(|_| result.outcome.is_success())
                    && let Some(next) = self.schedule.next_of_person(index)
                {
                    self.fresh_accounts.insert(next, fresh);
                }
                self.end_operation(index, result)
            }
            StepResult::InFlight(in_flight) => {
                self.spawn_await_effect(index, in_flight);
                Ok(())
            }
            StepResult::Rejected(rejection) => {
                // It was part of a batch, and is retried alone.
                let (context, priority) = (Arc::clone(&self.context), self.priority_of(index));
                let task = self.tasks.spawn(async move {
                    let result = context.execute_with_retry(index, priority, None, Some(rejection)).await;
                    TaskResult::Attempted(result.map(|result| vec![(index, result)]))
                });
                self.task_operations.insert(task.id(), vec![index]);
                Ok(())
            }
        }
    }

    fn spawn_await_effect(&mut self, index: OperationIndex, in_flight: InFlight) {
        // An asynchronous operation keeps its slot, because vendors limit how many they process.
        if in_flight.handle.is_none() {
            self.schedule.free_slot(index);
        }
        let context = Arc::clone(&self.context);
        context.control.events.emit(&Event::Waiting { operation: context.operation(index).id.clone() });
        let is_gap = self.schedule.closes_gap(index) || self.schedule.opens_gap(index);
        let task = self.tasks.spawn(async move {
            let operation = context.operation(index);
            let result = match context.tenants.get(&operation.tenant) {
                Some(client) => client.await_effect(operation, &in_flight, is_gap).await,
                None => OperationResult::new(Outcome::Unknown, "the manifest has no such tenant".to_owned()),
            };
            TaskResult::EffectAwaited(index, result)
        });
        self.task_operations.insert(task.id(), vec![index]);
    }

    /// Ends an operation, after a rollback if it needs one.
    pub(super) fn end_operation(&mut self, index: OperationIndex, result: OperationResult) -> Result<(), StoreError> {
        let is_exhausted = self.update_breaker(index, &result);
        let tenant = self.schedule.operation(index).tenant.clone();
        match result.outcome {
            Outcome::Failed | Outcome::Skipped if self.spawn_roll_back(index, &result) => {}
            outcome => {
                if outcome == Outcome::Unknown {
                    self.note_uncertain_move(index);
                }
                self.finish_operation(index, result)?;
            }
        }
        if is_exhausted { self.give_up_tenant(&tenant) } else { Ok(()) }
    }

    /// Starts the rollback of an operation that requests it, if its removal succeeded.
    pub(super) fn spawn_roll_back(&mut self, index: OperationIndex, result: &OperationResult) -> bool {
        // A person who does manual steps was offered the rollback.
        if self.is_manual(&self.schedule.operation(index).tenant)
            || self.schedule.operation(index).on_failure != Some(OnFailure::RollBack)
        {
            return false;
        }
        let Some(remove) = self.schedule.removal_before(index) else { return false };
        let (context, result) = (Arc::clone(&self.context), result.clone());
        let request = RollbackRequest {
            assign: index,
            remove,
            restore: self.schedule.restore_after(index),
            was_trial: context.is_trial_removal(remove),
            is_presumed_absent: result.is_presumed_absent(),
        };
        let task = self.tasks.spawn(async move {
            let rollback = context.roll_back(&request).await;
            TaskResult::RolledBack(index, result, rollback)
        });
        self.task_operations.insert(task.id(), vec![index]);
        true
    }

    fn handle_roll_back(
        &mut self,
        index: OperationIndex,
        result: OperationResult,
        rollback: RollbackResult,
    ) -> Result<(), StoreError> {
        if rollback.has_new_license {
            let applied = OperationResult::new(Outcome::Applied, None);
            return self.finish_operation(index, applied.with_note(&rollback.message));
        }
        let removal = self.schedule.removal_before(index);
        if rollback.is_seat_used {
            self.rolled_back.insert(index);
        }
        if let Some(removal) = removal {
            let (removal, wanted) = (self.schedule.operation(removal), self.schedule.operation(index));
            if let Some(reason) = rollback.stranded_reason {
                let stranded = stranded_person(removal, wanted, reason);
                self.report_stranded(stranded);
            } else if rollback.is_seat_used {
                self.context.control.events.emit(&Event::RolledBack {
                    operation: wanted.id.clone(),
                    tenant: removal.tenant.clone(),
                    person: removal.person.clone(),
                    license: removal.license.clone(),
                });
            }
        }
        let is_denied = rollback.cause == Some(FailureCause::AccessDenied);
        let tenant = self.schedule.operation(index).tenant.clone();
        self.finish_operation(index, result.with_note(&rollback.message))?;
        if let Some(removal) = removal.filter(|_| rollback.is_seat_used) {
            let dropped = self.schedule.revert(removal);
            let failed = self.schedule.operation(index).id.clone();
            self.skip_dependents(dropped, |_, _| {
                format!("not sent: the seat it needs is used again, because `{failed}` was rolled back")
            })?;
        }
        if is_denied { self.close_tenant(&tenant, &access_denied(&tenant, &rollback.message)) } else { Ok(()) }
    }

    fn finish_operation(&mut self, index: OperationIndex, result: OperationResult) -> Result<(), StoreError> {
        let tenant = self.schedule.operation(index).tenant.clone();
        let (outcome, cause) = (result.outcome, result.cause);
        if matches!(cause, Some(FailureCause::Unreachable | FailureCause::AccessDenied)) {
            self.unreachable_tenants.insert(tenant.clone());
        }
        let failed = result.clone();
        self.record(vec![(index, result)])?;
        let dropped = self.schedule.end(index, outcome.is_success());
        if let Some((next, result)) = self.dropped_after_removal.remove(&index) {
            self.skip_operation(next, result)?;
        }
        if cause == Some(FailureCause::Busy) {
            for DroppedOperation { index, cause: _ } in dropped {
                self.skip_operation(index, failed.clone())?;
            }
            return self.close_tenant(&tenant, &failed);
        }
        self.skip_dependents(dropped, |run, cause| {
            let needed = &run.schedule.operation(cause).id;
            let outcome = run.outcomes[cause].as_ref().map_or("skipped", |known| known.outcome.as_str());
            let hint = if outcome == "pending" { "; `reseat resume` continues once it is in effect" } else { "" };
            format!("not sent: depends on `{needed}` ({outcome}){hint}")
        })?;
        match cause {
            Some(FailureCause::AccessDenied) => {
                let message = failed.message.unwrap_or_default();
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

    /// Skips operations that depend on one that did not succeed.
    pub(super) fn skip_dependents(
        &mut self,
        dropped: Vec<DroppedOperation>,
        message: impl Fn(&Self, OperationIndex) -> String,
    ) -> Result<(), StoreError> {
        for DroppedOperation { index, cause } in dropped {
            let result = OperationResult::skipped(SkipReason::Dependent, message(self, cause));
            self.skip_operation(index, result)?;
        }
        Ok(())
    }

    /// Records that an operation is not sent. A person who lost a license for it is rolled back first; if the removal is
    /// still in flight, once its result is certain.
    pub(super) fn skip_operation(&mut self, index: OperationIndex, result: OperationResult) -> Result<(), StoreError> {
        if let Some(removal) = self.schedule.removal_in_flight(index) {
            self.dropped_after_removal.insert(removal, (index, result));
            return Ok(());
        }
        if self.spawn_roll_back(index, &result) { Ok(()) } else { self.record(vec![(index, result)]) }
    }

    /// Sends nothing more to a tenant.
    pub(super) fn close_tenant(&mut self, tenant: &SmolStr, result: &OperationResult) -> Result<(), StoreError> {
        self.note_tenant_failure(tenant, result.cause);
        for index in self.schedule.drop_tenant(tenant) {
            self.skip_operation(index, result.clone())?;
        }
        Ok(())
    }

    pub(super) fn note_tenant_failure(&mut self, tenant: &SmolStr, cause: Option<FailureCause>) {
        match cause {
            Some(FailureCause::Busy) => self.busy_tenants.insert(tenant.clone()),
            Some(FailureCause::Unreachable | FailureCause::AccessDenied) => {
                self.unreachable_tenants.insert(tenant.clone())
            }
            Some(FailureCause::NoSeat | FailureCause::Refused | FailureCause::Unconfirmed | FailureCause::NoEffect)
            | None => false,
        };
    }
}

fn access_denied(tenant: &str, message: &str) -> OperationResult {
    OperationResult::skipped(SkipReason::Unreachable, format!("not sent: `{tenant}` denied access: {message}"))
        .caused_by(FailureCause::AccessDenied)
}

/// Waits until a tenant accepts changes, then reads its pools if the plan needs seats there. Returns the result of all its
/// operations if nothing can be sent.
pub(super) async fn check_tenant(context: &RunContext, tenant: SmolStr, needs_seats: bool) -> TaskResult {
    let Some(client) = context.tenants.get(&tenant) else { return TaskResult::TenantChecked(tenant, Ok(None)) };
    let mut retries = RetryState::new(context.control.seed, usize::MAX, Instant::now());
    let id = OperationId(tenant.clone());
    let busy_reason = loop {
        let answer = client.read_busy_reason(&mut client.acquire(RequestPriority::Normal).await).await;
        let error = match answer {
            Ok(reason) => break reason,
            Err(error) => error,
        };
        if context.back_off(&id, RequestPriority::Normal, &mut retries, &error).await != RetryDecision::Retry {
            let mut result = OperationResult::from_error("not sent: the tenant could not be read: ", &error);
            (result.outcome, result.skip_reason) = (Outcome::Skipped, Some(SkipReason::Unreachable));
            return TaskResult::TenantChecked(tenant, Err(result));
        }
    };
    if let Some(reason) = busy_reason
        && !client.wait_until_available(&reason).await
    {
        return TaskResult::TenantChecked(tenant, Err(busy_result(&context.control, &reason)));
    }
    if !needs_seats {
        return TaskResult::TenantChecked(tenant, Ok(None));
    }
    let pools = match client.read_pools(&mut client.acquire(RequestPriority::Normal).await).await {
        Ok(pools) => Some(pools),
        Err(error) if OperationResult::from_error("", &error).cause == Some(FailureCause::AccessDenied) => {
            let denied = access_denied(&tenant, &message_with_help(&error));
            return TaskResult::TenantChecked(tenant, Err(denied));
        }
        // The vendor counts the seats itself, and refuses when none is free.
        Err(_) => None,
    };
    TaskResult::TenantChecked(tenant, Ok(pools))
}
