//! The run document: what came of every operation of a plan.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Digest, OperationId, Outcome, OutcomeSummary};

/// What came of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationOutcome {
    /// The operation's name in its plan.
    pub id: OperationId,
    /// Its fate.
    pub outcome: Outcome,
    /// Why, where the outcome alone does not say it.
    pub message: Option<String>,
    /// When it was known.
    pub at: Timestamp,
}

/// One run of `apply`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Its name, such as `run-20261122-021140-1`; names sort by time.
    pub run: SmolStr,
    /// The digest of the plan.
    pub plan: Digest,
    /// What came of each operation, in the order of the plan.
    pub outcomes: Vec<OperationOutcome>,
    /// How many came to which end.
    pub summary: OutcomeSummary,
}

impl Run {
    /// The run of that name, with its outcomes counted.
    pub fn new(run: SmolStr, plan: Digest, outcomes: Vec<OperationOutcome>) -> Self {
        let mut summary = OutcomeSummary::default();
        for operation in &outcomes {
            summary.count(operation.outcome);
        }
        Self { run, plan, outcomes, summary }
    }
}
