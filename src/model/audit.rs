//! The audit trail as others read it: one record for everything that was sent, answered and found out, in the order in
//! which it was written down.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{ConsentRecord, Digest, Operation, OperationId, OperationKind, Outcome, OutcomeSummary};

/// How a vendor answered an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RecordedReply {
    /// It did not refuse.
    Accepted,
    /// It refused, surely without effect.
    Refused,
    /// There was no answer to rely on: the effect may be there.
    Doubtful,
}

impl RecordedReply {
    /// The word of the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Doubtful => "doubtful",
        }
    }

    /// The reply of that word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Accepted, Self::Refused, Self::Doubtful].into_iter().find(|reply| reply.as_str() == word)
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// It has not ended, or died and nobody has noticed yet.
    Running,
    /// It ended, and the effect of every operation is there.
    Complete,
    /// It ended, and something is not as planned.
    Partial,
    /// It died, and what it left open was settled by a later run.
    Interrupted,
}

impl RunState {
    /// The word of the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Interrupted => "interrupted",
        }
    }

    /// The state of that word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Running, Self::Complete, Self::Partial, Self::Interrupted]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// The operation that a record is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditOperation {
    /// Its name: of the plan, or of what was sent beside the plan to mend it.
    pub id: OperationId,
    /// Whether it was sent to mend a failed operation, and is none of the plan.
    #[serde(default, skip_serializing_if = "is_false")]
    pub remedy: bool,
    /// What it does.
    pub kind: OperationKind,
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The vendor's id of the person's account.
    pub account: SmolStr,
    /// The license; for `change` the old one.
    pub license: SmolStr,
    /// For `change` the new license.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<SmolStr>,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl AuditOperation {
    /// What a record says of an operation.
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

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum AuditEvent {
    /// A run took the lock of one that had not let go of it: it died, or its lease ended.
    LockTakenOver {
        /// Who has it now.
        owner: String,
        /// Who had it.
        from: String,
    },
    /// A run began.
    RunBegan {
        /// Who began it.
        who: String,
        /// The manifest's path as it was given.
        manifest: String,
        /// The plan's digest.
        plan: Digest,
        /// The plan's `content`.
        content: Digest,
        /// How many operations the plan has.
        operations: u64,
        /// The run whose plan it goes on with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resumes: Option<SmolStr>,
        /// The run that it takes back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undoes: Option<SmolStr>,
        /// What was allowed for it although a rule says no.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        consents: Vec<ConsentRecord>,
    },
    /// An operation was about to be sent.
    Sent {
        /// The operation.
        operation: AuditOperation,
    },
    /// The vendor answered.
    Answered {
        /// The operation.
        operation: AuditOperation,
        /// How.
        reply: RecordedReply,
        /// The status of the answer, such as 409.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// In what words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// What else it said, without secrets, and cut.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        /// What the vendor calls the operation while it is at work on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handle: Option<String>,
    },
    /// The fate of an operation was known.
    Outcome {
        /// The operation.
        operation: AuditOperation,
        /// Its fate.
        outcome: Outcome,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// A run ended, or was found to have died and was settled.
    RunEnded {
        /// How.
        state: RunState,
        /// How many operations came to which end.
        summary: OutcomeSummary,
    },
}

/// One record of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditRecord {
    /// Its place in the trail, from 1 on, without a gap.
    pub seq: u64,
    /// When it was written, by the clock of the runner.
    pub at: Timestamp,
    /// The run that it is of.
    pub run: Option<SmolStr>,
    /// How often the lock had been taken.
    pub fence: u64,
    /// What it says.
    #[serde(flatten)]
    pub event: AuditEvent,
    /// SHA-256 over this record and the hash of the one before it, as 64 hexadecimal digits.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub hash: String,
}
