//! What the tasks of a run work with: the tenants, the plan, and the journal.
//!
//! What must hold: nothing is sent before its record is durable, and nothing once the lock may be somebody else's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::schedule::Index;
use super::world::World;
use crate::adapter::{AdapterError, Handle, Receipt};
use crate::model::{Operation, OperationId, OperationKind, Plan, Reply};
use crate::store::{Earlier, Entry, RunJournal, Store, StoreError};

/// What the tasks of a run work with.
pub(super) struct Bench {
    pub(super) world: Arc<World>,
    pub(super) plan: Arc<Plan>,
    pub(super) store: Arc<Store>,
    pub(super) journal: RunJournal,
    pub(super) earlier: BTreeMap<OperationId, Earlier>,
    /// Removals that take a trial.
    pub(super) trials: Mutex<BTreeSet<Index>>,
    /// The places of the operations, made when somebody asks.
    pub(super) places: OnceLock<BTreeMap<OperationId, Index>>,
}

impl Bench {
    pub(super) fn operation(&self, index: Index) -> &Operation {
        &self.plan.operations[index]
    }

    /// The place of an operation in the plan.
    pub(super) fn index_of(&self, id: &OperationId) -> Option<Index> {
        let places = self.places.get_or_init(|| {
            self.plan.operations.iter().enumerate().map(|(at, operation)| (operation.id.clone(), at)).collect()
        });
        places.get(id).copied()
    }

    /// What took the old license of the person for whom an operation gives a new one.
    pub(super) fn removal_of(&self, operation: &Operation) -> Option<&Operation> {
        operation.on_failure?;
        let before = operation.after.iter().filter_map(|id| self.index_of(id)).map(|at| self.operation(at));
        before.into_iter().find(|before| before.kind == OperationKind::Remove && before.account == operation.account)
    }

    /// Keeps in mind that a removal takes a trial.
    pub(super) fn takes_trial(&self, index: Index) {
        self.trials.lock().unwrap_or_else(PoisonError::into_inner).insert(index);
    }

    /// Whether a removal took a trial.
    pub(super) fn took_trial(&self, index: Index) -> bool {
        self.trials.lock().unwrap_or_else(PoisonError::into_inner).contains(&index)
    }

    /// Writes down what is about to be sent; it is durable when this returns.
    pub(super) async fn write_sent(&self, operations: &[&Operation], remedy: bool) -> Result<(), StoreError> {
        let at = self.world.clock.time();
        match operations {
            [operation] if remedy => self.journal.record_remedy(Entry::Sent(operation), at).await,
            operations => {
                let entries: Vec<Entry<'_>> = operations.iter().map(|operation| Entry::Sent(operation)).collect();
                self.journal.record_all(&entries, at).await
            }
        }
    }

    /// Writes down what the vendor answered, before whatever is written later.
    pub(super) fn write_answer(
        &self,
        operation: &Operation,
        answer: &Result<Receipt, AdapterError>,
        remedy: bool,
    ) -> Result<(), StoreError> {
        let error = answer.as_ref().err();
        let reply = match error {
            None => Reply::Accepted,
            Some(error) if error.maybe_in_effect => Reply::Doubtful,
            Some(_) => Reply::Refused,
        };
        let text = error.map(super::fate::full_text);
        let entry = Entry::Answered {
            operation: &operation.id,
            reply,
            status: error.and_then(|error| error.status),
            message: text.as_deref(),
            body: error.and_then(|error| error.body.as_deref()),
            handle: match answer {
                Ok(Receipt::Accepted(handle)) => handle.as_ref().map(Handle::as_str),
                Ok(Receipt::Done | Receipt::Already) | Err(_) => None,
            },
        };
        self.post(entry, remedy)
    }

    /// Writes something down, before whatever is written later.
    pub(super) fn post(&self, entry: Entry<'_>, remedy: bool) -> Result<(), StoreError> {
        let at = self.world.clock.time();
        if remedy { self.journal.post_remedy(entry, at) } else { self.journal.post(entry, at) }
    }

    /// Whether something may be sent: the lock is ours.
    ///
    /// # Errors
    /// [`StoreError::LockLost`] where it may be somebody else's by now.
    pub(super) fn check_lock(&self) -> Result<(), StoreError> {
        let is_ours = !self.store.is_fenced() && self.store.lease_left().is_none_or(|left| !left.is_zero());
        if is_ours { Ok(()) } else { Err(StoreError::LockLost) }
    }
}
