//! The run document: the outcome of every operation of a plan.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Digest, OperationId, Outcome, OutcomeSummary};

/// The outcome of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationOutcome {
    /// The operation's id in its plan.
    pub id: OperationId,
    /// The outcome.
    pub outcome: Outcome,
    /// The reason, if the outcome does not suffice.
    pub message: Option<String>,
    /// When the outcome became known.
    pub at: Timestamp,
}

/// One run of `apply`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Its name, such as `run-20261122-021140-1`. Names sort by time.
    pub run: SmolStr,
    /// The digest of the plan.
    pub plan: Digest,
    /// The outcome of each operation, in the order of the plan.
    pub outcomes: Vec<OperationOutcome>,
    /// Counts by outcome.
    pub summary: OutcomeSummary,
}

impl Run {
    /// Returns the run with its outcomes counted.
    pub fn new(run: SmolStr, plan: Digest, outcomes: Vec<OperationOutcome>) -> Self {
        let mut summary = OutcomeSummary::default();
        for operation in &outcomes {
            summary.count(operation.outcome);
        }
        Self { run, plan, outcomes, summary }
    }
}
