//! Operations that people carry out: whose turn it is, and what came of it.

use std::sync::Arc;

use smol_str::SmolStr;

use super::RunLoop;
use super::task_result::TaskResult;
use crate::apply::Event;
use crate::apply::manual::{HandoverOutcome, hand_over, is_interactive};
use crate::apply::operation::result::FailureCause;
use crate::apply::run::schedule::DroppedOperation;
use crate::model::StrandedPerson;
use crate::store::StoreError;

impl RunLoop {
    pub(super) fn is_manual(&self, tenant: &str) -> bool {
        self.context.tenants.tenant(tenant).is_some_and(|(target, _)| target.is_manual)
    }

    /// Whether an earlier run of this plan handed something over at a tenant.
    pub(super) fn was_handed_over(&self, tenant: &str) -> bool {
        let earlier = &self.context.previous;
        let is_own = |id| self.context.index_of(id).is_some_and(|at| self.context.operation(at).tenant == tenant);
        self.is_manual(tenant) && earlier.keys().any(is_own)
    }

    /// Hands over what is open at a tenant; where somebody is asked, when nothing else goes on.
    pub(super) fn start_manual(&mut self, tenant: SmolStr) {
        let hands = self.context.tenants.tenant(&tenant).and_then(|(target, _)| target.manual_executor.as_ref());
        if is_interactive(hands) { self.manual_queue.push(tenant) } else { self.spawn_manual(tenant) }
    }

    /// Begins with the next tenant whose people are at the terminal, if there is one.
    pub(super) fn start_next_manual(&mut self) -> bool {
        if self.manual_queue.is_empty() || self.failure.is_some() {
            return false;
        }
        let tenant = self.manual_queue.remove(0);
        self.spawn_manual(tenant);
        true
    }

    fn spawn_manual(&mut self, tenant: SmolStr) {
        let indices = self.schedule.take_tenant(&tenant);
        let (bench, about) = (Arc::clone(&self.context), indices.clone());
        let task = self.tasks.spawn(async move {
            let arrived = hand_over(bench, tenant.clone(), indices).await;
            TaskResult::HandedOver(tenant, arrived)
        });
        self.task_operations.insert(task.id(), about);
    }

    /// Writes down what came of what was handed over.
    pub(super) fn handle_manual(&mut self, tenant: &SmolStr, arrived: HandoverOutcome) -> Result<(), StoreError> {
        let HandoverOutcome { results: mut fates, stranded, is_stopped: stopped } = arrived;
        fates.sort_by_key(|(index, ..)| *index);
        self.is_cut_short |= stopped;
        for (index, fate, is_written) in fates {
            match fate.cause {
                Some(FailureCause::Busy) => {
                    self.busy_tenants.insert(tenant.clone());
                }
                Some(FailureCause::Unreachable | FailureCause::AccessDenied) => {
                    self.unreachable_tenants.insert(tenant.clone());
                }
                Some(
                    FailureCause::NoSeat | FailureCause::Refused | FailureCause::Unconfirmed | FailureCause::NoEffect,
                )
                | None => {}
            }
            let (outcome, id) = (fate.outcome, self.schedule.operation(index).id.clone());
            if is_written {
                self.publish(index, fate)
            } else {
                self.record(vec![(index, fate)])?
            }
            let dropped: Vec<DroppedOperation> = self.schedule.end(index, outcome.is_success());
            let why = |_: &Self, _| format!("not sent, for it needs `{id}`, which is {}", outcome.as_str());
            self.skip_dependents(dropped, why)?;
        }
        for stranded in stranded {
            self.report_stranded(stranded);
        }
        Ok(())
    }

    fn report_stranded(&mut self, stranded: StrandedPerson) {
        self.context.tenants.events.emit(&Event::Stranded(stranded.clone()));
        self.stranded.push(stranded);
    }
}
