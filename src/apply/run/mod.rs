//! A run under way: hands out operations, waits for what comes of them, and decides what that means for the others.
//!
//! One task decides; those that send and read come back to it with what they found. What must hold: it never waits for
//! the disk or for a vendor while something else could go on; once the journal fails nothing more is sent or written.

pub(crate) mod context;
mod drain;
pub(crate) mod executor;
mod manual;
mod record;
pub(crate) mod report;
pub(crate) mod schedule;
mod shortage;
mod task_result;
pub(crate) mod tenants;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use self::task_result::{TaskResult, check_tenant};
use crate::apply::operation::FreshAccount;
use crate::apply::operation::result::OperationResult;
use crate::apply::pacing::{CircuitBreaker, RequestPriority};
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::{DispatchFilter, OperationIndex, Schedule};
use crate::apply::{Event, StopSignal};
use crate::model::{OperationOutcome, Outcome, SkipReason, StrandedPerson};
use crate::store::StoreError;

/// A run under way.
pub(crate) struct RunLoop {
    context: Arc<RunContext>,
    schedule: Schedule,
    breakers: BTreeMap<SmolStr, CircuitBreaker>,
    outcomes: Vec<Option<OperationOutcome>>,
    tasks: JoinSet<TaskResult>,
    /// What each task is about, should it break off.
    task_operations: BTreeMap<Id, Vec<OperationIndex>>,
    /// Accounts as they were seen a moment ago, for the operation that is next for their person.
    fresh_accounts: BTreeMap<OperationIndex, FreshAccount>,
    busy_tenants: BTreeSet<SmolStr>,
    unreachable_tenants: BTreeSet<SmolStr>,
    skipped_counts: BTreeMap<SkipReason, u64>,
    stranded: Vec<StrandedPerson>,
    failure: Option<StoreError>,
    /// Operations that did not succeed, and whose person has the old license again, or may.
    rolled_back: BTreeSet<OperationIndex>,
    /// What is not going to be sent although the removal before it is on its way, by that removal.
    dropped_after_removal: BTreeMap<OperationIndex, (OperationIndex, OperationResult)>,
    /// Removals and what was to follow them, where nobody knows what came of it.
    uncertain_moves: Vec<(OperationIndex, OperationIndex)>,
    /// Tenants whose people are at the terminal, and whose turn has not come.
    manual_queue: Vec<SmolStr>,
    /// Tenants whose pools are being read again.
    recounting: BTreeSet<SmolStr>,
    deadline: Option<Instant>,
    /// Why nothing new is sent any more, and whether something was left out for it.
    end_reason: Option<SkipReason>,
    is_cut_short: bool,
}

impl RunLoop {
    pub(crate) fn new(bench: Arc<RunContext>, deadline: Option<Duration>) -> Self {
        let schedule = Schedule::new(&bench.plan);
        Self {
            breakers: schedule.tenants().map(|tenant| (tenant.clone(), CircuitBreaker::default())).collect(),
            outcomes: vec![None; bench.plan.operations.len()],
            schedule,
            context: bench,
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
            // A time beyond the end of time never comes.
            deadline: deadline.and_then(|deadline| Instant::now().checked_add(deadline)),
            end_reason: None,
            is_cut_short: false,
        }
    }

    /// Says of every operation that an earlier run carried it out.
    pub(crate) fn mark_complete(&mut self) -> Result<(), StoreError> {
        let all = self.schedule.drop_all_except(&BTreeSet::new());
        let fate = OperationResult::new(Outcome::Already, "an earlier run applied this plan".to_owned());
        self.record(all.into_iter().map(|index| (index, fate.clone())).collect())
    }

    /// Carries everything out.
    pub(crate) async fn run(&mut self, stop: &StopSignal) -> Result<(), StoreError> {
        let tenants: Vec<SmolStr> = self.schedule.tenants().cloned().collect();
        for tenant in &tenants {
            let (bench, tenant) = (Arc::clone(&self.context), tenant.clone());
            let counts = self.needs_seats(&tenant);
            self.tasks.spawn(async move { check_tenant(&bench, tenant, counts).await });
        }
        loop {
            if self.end_reason.is_none() && stop.is_stopped() {
                self.drain(SkipReason::Stopped)?;
            }
            // Asked before anything is handed out: a timer that is over may be noticed late.
            if self.end_reason.is_none() && self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                self.drain(SkipReason::Deadline)?;
            }
            let wake = if self.failure.is_none() { self.dispatch(&tenants) } else { None };
            if self.tasks.is_empty() && wake.is_none() && !self.start_next_manual() {
                break;
            }
            let patience = Arc::clone(&self.context.tenants.wait_budget);
            let (deadline, runs) = (self.deadline, self.end_reason.is_none() && self.failure.is_none());
            // In this order, so that a run with the same answers goes the same way.
            let arrived = tokio::select! {
                biased;
                () = stop.stopped(), if runs => self.drain(SkipReason::Stopped),
                () = sleep_until_some(deadline), if runs && deadline.is_some() => self.drain(SkipReason::Deadline),
                arrival = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => match arrival {
                    Some(Ok((id, arrival))) => {
                        self.task_operations.remove(&id);
                        self.handle_task(arrival)
                    }
                    Some(Err(error)) => self.handle_panic(&error),
                    None => Ok(()),
                },
                () = sleep_until_some(wake), if wake.is_some() => Ok(()),
                () = patience.exhausted(), if wake.is_some() && self.tasks.is_empty() => self.give_up_failing_tenants(&tenants),
            };
            if let Err(error) = arrived {
                self.fail(error);
            }
        }
        match self.failure.take() {
            Some(error) => Err(error),
            None => {
                let rest = self.schedule.drop_all_except(&BTreeSet::new());
                let fate =
                    OperationResult::skipped(self.end_reason.unwrap_or(SkipReason::Dependent), "it could not be sent");
                self.record(rest.into_iter().map(|index| (index, fate.clone())).collect())
            }
        }
    }

    /// Hands out what may be sent now; when to look again, where something is kept back.
    fn dispatch(&mut self, tenants: &[SmolStr]) -> Option<Instant> {
        let now = Instant::now();
        let mut wake: Option<Instant> = None;
        for tenant in tenants {
            let Some((target, stile)) = self.context.tenants.tenant(tenant) else {
                // Its operations are ended by the step, which says why.
                self.spawn_all(tenant);
                continue;
            };
            let (width, batch) =
                (stile.task_limit(), target.connection.execute.as_ref().map_or(1, |execute| execute.batch_size()));
            let breaker = self.breakers.get(tenant).cloned().unwrap_or_default();
            let permission = breaker.permission(now);
            while self.schedule.in_flight(tenant) < width {
                let is_tried = permission.is_probe && self.schedule.in_flight(tenant) > 0;
                let allowed = DispatchFilter {
                    additions: permission.additions && !is_tried,
                    removals: permission.removals && !is_tried,
                };
                let Some(index) = self.schedule.next(tenant, allowed) else { break };
                let mut together = vec![index];
                if batch > 1 && !permission.is_probe {
                    together.extend(self.schedule.next_companions(index, batch - 1));
                }
                self.spawn(together);
            }
            if let Some(until) = breaker.retry_at(now).filter(|_| self.schedule.has_ready(tenant)) {
                wake = Some(wake.map_or(until, |wake| wake.min(until)));
            }
        }
        wake
    }

    fn spawn_all(&mut self, tenant: &SmolStr) {
        while let Some(index) = self.schedule.next(tenant, DispatchFilter::ALL) {
            self.spawn(vec![index]);
        }
    }

    /// Sends operations, together where there are several.
    fn spawn(&mut self, together: Vec<OperationIndex>) {
        let bench = Arc::clone(&self.context);
        let class = together.first().map_or(RequestPriority::Normal, |first| self.priority_of(*first));
        let about = together.clone();
        let seen = match together[..] {
            [index] => self.fresh_accounts.remove(&index),
            _ => None,
        };
        let task = self.tasks.spawn(async move {
            TaskResult::Attempted(match together[..] {
                [index] => {
                    bench.execute_with_retry(index, class, seen, None).await.map(|landing| vec![(index, landing)])
                }
                _ => bench.attempt(&together, class, None).await,
            })
        });
        self.task_operations.insert(task.id(), about);
    }

    /// How urgent an operation is.
    fn priority_of(&self, index: OperationIndex) -> RequestPriority {
        if self.schedule.closes_gap(index) { RequestPriority::ClosesGap } else { RequestPriority::Normal }
    }

    /// Without a journal nothing is sent; what is in flight is awaited all the same.
    fn fail(&mut self, error: StoreError) {
        if self.failure.is_some() {
            return;
        }
        if matches!(error, StoreError::LockLost) {
            self.context.tenants.events.emit(&Event::LockLost { in_flight: self.in_flight() });
        }
        self.failure = Some(error);
        self.context.tenants.stop.stop();
    }

    fn in_flight(&self) -> usize {
        self.task_operations.values().map(Vec::len).sum()
    }

    /// A task broke off: something was sent, perhaps, and nobody knows.
    fn handle_panic(&mut self, error: &JoinError) -> Result<(), StoreError> {
        let message = "the adapter broke off; look at the vendor's console".to_owned();
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
