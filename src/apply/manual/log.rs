//! The journal as people's words are written to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle as Runtime;

use super::{HandoverLog, StepReport};
use crate::apply::Event;
use crate::apply::operation::roll_back::rollback_operation;
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::OperationIndex;
use crate::apply::usage;
use crate::model::{Operation, OperationId, OperationKind, Outcome, RecordedReply};
use crate::store::{JournalEntry, StoreError};

/// What is said of what was done.
const REPORTED_DONE: &str = "done by hand, as somebody said; a later export shows it";

/// The journal, for a thread on which people are waited for.
pub(super) struct JournalHandoverLog {
    bench: Arc<RunContext>,
    runtime: Runtime,
    indices: BTreeMap<OperationId, OperationIndex>,
    reports: Mutex<HandoverReports>,
}

/// What people saw and said.
#[derive(Debug, Default)]
pub(super) struct HandoverReports {
    pub(super) shown: BTreeSet<OperationIndex>,
    /// What was shown again after somebody said something of it.
    pub(super) shown_again: BTreeSet<OperationIndex>,
    pub(super) steps: BTreeMap<OperationIndex, StepReport>,
    /// For whom the old license was given back, or could not be.
    pub(super) rolled_back: BTreeMap<OperationIndex, bool>,
}

impl JournalHandoverLog {
    pub(super) fn new(bench: Arc<RunContext>, open: &[OperationIndex]) -> Self {
        let indices = open.iter().map(|index| (bench.operation(*index).id.clone(), *index)).collect();
        Self { bench, runtime: Runtime::current(), indices, reports: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HandoverReports> {
        // What stands in it is whole after every line that changes it.
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What people saw and said.
    pub(super) fn into_reports(self) -> HandoverReports {
        self.reports.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn operations<'a>(
        &'a self,
        ids: impl IntoIterator<Item = &'a OperationId>,
    ) -> Vec<(OperationIndex, &'a Operation)> {
        let indices = ids.into_iter().filter_map(|id| self.indices.get(id).copied());
        indices.map(|index| (index, self.bench.operation(index))).collect()
    }

    fn record(&self, entries: &[JournalEntry<'_>]) -> Result<(), StoreError> {
        let at = self.bench.tenants.clock.time();
        self.runtime.block_on(self.bench.journal.record_all(entries, at))
    }
}

impl HandoverLog for JournalHandoverLog {
    fn record_shown(&self, operations: &[OperationId]) -> Result<(), StoreError> {
        let operations = self.operations(operations);
        let entries: Vec<JournalEntry<'_>> =
            operations.iter().map(|(_, operation)| JournalEntry::Sent(operation)).collect();
        self.record(&entries)?;
        self.bench.check_lock()?;
        for (index, operation) in operations {
            self.bench.tenants.events.emit(&Event::Sent { operation: operation.id.clone() });
            let mut said = self.lock();
            said.shown.insert(index);
            if said.steps.contains_key(&index) {
                said.shown_again.insert(index);
            }
        }
        Ok(())
    }

    fn record_reports(&self, words: &[(OperationId, StepReport)]) -> Result<(), StoreError> {
        let known: Vec<(OperationIndex, &Operation, &StepReport)> = words
            .iter()
            .filter_map(|(id, word)| self.indices.get(id).map(|index| (*index, self.bench.operation(*index), word)))
            .collect();
        let tenants = &self.bench.tenants.targets;
        let touches: Vec<_> = known
            .iter()
            .map(|(_, operation, word)| usage::actual_usage(tenants, operation, reported_outcome(operation, word)))
            .collect();
        let mut entries = Vec::with_capacity(2 * known.len());
        for (_, operation, word) in &known {
            let (reply, message) = match word {
                StepReport::Done => (RecordedReply::Accepted, REPORTED_DONE),
                StepReport::Skipped => (RecordedReply::Refused, "passed over by hand"),
                StepReport::Failed(reason) => (RecordedReply::Refused, &**reason),
            };
            let (operation, message) = (&operation.id, Some(message));
            entries.push(JournalEntry::Answered { operation, reply, status: None, message, body: None, handle: None });
        }
        for ((_, operation, word), touches) in known.iter().zip(&touches) {
            let message = report_message(word);
            let outcome = reported_outcome(operation, word);
            entries.push(JournalEntry::Outcome {
                operation: &operation.id,
                outcome,
                message: Some(message),
                usage: touches,
            });
        }
        self.record(&entries)?;
        let mut said = self.lock();
        for (index, _, word) in known {
            said.steps.insert(index, word.clone());
            said.shown_again.remove(&index);
        }
        Ok(())
    }

    fn record_rollback(&self, operation: &OperationId, worked: bool) -> Result<(), StoreError> {
        for (index, assign) in self.operations([operation]) {
            let Some(removal) = self.bench.removal_before_assign(assign) else { continue };
            let back = rollback_operation(assign, removal);
            let at = self.bench.tenants.clock.time();
            let journal = &self.bench.journal;
            let (reply, outcome) = if worked {
                (RecordedReply::Accepted, Outcome::Pending)
            } else {
                (RecordedReply::Refused, Outcome::Failed)
            };
            let message = Some(if worked { REPORTED_DONE } else { "it did not work by hand" });
            let operation = &back.id;
            self.runtime.block_on(async {
                journal.record_rollback(JournalEntry::Sent(&back), at).await?;
                let entry =
                    JournalEntry::Answered { operation, reply, status: None, message, body: None, handle: None };
                journal.record_rollback(entry, at).await?;
                journal.record_rollback(JournalEntry::Outcome { operation, outcome, message, usage: &[] }, at).await
            })?;
            self.lock().rolled_back.insert(index, worked);
        }
        Ok(())
    }
}

/// The fate of an operation by somebody's word.
pub(super) fn reported_outcome(operation: &Operation, word: &StepReport) -> Outcome {
    match word {
        // Nobody can look up what a vendor stopped to bill.
        StepReport::Done if operation.kind == OperationKind::Release => Outcome::Applied,
        StepReport::Done => Outcome::Pending,
        StepReport::Skipped => Outcome::Skipped,
        StepReport::Failed(_) => Outcome::Failed,
    }
}

/// What is said of it.
pub(super) fn report_message(word: &StepReport) -> &str {
    match word {
        StepReport::Done => REPORTED_DONE,
        StepReport::Skipped => "passed over by hand",
        StepReport::Failed(reason) => reason,
    }
}
