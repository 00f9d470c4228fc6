//! What the tasks of a run share: tenants, plan and journal.
//!
//! Invariants: nothing is sent before its record is durable, after the lock may be lost, or after the run drains unless
//! a person would be left between two licenses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::schedule::OperationIndex;
use crate::apply::tenant::{RunControl, TenantClients};
use crate::model::{Operation, OperationId, OperationKind, Plan, SkipReason};
use crate::store::{JournalEntry, PreviousAttempt, RunJournal, Store, StoreError};

/// What the tasks of a run share.
pub(crate) struct RunContext {
    pub(crate) control: Arc<RunControl>,
    pub(crate) tenants: Arc<TenantClients>,
    pub(crate) plan: Arc<Plan>,
    pub(crate) store: Arc<Store>,
    pub(crate) journal: RunJournal,
    /// What earlier runs of this plan sent.
    pub(crate) previous: BTreeMap<OperationId, PreviousAttempt>,
    sending: Mutex<SendState>,
    /// The index of each operation, computed on first use.
    indices: OnceLock<BTreeMap<OperationId, OperationIndex>>,
}

#[derive(Default)]
struct SendState {
    sent: BTreeSet<OperationIndex>,
    /// Removals that take a trial.
    trial_removals: BTreeSet<OperationIndex>,
    drain: Option<Drain>,
}

/// A run that sends nothing more, except what closes gaps.
struct Drain {
    reason: SkipReason,
    needed: BTreeSet<OperationIndex>,
}

impl RunContext {
    pub(crate) fn new(
        control: Arc<RunControl>,
        tenants: Arc<TenantClients>,
        plan: Arc<Plan>,
        store: Arc<Store>,
        journal: RunJournal,
        previous: BTreeMap<OperationId, PreviousAttempt>,
    ) -> Self {
        let (sending, indices) = (Mutex::default(), OnceLock::new());
        Self { control, tenants, plan, store, journal, previous, sending, indices }
    }

    pub(crate) fn operation(&self, index: OperationIndex) -> &Operation {
        &self.plan.operations[index]
    }

    pub(crate) fn index_of(&self, id: &OperationId) -> Option<OperationIndex> {
        let indices = self.indices.get_or_init(|| {
            self.plan.operations.iter().enumerate().map(|(index, operation)| (operation.id.clone(), index)).collect()
        });
        indices.get(id).copied()
    }

    /// Returns the removal that made room for an assignment with a rollback.
    pub(crate) fn removal_before_assign(&self, operation: &Operation) -> Option<&Operation> {
        operation.on_failure?;
        let mut before = operation.after.iter().filter_map(|id| self.index_of(id)).map(|index| self.operation(index));
        before.find(|before| before.kind == OperationKind::Remove && before.account == operation.account)
    }

    pub(crate) fn mark_trial_removal(&self, index: OperationIndex) {
        self.sending().trial_removals.insert(index);
    }

    pub(crate) fn is_trial_removal(&self, index: OperationIndex) -> bool {
        self.sending().trial_removals.contains(&index)
    }

    /// Sends nothing more, except the operations that `needed` selects. It gets a predicate that tells whether an
    /// operation was sent, by this run or an earlier one.
    pub(crate) fn drain(
        &self,
        reason: SkipReason,
        needed: impl FnOnce(&dyn Fn(OperationIndex) -> bool) -> BTreeSet<OperationIndex>,
    ) -> BTreeSet<OperationIndex> {
        let mut sending = self.sending();
        let needed = needed(&|index| sending.sent.contains(&index) || self.was_attempted(index));
        sending.drain = Some(Drain { reason, needed: needed.clone() });
        drop(sending);
        self.control.stop.stop();
        needed
    }

    /// Registers an operation as sent. Returns false if the run drains and does not need it.
    pub(crate) fn admit(&self, index: OperationIndex) -> bool {
        let mut sending = self.sending();
        let is_admitted = sending.drain.as_ref().is_none_or(|drain| drain.needed.contains(&index));
        if is_admitted {
            sending.sent.insert(index);
        }
        is_admitted
    }

    /// Why the run sends nothing more, if it drains.
    pub(crate) fn drain_reason(&self) -> Option<SkipReason> {
        self.sending().drain.as_ref().map(|drain| drain.reason)
    }

    /// Runs `work`, unless the run drains and needs none of the operations; then returns `None`.
    pub(crate) async fn unless_drained<T>(
        &self,
        operations: &[OperationIndex],
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let is_dropped = || {
            let sending = self.sending();
            let is_kept = |index: &OperationIndex| {
                sending.drain.as_ref().is_none_or(|drain| drain.needed.contains(index)) || self.was_attempted(*index)
            };
            !operations.iter().any(is_kept)
        };
        let dropped = async {
            self.control.stop.stopped().await;
            if !is_dropped() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = dropped => None,
            done = work => Some(done),
        }
    }

    fn was_attempted(&self, index: OperationIndex) -> bool {
        self.previous.contains_key(&self.operation(index).id)
    }

    fn sending(&self) -> MutexGuard<'_, SendState> {
        // Never left inconsistent by a panic, so a poisoned lock is safe to reuse.
        self.sending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a record to the journal, before every later record.
    pub(crate) fn append(&self, entry: JournalEntry<'_>, is_rollback: bool) -> Result<(), StoreError> {
        let at = self.control.clock.time();
        if is_rollback { self.journal.enqueue_rollback(entry, at) } else { self.journal.enqueue(entry, at) }
    }

    /// Checks that this run still holds the lock.
    ///
    /// # Errors
    /// [`StoreError::LockLost`] if another run may hold it.
    pub(crate) fn check_lock(&self) -> Result<(), StoreError> {
        let is_ours = !self.store.is_fenced() && self.store.lease_left().is_none_or(|left| !left.is_zero());
        if is_ours { Ok(()) } else { Err(StoreError::LockLost) }
    }
}
