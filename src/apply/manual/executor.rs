//! The interface between a run and the people who perform its manual steps.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::apply::stop::StopSignal;
use crate::model::{OperationId, Plan, Pool};
use crate::store::StoreError;

/// Performs manual steps, or has people perform them.
pub trait ManualExecutor: Send + Sync {
    /// Whether a person is at the terminal; then all other operations go first, and tenants take turns.
    fn is_interactive(&self) -> bool;

    /// Whether the user asked to hand over all open steps, including those that an earlier run handed over.
    fn repeats_handover(&self) -> bool;

    /// Returns the file that the tenant is read from, for messages.
    fn export_path(&self, tenant: &str) -> Option<String>;

    /// Hands over the open steps of a tenant. Runs on its own thread, and may block as long as people work.
    ///
    /// # Errors
    /// The steps could not be handed over, or the journal cannot be written.
    fn hand_over(&self, task: &ManualTask, log: &dyn HandoverLog) -> Result<HandoverResult, HandoverError>;
}

/// The manual steps of one tenant.
#[derive(Clone, Debug)]
pub struct ManualTask {
    /// The plan.
    pub plan: Arc<Plan>,
    /// The tenant.
    pub tenant: SmolStr,
    /// The run.
    pub run: SmolStr,
    /// The operations to perform.
    pub open: BTreeSet<OperationId>,
    /// Open operations that an earlier run showed to a person, without an answer.
    pub uncertain: BTreeSet<OperationId>,
    /// Operations that were reported as done, and that no reading shows yet.
    pub reported_done: BTreeSet<OperationId>,
    /// The current pools.
    pub pools: Vec<Pool>,
    /// The signal that ends the handover.
    pub stop: StopSignal,
}

/// How steps were handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandoverResult {
    /// They are in the document at that path, for later.
    Document(String),
    /// A person answered; the log has the answers.
    Answered,
}

/// Why steps were not handed over.
#[derive(Debug)]
pub enum HandoverError {
    /// The journal cannot be written.
    Store(StoreError),
    /// The handover failed, for this reason.
    Failed(String),
}

impl From<StoreError> for HandoverError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What a person reports about an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepReport {
    /// It is done.
    Done,
    /// It was skipped.
    Skipped,
    /// It failed, for this reason.
    Failed(String),
}

/// A durable log of what people see and report.
pub trait HandoverLog {
    /// Records operations before they are shown to a person who may perform them at once.
    ///
    /// # Errors
    /// The record cannot be written; then the operations must not be shown.
    fn record_shown(&self, operations: &[OperationId]) -> Result<(), StoreError>;

    /// Records reports; a later report of the same operation replaces an earlier one.
    ///
    /// # Errors
    /// The record cannot be written.
    fn record_reports(&self, reports: &[(OperationId, StepReport)]) -> Result<(), StoreError>;

    /// Records whether the person of a failed operation was rolled back.
    ///
    /// # Errors
    /// The record cannot be written.
    fn record_rollback(&self, operation: &OperationId, worked: bool) -> Result<(), StoreError>;
}

impl fmt::Debug for dyn ManualExecutor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ManualExecutor")
    }
}
