//! Tenants with manual steps: when the steps are handed over, and their results.

use std::sync::Arc;

use smol_str::SmolStr;

use super::RunLoop;
use super::task_result::TaskResult;
use crate::apply::Event;
use crate::apply::manual::{HandoverOutcome, hand_over, is_interactive};
use crate::model::StrandedPerson;
use crate::store::StoreError;

impl RunLoop {
    pub(super) fn is_manual(&self, tenant: &str) -> bool {
        self.client(tenant).is_some_and(|client| client.target.is_manual)
    }

    /// Whether an earlier run of this plan handed steps of a tenant over.
    pub(super) fn was_handed_over(&self, tenant: &str) -> bool {
        let context = &self.context;
        let is_own = |id| context.index_of(id).is_some_and(|index| context.operation(index).tenant == tenant);
        self.is_manual(tenant) && context.previous.keys().any(is_own)
    }

    /// Hands over the open steps of a tenant; when a person is asked, after everything else.
    pub(super) fn start_manual(&mut self, tenant: SmolStr) {
        let executor = self.client(&tenant).and_then(|client| client.target.manual_executor.as_ref());
        if is_interactive(executor) { self.manual_queue.push(tenant) } else { self.spawn_manual(tenant) }
    }

    /// Starts the next tenant that waits for the person at the terminal, if any.
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
        let (context, operations) = (Arc::clone(&self.context), indices.clone());
        let task = self.tasks.spawn(async move {
            let outcome = hand_over(context, tenant.clone(), indices).await;
            TaskResult::HandedOver(tenant, outcome)
        });
        self.task_operations.insert(task.id(), operations);
    }

    /// Records what the steps that were handed over came to.
    pub(super) fn handle_manual(&mut self, tenant: &SmolStr, outcome: HandoverOutcome) -> Result<(), StoreError> {
        let HandoverOutcome { mut results, stranded, is_stopped } = outcome;
        results.sort_by_key(|(index, ..)| *index);
        self.is_cut_short |= is_stopped;
        for (index, result, is_recorded) in results {
            self.note_tenant_failure(tenant, result.cause);
            let (outcome, id) = (result.outcome, self.schedule.operation(index).id.clone());
            if is_recorded {
                self.publish(index, result)
            } else {
                self.record(vec![(index, result)])?
            }
            let dropped = self.schedule.end(index, outcome.is_success());
            self.skip_dependents(dropped, |_, _| format!("not sent: depends on `{id}` ({})", outcome.as_str()))?;
        }
        for stranded in stranded {
            self.report_stranded(stranded);
        }
        Ok(())
    }

    pub(super) fn report_stranded(&mut self, stranded: StrandedPerson) {
        self.context.control.events.emit(&Event::Stranded(stranded.clone()));
        self.stranded.push(stranded);
    }
}
