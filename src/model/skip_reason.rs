//! Reasons for skipped operations, and people left without a license.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Why an operation was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// The person changed since the plan.
    Stale,
    /// An operation that it depends on did not succeed.
    Dependent,
    /// The vendor was busy until the end of the wait.
    Busy,
    /// Its pool has fewer free seats than planned, so it waits for a seat.
    Waiting,
    /// The tenant was unreachable or denied access.
    Unreachable,
    /// The tenant refused too often.
    Failing,
    /// The person who executes manual steps skipped it.
    Declined,
    /// The run was stopped.
    Stopped,
    /// The run's deadline passed.
    Deadline,
}

impl SkipReason {
    /// Returns the name in the event stream.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Dependent => "dependent",
            Self::Busy => "busy",
            Self::Waiting => "waiting",
            Self::Unreachable => "unreachable",
            Self::Failing => "failing",
            Self::Declined => "declined",
            Self::Stopped => "stopped",
            Self::Deadline => "deadline",
        }
    }
}

/// A person who gave up a license and did not get another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct StrandedPerson {
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The license given up.
    pub lost: SmolStr,
    /// The license not received.
    pub wanted: SmolStr,
    /// Why the person has neither.
    pub reason: String,
    /// What to do about it.
    pub help: String,
}
