//! The run loop: dispatches operations, handles their results, and updates the schedule.
//!
//! One task decides; the tasks that send and read report to it. Invariants: the loop never waits for the disk or a vendor
//! while other operations can proceed; once the journal fails, nothing more is sent or recorded.

pub(crate) mod context;
mod drain;
mod manual;
mod record;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod schedule;
mod shortage;
mod task_result;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use self::context::RunContext;
use self::schedule::{DispatchFilter, OperationIndex, Schedule};
use self::task_result::{TaskResult, check_tenant};
use super::operation::{FreshAccount, OperationResult};
use super::pacing::{CircuitBreaker, RequestPriority};
use super::tenant::TenantClient;
use super::{Event, StopSignal};
use crate::model::{OperationOutcome, Outcome, SkipReason, StrandedPerson};
use crate::store::StoreError;

/// The mutable state of a run.
pub(crate) struct RunLoop {
    context: Arc<RunContext>,
    schedule: Schedule,
    breakers: BTreeMap<SmolStr, CircuitBreaker>,
    outcomes: Vec<Option<OperationOutcome>>,
    tasks: JoinSet<TaskResult>,
    /// The operations of each task, in case it panics.
    task_operations: BTreeMap<Id, Vec<OperationIndex>>,
    /// Accounts that were just read, for the person's next operation.
    fresh_accounts: BTreeMap<OperationIndex, FreshAccount>,
    busy_tenants: BTreeSet<SmolStr>,
    unreachable_tenants: BTreeSet<SmolStr>,
    skipped_counts: BTreeMap<SkipReason, u64>,
    stranded: Vec<StrandedPerson>,
    failure: Option<StoreError>,
    /// Failed operations whose person has the old license again, or may have it.
    rolled_back: BTreeSet<OperationIndex>,
    /// Operations that are not sent although the removal before them is in flight, by that removal.
    dropped_after_removal: BTreeMap<OperationIndex, (OperationIndex, OperationResult)>,
    /// Removals and their assignments of which the result is unknown.
    uncertain_moves: Vec<(OperationIndex, OperationIndex)>,
    /// Tenants that wait for the person at the terminal.
    manual_queue: Vec<SmolStr>,
    /// Tenants whose pools are being read again.
    recounting: BTreeSet<SmolStr>,
    deadline: Option<Instant>,
    /// Why nothing new is sent any more.
    end_reason: Option<SkipReason>,
    /// Whether operations were left out because the run ended early.
    is_cut_short: bool,
}

impl RunLoop {
    pub(crate) fn new(context: Arc<RunContext>, deadline: Option<Duration>) -> Self {
        let schedule = Schedule::new(&context.plan);
        Self {
            breakers: schedule.tenants().map(|tenant| (tenant.clone(), CircuitBreaker::default())).collect(),
            outcomes: vec![None; context.plan.operations.len()],
            schedule,
            context,
            tasks: JoinSet::new(),
            task_operations: BTreeMap::new(),
            fresh_accounts: BTreeMap::new(),
            busy_tenants: BTreeSet::new(),
            unreachable_tenants: BTreeSet::new(),
            skipped_counts: BTreeMap::new(),
            stranded: Vec::new(),
            failure: None,
            rolled_back: BTreeSet::new(),
            dropped_after_removal: BTreeMap::new(),
            uncertain_moves: Vec::new(),
            manual_queue: Vec::new(),
            recounting: BTreeSet::new(),
            deadline: deadline.and_then(|deadline| Instant::now().checked_add(deadline)),
            end_reason: None,
            is_cut_short: false,
        }
    }

    /// Records that an earlier run completed the plan.
    pub(crate) fn mark_complete(&mut self) -> Result<(), StoreError> {
        let all = self.schedule.drop_all_except(&BTreeSet::new());
        let result = OperationResult::new(Outcome::Already, "an earlier run applied this plan".to_owned());
        self.record(all.into_iter().map(|index| (index, result.clone())).collect())
    }

    /// Executes all operations.
    pub(crate) async fn run(&mut self, stop: &StopSignal) -> Result<(), StoreError> {
        let tenants: Vec<SmolStr> = self.schedule.tenants().cloned().collect();
        for tenant in &tenants {
            let (context, tenant) = (Arc::clone(&self.context), tenant.clone());
            let needs_seats = self.needs_seats(&tenant);
            self.tasks.spawn(async move { check_tenant(&context, tenant, needs_seats).await });
        }
        loop {
            if self.end_reason.is_none() && stop.is_stopped() {
                self.drain(SkipReason::Stopped)?;
            }
            // Checked before anything is dispatched, because a timer may fire late.
            if self.end_reason.is_none() && self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                self.drain(SkipReason::Deadline)?;
            }
            let wake = if self.failure.is_none() { self.dispatch(&tenants) } else { None };
            if self.tasks.is_empty() && wake.is_none() && !self.start_next_manual() {
                break;
            }
            let wait_budget = Arc::clone(&self.context.control.wait_budget);
            let (deadline, is_active) = (self.deadline, self.end_reason.is_none() && self.failure.is_none());
            // In this order, so that a run is reproducible.
            let handled = tokio::select! {
                biased;
                () = stop.stopped(), if is_active => self.drain(SkipReason::Stopped),
                () = sleep_until_some(deadline), if is_active && deadline.is_some() => self.drain(SkipReason::Deadline),
                joined = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => match joined {
                    Some(Ok((id, result))) => {
                        self.task_operations.remove(&id);
                        self.handle_task(result)
                    }
                    Some(Err(error)) => self.handle_panic(&error),
                    None => Ok(()),
                },
                () = sleep_until_some(wake), if wake.is_some() => Ok(()),
                () = wait_budget.exhausted(), if wake.is_some() && self.tasks.is_empty() => {
                    self.give_up_failing_tenants(&tenants)
                }
            };
            if let Err(error) = handled {
                self.fail(error);
            }
        }
        match self.failure.take() {
            Some(error) => Err(error),
            None => {
                let rest = self.schedule.drop_all_except(&BTreeSet::new());
                let reason = self.end_reason.unwrap_or(SkipReason::Dependent);
                let result = OperationResult::skipped(reason, "could not be sent");
                self.record(rest.into_iter().map(|index| (index, result.clone())).collect())
            }
        }
    }

    /// Starts the operations that may be sent now. Returns when to look again, if a breaker holds some back.
    fn dispatch(&mut self, tenants: &[SmolStr]) -> Option<Instant> {
        let now = Instant::now();
        let mut wake: Option<Instant> = None;
        for tenant in tenants {
            let Some(client) = self.context.tenants.get(tenant) else {
                // The attempt ends each operation with the reason.
                while let Some(index) = self.schedule.next(tenant, DispatchFilter::ALL) {
                    self.spawn(vec![index]);
                }
                continue;
            };
            let (task_limit, batch_size) = (client.task_limit(), client.batch_size());
            let breaker = self.breakers.get(tenant).cloned().unwrap_or_default();
            let permission = breaker.permission(now);
            while self.schedule.in_flight(tenant) < task_limit {
                let is_probing = permission.is_probe && self.schedule.in_flight(tenant) > 0;
                let filter = DispatchFilter {
                    additions: permission.additions && !is_probing,
                    removals: permission.removals && !is_probing,
                };
                let Some(index) = self.schedule.next(tenant, filter) else { break };
                let mut batch = vec![index];
                if batch_size > 1 && !permission.is_probe {
                    batch.extend(self.schedule.next_companions(index, batch_size - 1));
                }
                self.spawn(batch);
            }
            if let Some(retry_at) = breaker.retry_at(now).filter(|_| self.schedule.has_ready(tenant)) {
                wake = Some(wake.map_or(retry_at, |wake| wake.min(retry_at)));
            }
        }
        wake
    }

    /// Starts a task that sends the operations in one call.
    fn spawn(&mut self, batch: Vec<OperationIndex>) {
        let context = Arc::clone(&self.context);
        let priority = batch.first().map_or(RequestPriority::Normal, |first| self.priority_of(*first));
        let operations = batch.clone();
        let fresh = match batch[..] {
            [index] => self.fresh_accounts.remove(&index),
            _ => None,
        };
        let task = self.tasks.spawn(async move {
            TaskResult::Attempted(match batch[..] {
                [index] => {
                    let result = context.execute_with_retry(index, priority, fresh, None).await;
                    result.map(|result| vec![(index, result)])
                }
                _ => context.attempt(&batch, priority, None).await,
            })
        });
        self.task_operations.insert(task.id(), operations);
    }

    fn priority_of(&self, index: OperationIndex) -> RequestPriority {
        if self.schedule.closes_gap(index) { RequestPriority::ClosesGap } else { RequestPriority::Normal }
    }

    fn client(&self, tenant: &str) -> Option<&TenantClient> {
        self.context.tenants.get(tenant)
    }

    /// Sends nothing more because the journal failed; operations in flight are still awaited.
    fn fail(&mut self, error: StoreError) {
        if self.failure.is_some() {
            return;
        }
        if matches!(error, StoreError::LockLost) {
            self.context.control.events.emit(&Event::LockLost { in_flight: self.in_flight() });
        }
        self.failure = Some(error);
        self.context.drain(SkipReason::Stopped, |_| BTreeSet::new());
    }

    fn in_flight(&self) -> usize {
        self.task_operations.values().map(Vec::len).sum()
    }

    /// Ends the operations of a task that panicked; they may have been sent.
    fn handle_panic(&mut self, error: &JoinError) -> Result<(), StoreError> {
        let message = "the adapter crashed; check the vendor's console".to_owned();
        for index in self.task_operations.remove(&error.id()).unwrap_or_default() {
            if self.failure.is_none() {
                self.end_operation(index, OperationResult::new(Outcome::Unknown, message.clone()))?;
            }
        }
        Ok(())
    }
}

async fn sleep_until_some(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
