//! Operations that people carry out in a vendor's console.
//!
//! They do not go one by one through the pacing: they are checked against a fresh reading, written to the journal, and
//! handed over together. Who takes them, and how, is behind [`Hands`]: a document that is written, or somebody at the
//! terminal. The executor decides nothing here either: order and grouping follow from the plan and the profile.
//! What must hold: nothing is handed over before the journal has it; what somebody says to have done is pending until a
//! later reading shows it; what was handed over is not handed over again behind anybody's back.

mod handover;
mod log;
mod previous;
mod selection;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::apply::StopSignal;
use crate::model::{OperationId, Plan, Pool};
use crate::store::StoreError;

pub(crate) use handover::{HandoverOutcome, hand_over, is_interactive};

/// Whoever carries operations out by hand.
pub trait ManualExecutor: Send + Sync {
    /// Whether they are at the terminal: then everything else of the run goes first, and one tenant comes after the other.
    fn is_interactive(&self) -> bool;

    /// Whether somebody asked for what is open to be handed over, also if an earlier run did so already.
    fn repeats_handover(&self) -> bool;

    /// The file that the tenant is read from, for messages.
    fn export_path(&self, tenant: &str) -> Option<String>;

    /// Takes what is open at one tenant. It is called on a thread of its own, and may take as long as people do.
    ///
    /// # Errors
    /// When it could not be handed over, or the journal cannot be written.
    fn hand_over(&self, task: &ManualTask, ledger: &dyn HandoverLog) -> Result<HandoverResult, HandoverError>;
}

/// What is to be done by hand at one tenant.
#[derive(Clone, Debug)]
pub struct ManualTask {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The tenant.
    pub tenant: SmolStr,
    /// The run.
    pub run: SmolStr,
    /// The operations that are to be carried out.
    pub open: BTreeSet<OperationId>,
    /// Those of them that an earlier run showed to somebody who did not say what became of it.
    pub uncertain: BTreeSet<OperationId>,
    /// Operations that somebody said to have done, and that no reading shows yet.
    pub reported_done: BTreeSet<OperationId>,
    /// The pools as they are now.
    pub pools: Vec<Pool>,
    /// The wish that it ends soon.
    pub stop: StopSignal,
}

/// How a task was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandoverResult {
    /// It stands in the document at that path, to be done by and by.
    Document(String),
    /// Somebody was asked, and answered as the ledger says.
    Answered,
}

/// Why a task was not taken.
#[derive(Debug)]
pub enum HandoverError {
    /// The journal cannot be written.
    Store(StoreError),
    /// It cannot be handed over, for this reason.
    Failed(String),
}

impl From<StoreError> for HandoverError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What somebody says of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepReport {
    /// They did it.
    Done,
    /// They passed it over.
    Skipped,
    /// It did not work, for this reason.
    Failed(String),
}

/// Where it is written down what people see and say. What it was told is durable when it returns.
pub trait HandoverLog {
    /// Operations are about to be shown to somebody who may do them at once.
    ///
    /// # Errors
    /// When it cannot be written: then they must not be shown.
    fn record_shown(&self, operations: &[OperationId]) -> Result<(), StoreError>;

    /// Somebody said what became of operations; a later word of the same operation counts instead.
    ///
    /// # Errors
    /// When it cannot be written.
    fn record_reports(&self, words: &[(OperationId, StepReport)]) -> Result<(), StoreError>;

    /// Whoever gave up a license for an operation that did not work was given it back, or was not.
    ///
    /// # Errors
    /// When it cannot be written.
    fn record_rollback(&self, operation: &OperationId, worked: bool) -> Result<(), StoreError>;
}

impl fmt::Debug for dyn ManualExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hands")
    }
}
