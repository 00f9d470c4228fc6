//! What a run could not do, in words that reports and programs rely on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Why an operation was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// The person is not as the plan supposes.
    Stale,
    /// It needs an operation that did not succeed.
    Dependent,
    /// The vendor took no changes until the wait was over.
    Busy,
    /// Its pool has fewer free seats than the plan counted on: it waits for one, as a plan would let it.
    Waiting,
    /// The tenant could not be reached, or did not let us in.
    Unreachable,
    /// The tenant refused too often.
    Failing,
    /// Whoever was to do it by hand passed it over.
    Declined,
    /// The run was stopped.
    Stopped,
    /// The time that the run was given is over.
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

/// Somebody who gave up a license and has nothing in its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct StrandedPerson {
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The license that they gave up.
    pub lost: SmolStr,
    /// The license that did not come.
    pub wanted: SmolStr,
    /// Why neither is there.
    pub reason: String,
    /// What to do about it.
    pub help: String,
}
