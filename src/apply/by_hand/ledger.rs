//! The journal as people's words are written to it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle as Runtime;

use super::super::Event;
use super::super::bench::Bench;
use super::super::give_back::remedy;
use super::super::schedule::Index;
use super::super::touch;
use super::{Ledger, Word};
use crate::model::{Operation, OperationId, OperationKind, Outcome, Reply};
use crate::store::{Entry, StoreError};

/// What is said of what was done.
const DONE: &str = "done by hand, as somebody said; a later export shows it";

/// The journal, for a thread on which people are waited for.
pub(super) struct Book {
    bench: Arc<Bench>,
    runtime: Runtime,
    indices: BTreeMap<OperationId, Index>,
    said: Mutex<Said>,
}

/// What people saw and said.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) shown: BTreeSet<Index>,
    /// What was shown again after somebody said something of it.
    pub(super) shown_again: BTreeSet<Index>,
    pub(super) words: BTreeMap<Index, Word>,
    /// For whom the old license was given back, or could not be.
    pub(super) back: BTreeMap<Index, bool>,
}

impl Book {
    pub(super) fn new(bench: Arc<Bench>, open: &[Index]) -> Self {
        let indices = open.iter().map(|index| (bench.operation(*index).id.clone(), *index)).collect();
        Self { bench, runtime: Runtime::current(), indices, said: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Said> {
        // What stands in it is whole after every line that changes it.
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What people saw and said.
    pub(super) fn into_said(self) -> Said {
        self.said.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn operations<'a>(&'a self, ids: impl IntoIterator<Item = &'a OperationId>) -> Vec<(Index, &'a Operation)> {
        let indices = ids.into_iter().filter_map(|id| self.indices.get(id).copied());
        indices.map(|index| (index, self.bench.operation(index))).collect()
    }

    fn record(&self, entries: &[Entry<'_>]) -> Result<(), StoreError> {
        let at = self.bench.world.clock.time();
        self.runtime.block_on(self.bench.journal.record_all(entries, at))
    }
}

impl Ledger for Book {
    fn shown(&self, operations: &[OperationId]) -> Result<(), StoreError> {
        let operations = self.operations(operations);
        let entries: Vec<Entry<'_>> = operations.iter().map(|(_, operation)| Entry::Sent(operation)).collect();
        self.record(&entries)?;
        self.bench.check_lock()?;
        for (index, operation) in operations {
            self.bench.world.watch.tell(&Event::Sent { operation: operation.id.clone() });
            let mut said = self.lock();
            said.shown.insert(index);
            if said.words.contains_key(&index) {
                said.shown_again.insert(index);
            }
        }
        Ok(())
    }

    fn said(&self, words: &[(OperationId, Word)]) -> Result<(), StoreError> {
        let known: Vec<(Index, &Operation, &Word)> = words
            .iter()
            .filter_map(|(id, word)| self.indices.get(id).map(|index| (*index, self.bench.operation(*index), word)))
            .collect();
        let tenants = &self.bench.world.tenants;
        let touches: Vec<_> = known
            .iter()
            .map(|(_, operation, word)| touch::done(tenants, operation, outcome(operation, word)))
            .collect();
        let mut entries = Vec::with_capacity(2 * known.len());
        for (_, operation, word) in &known {
            let (reply, message) = match word {
                Word::Done => (Reply::Accepted, DONE),
                Word::Skipped => (Reply::Refused, "passed over by hand"),
                Word::Failed(reason) => (Reply::Refused, &**reason),
            };
            let (operation, message) = (&operation.id, Some(message));
            entries.push(Entry::Answered { operation, reply, status: None, message, body: None, handle: None });
        }
        for ((_, operation, word), touches) in known.iter().zip(&touches) {
            let message = message(word);
            let outcome = outcome(operation, word);
            entries.push(Entry::Outcome { operation: &operation.id, outcome, message: Some(message), touches });
        }
        self.record(&entries)?;
        let mut said = self.lock();
        for (index, _, word) in known {
            said.words.insert(index, word.clone());
            said.shown_again.remove(&index);
        }
        Ok(())
    }

    fn gave_back(&self, operation: &OperationId, worked: bool) -> Result<(), StoreError> {
        for (index, assign) in self.operations([operation]) {
            let Some(removal) = self.bench.removal_of(assign) else { continue };
            let back = remedy(assign, removal);
            let at = self.bench.world.clock.time();
            let journal = &self.bench.journal;
            let (reply, outcome) =
                if worked { (Reply::Accepted, Outcome::Pending) } else { (Reply::Refused, Outcome::Failed) };
            let message = Some(if worked { DONE } else { "it did not work by hand" });
            let operation = &back.id;
            self.runtime.block_on(async {
                journal.record_remedy(Entry::Sent(&back), at).await?;
                let entry = Entry::Answered { operation, reply, status: None, message, body: None, handle: None };
                journal.record_remedy(entry, at).await?;
                journal.record_remedy(Entry::Outcome { operation, outcome, message, touches: &[] }, at).await
            })?;
            self.lock().back.insert(index, worked);
        }
        Ok(())
    }
}

/// The fate of an operation by somebody's word.
pub(super) fn outcome(operation: &Operation, word: &Word) -> Outcome {
    match word {
        // Nobody can look up what a vendor stopped to bill.
        Word::Done if operation.kind == OperationKind::Release => Outcome::Applied,
        Word::Done => Outcome::Pending,
        Word::Skipped => Outcome::Skipped,
        Word::Failed(_) => Outcome::Failed,
    }
}

/// What is said of it.
pub(super) fn message(word: &Word) -> &str {
    match word {
        Word::Done => DONE,
        Word::Skipped => "passed over by hand",
        Word::Failed(reason) => reason,
    }
}
