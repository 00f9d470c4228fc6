//! The audit trail: one record for each event of a run, in the order in which the journal recorded them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{ConsentRecord, Digest, Operation, OperationId, OperationKind, Outcome, OutcomeSummary};

/// The vendor's reply to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RecordedReply {
    /// Accepted.
    Accepted,
    /// Refused, certainly without effect.
    Refused,
    /// No reliable reply: the effect is unknown.
    Doubtful,
}

impl RecordedReply {
    /// Returns the name in the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Doubtful => "doubtful",
        }
    }

    /// Parses the name in the audit format.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Accepted, Self::Refused, Self::Doubtful].into_iter().find(|reply| reply.as_str() == word)
    }
}

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Not ended, or crashed and not recovered yet.
    Running,
    /// Ended, with every effect in place.
    Complete,
    /// Ended, with at least one effect missing.
    Partial,
    /// Crashed, and recovered by a later run.
    Interrupted,
}

impl RunState {
    /// Returns the name in the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Interrupted => "interrupted",
        }
    }

    /// Parses the name in the audit format.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Running, Self::Complete, Self::Partial, Self::Interrupted]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// The operation of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditOperation {
    /// Its id, in the plan or of a corrective operation.
    pub id: OperationId,
    /// Whether it is a corrective operation outside the plan.
    #[serde(default, skip_serializing_if = "is_false")]
    pub remedy: bool,
    /// The action.
    pub kind: OperationKind,
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The vendor's id of the person's account.
    pub account: SmolStr,
    /// The license; for `change` the old one.
    pub license: SmolStr,
    /// For `change`, the new license.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<SmolStr>,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl AuditOperation {
    /// Returns the recorded part of an operation.
    pub fn new(operation: &Operation, remedy: bool) -> Self {
        Self {
            id: operation.id.clone(),
            remedy,
            kind: operation.kind,
            tenant: operation.tenant.clone(),
            person: operation.person.clone(),
            account: operation.account.clone(),
            license: operation.license.clone(),
            to: operation.to.clone(),
        }
    }
}

/// The event of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum AuditEvent {
    /// A run took over the lock of a run that crashed or whose lease expired.
    LockTakenOver {
        /// The new owner.
        owner: String,
        /// The former owner.
        from: String,
    },
    /// A run began.
    RunBegan {
        /// The person or job that started it.
        who: String,
        /// The manifest's path as given.
        manifest: String,
        /// The plan's digest.
        plan: Digest,
        /// The plan's `content`.
        content: Digest,
        /// The number of operations in the plan.
        operations: u64,
        /// The run that it resumes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resumes: Option<SmolStr>,
        /// The run that it undoes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undoes: Option<SmolStr>,
        /// Consents that override policy for this run.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        consents: Vec<ConsentRecord>,
    },
    /// An operation is about to be sent.
    Sent {
        /// The operation.
        operation: AuditOperation,
    },
    /// The vendor answered.
    Answered {
        /// The operation.
        operation: AuditOperation,
        /// The kind of reply.
        reply: RecordedReply,
        /// The status of the answer, such as 409.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// The message of the reply.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// The body of the reply, shortened and without secrets.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        /// The vendor's handle of an asynchronous operation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handle: Option<String>,
    },
    /// The outcome of an operation is known.
    Outcome {
        /// The operation.
        operation: AuditOperation,
        /// The outcome.
        outcome: Outcome,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// A run ended, or a later run recovered it.
    RunEnded {
        /// How.
        state: RunState,
        /// Counts by outcome.
        summary: OutcomeSummary,
    },
}

/// One record of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditRecord {
    /// The sequence number, from 1, without gaps.
    pub seq: u64,
    /// The time of the record, by the runner's clock.
    pub at: Timestamp,
    /// The run.
    pub run: Option<SmolStr>,
    /// The fencing token of the lock.
    pub fence: u64,
    /// What it says.
    #[serde(flatten)]
    pub event: AuditEvent,
    /// The SHA-256 hash over this record and the previous hash, as 64 hexadecimal digits.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub hash: String,
}
