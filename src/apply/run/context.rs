//! What the tasks of a run work with: the tenants, the plan, and the journal.
//!
//! What must hold: nothing is sent before its record is durable, and nothing once the lock may be somebody else's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::adapter::{AdapterError, OperationHandle, Receipt};
use crate::apply::run::schedule::OperationIndex;
use crate::apply::run::tenants::TenantClients;
use crate::model::{Operation, OperationId, OperationKind, Plan, RecordedReply};
use crate::store::{JournalEntry, PreviousAttempt, RunJournal, Store, StoreError};

/// What the tasks of a run work with.
pub(crate) struct RunContext {
    pub(crate) tenants: Arc<TenantClients>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) store: Arc<Store>,
    pub(crate) journal: RunJournal,
    pub(crate) previous: BTreeMap<OperationId, PreviousAttempt>,
    /// Removals that take a trial.
    pub(crate) trial_removals: Mutex<BTreeSet<OperationIndex>>,
    /// The places of the operations, made when somebody asks.
    pub(crate) indices: OnceLock<BTreeMap<OperationId, OperationIndex>>,
}

impl RunContext {
    pub(crate) fn operation(&self, index: OperationIndex) -> &Operation {
        &self.plan.operations[index]
    }

    /// The place of an operation in the plan.
    pub(crate) fn index_of(&self, id: &OperationId) -> Option<OperationIndex> {
        let places = self.indices.get_or_init(|| {
            self.plan.operations.iter().enumerate().map(|(at, operation)| (operation.id.clone(), at)).collect()
        });
        places.get(id).copied()
    }

    /// What took the old license of the person for whom an operation gives a new one.
    pub(crate) fn removal_before_assign(&self, operation: &Operation) -> Option<&Operation> {
        operation.on_failure?;
        let before = operation.after.iter().filter_map(|id| self.index_of(id)).map(|at| self.operation(at));
        before.into_iter().find(|before| before.kind == OperationKind::Remove && before.account == operation.account)
    }

    /// Keeps in mind that a removal takes a trial.
    pub(crate) fn mark_trial_removal(&self, index: OperationIndex) {
        self.trial_removals.lock().unwrap_or_else(PoisonError::into_inner).insert(index);
    }

    /// Whether a removal took a trial.
    pub(crate) fn is_trial_removal(&self, index: OperationIndex) -> bool {
        self.trial_removals.lock().unwrap_or_else(PoisonError::into_inner).contains(&index)
    }

    /// Writes down what is about to be sent; it is durable when this returns.
    pub(crate) async fn journal_sent(&self, operations: &[&Operation], remedy: bool) -> Result<(), StoreError> {
        let at = self.tenants.clock.time();
        match operations {
            [operation] if remedy => self.journal.record_rollback(JournalEntry::Sent(operation), at).await,
            operations => {
                let entries: Vec<JournalEntry<'_>> =
                    operations.iter().map(|operation| JournalEntry::Sent(operation)).collect();
                self.journal.record_all(&entries, at).await
            }
        }
    }

    /// Writes down what the vendor answered, before whatever is written later.
    pub(crate) fn journal_answer(
        &self,
        operation: &Operation,
        answer: &Result<Receipt, AdapterError>,
        remedy: bool,
    ) -> Result<(), StoreError> {
        let error = answer.as_ref().err();
        let reply = match error {
            None => RecordedReply::Accepted,
            Some(error) if error.maybe_in_effect => RecordedReply::Doubtful,
            Some(_) => RecordedReply::Refused,
        };
        let text = error.map(crate::apply::operation::result::message_with_help);
        let entry = JournalEntry::Answered {
            operation: &operation.id,
            reply,
            status: error.and_then(|error| error.status),
            message: text.as_deref(),
            body: error.and_then(|error| error.body.as_deref()),
            handle: match answer {
                Ok(Receipt::Accepted(handle)) => handle.as_ref().map(OperationHandle::as_str),
                Ok(Receipt::Done | Receipt::Already) | Err(_) => None,
            },
        };
        self.append(entry, remedy)
    }

    /// Writes something down, before whatever is written later.
    pub(crate) fn append(&self, entry: JournalEntry<'_>, remedy: bool) -> Result<(), StoreError> {
        let at = self.tenants.clock.time();
        if remedy { self.journal.enqueue_rollback(entry, at) } else { self.journal.enqueue(entry, at) }
    }

    /// Whether something may be sent: the lock is ours.
    ///
    /// # Errors
    /// [`StoreError::LockLost`] where it may be somebody else's by now.
    pub(crate) fn check_lock(&self) -> Result<(), StoreError> {
        let is_ours = !self.store.is_fenced() && self.store.lease_left().is_none_or(|left| !left.is_zero());
        if is_ours { Ok(()) } else { Err(StoreError::LockLost) }
    }
}
