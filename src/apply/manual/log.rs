//! The journal as a log of manual steps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle as Runtime;

use super::executor::{HandoverLog, StepReport};
use crate::apply::operation::rollback_operation;
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::OperationIndex;
use crate::apply::{Event, usage};
use crate::model::{Operation, OperationId, OperationKind, Outcome, RecordedReply};
use crate::store::{JournalEntry, StoreError};

const REPORTED_DONE: &str = "reported as done, not verified yet";
const REPORTED_SKIPPED: &str = "skipped manually";

/// The journal, for a thread that blocks on people.
pub(super) struct JournalHandoverLog {
    context: Arc<RunContext>,
    runtime: Runtime,
    indices: BTreeMap<OperationId, OperationIndex>,
    reports: Mutex<HandoverReports>,
}

/// What people saw and reported.
#[derive(Debug, Default)]
pub(super) struct HandoverReports {
    pub(super) shown: BTreeSet<OperationIndex>,
    /// Steps that were shown again after a report.
    pub(super) shown_again: BTreeSet<OperationIndex>,
    pub(super) steps: BTreeMap<OperationIndex, StepReport>,
    /// Whether the person of a failed step has the old license again.
    pub(super) rolled_back: BTreeMap<OperationIndex, bool>,
}

impl JournalHandoverLog {
    pub(super) fn new(context: Arc<RunContext>, open: &[OperationIndex]) -> Self {
        let indices = open.iter().map(|index| (context.operation(*index).id.clone(), *index)).collect();
        Self { context, runtime: Runtime::current(), indices, reports: Mutex::default() }
    }

    fn reports(&self) -> MutexGuard<'_, HandoverReports> {
        // Never left inconsistent by a panic, so a poisoned lock is safe to reuse.
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what people saw and reported.
    pub(super) fn into_reports(self) -> HandoverReports {
        self.reports.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn operations<'a>(
        &'a self,
        ids: impl IntoIterator<Item = &'a OperationId>,
    ) -> Vec<(OperationIndex, &'a Operation)> {
        let indices = ids.into_iter().filter_map(|id| self.indices.get(id).copied());
        indices.map(|index| (index, self.context.operation(index))).collect()
    }

    fn record(&self, entries: &[JournalEntry<'_>]) -> Result<(), StoreError> {
        let at = self.context.control.clock.time();
        self.runtime.block_on(self.context.journal.record_all(entries, at))
    }
}

impl HandoverLog for JournalHandoverLog {
    fn record_shown(&self, operations: &[OperationId]) -> Result<(), StoreError> {
        let operations = self.operations(operations);
        let entries: Vec<JournalEntry<'_>> =
            operations.iter().map(|(_, operation)| JournalEntry::Sent(operation)).collect();
        self.record(&entries)?;
        self.context.check_lock()?;
        for (index, operation) in operations {
            self.context.control.events.emit(&Event::Sent { operation: operation.id.clone() });
            let mut reports = self.reports();
            reports.shown.insert(index);
            if reports.steps.contains_key(&index) {
                reports.shown_again.insert(index);
            }
        }
        Ok(())
    }

    fn record_reports(&self, reports: &[(OperationId, StepReport)]) -> Result<(), StoreError> {
        let known: Vec<(OperationIndex, &Operation, &StepReport)> = reports
            .iter()
            .filter_map(|(id, report)| {
                self.indices.get(id).map(|index| (*index, self.context.operation(*index), report))
            })
            .collect();
        let tenants = &self.context.tenants;
        let counts: Vec<_> = known
            .iter()
            .map(|(_, operation, report)| usage::actual_usage(tenants, operation, reported_outcome(operation, report)))
            .collect();
        let mut entries = Vec::with_capacity(2 * known.len());
        for (_, operation, report) in &known {
            let reply = match report {
                StepReport::Done => RecordedReply::Accepted,
                StepReport::Skipped | StepReport::Failed(_) => RecordedReply::Refused,
            };
            let (operation, message) = (&operation.id, Some(report_message(report)));
            entries.push(JournalEntry::Answered { operation, reply, status: None, message, body: None, handle: None });
        }
        for ((_, operation, report), usage) in known.iter().zip(&counts) {
            let (outcome, message) = (reported_outcome(operation, report), Some(report_message(report)));
            entries.push(JournalEntry::Outcome { operation: &operation.id, outcome, message, usage });
        }
        self.record(&entries)?;
        let mut reports = self.reports();
        for (index, _, report) in known {
            reports.steps.insert(index, report.clone());
            reports.shown_again.remove(&index);
        }
        Ok(())
    }

    fn record_rollback(&self, operation: &OperationId, worked: bool) -> Result<(), StoreError> {
        for (index, assign) in self.operations([operation]) {
            let Some(removal) = self.context.removal_before_assign(assign) else { continue };
            let rollback = rollback_operation(assign, removal);
            let at = self.context.control.clock.time();
            let journal = &self.context.journal;
            let (reply, outcome, message) = if worked {
                (RecordedReply::Accepted, Outcome::Pending, Some(REPORTED_DONE))
            } else {
                (RecordedReply::Refused, Outcome::Failed, Some("reported as failed"))
            };
            let operation = &rollback.id;
            self.runtime.block_on(async {
                journal.record_rollback(JournalEntry::Sent(&rollback), at).await?;
                let entry =
                    JournalEntry::Answered { operation, reply, status: None, message, body: None, handle: None };
                journal.record_rollback(entry, at).await?;
                journal.record_rollback(JournalEntry::Outcome { operation, outcome, message, usage: &[] }, at).await
            })?;
            self.reports().rolled_back.insert(index, worked);
        }
        Ok(())
    }
}

/// Returns the outcome that follows from a report.
pub(super) fn reported_outcome(operation: &Operation, report: &StepReport) -> Outcome {
    match report {
        // A release cannot be read back.
        StepReport::Done if operation.kind == OperationKind::Release => Outcome::Applied,
        StepReport::Done => Outcome::Pending,
        StepReport::Skipped => Outcome::Skipped,
        StepReport::Failed(_) => Outcome::Failed,
    }
}

/// Returns the message of a reported outcome.
pub(super) fn report_message(report: &StepReport) -> &str {
    match report {
        StepReport::Done => REPORTED_DONE,
        StepReport::Skipped => REPORTED_SKIPPED,
        StepReport::Failed(reason) => reason,
    }
}
