//! What a plan leaves out: blocked changes, held losses and waiting assignments.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::diagnostic::Source;

/// A change that the plan leaves out for a stated reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blocked {
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The license that the person would gain or lose.
    pub license: SmolStr,
    /// The reason's code.
    pub code: SmolStr,
    /// The reason.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
    /// The location in the manifest that requests it.
    pub source: Option<Source>,
}

/// A loss that a limit holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The license that the person would lose.
    pub license: SmolStr,
    /// The limit's code.
    pub code: SmolStr,
    /// The limit and the number that exceeds it.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
    /// The location in the manifest that requests it.
    pub source: Option<Source>,
}

/// A desired assignment that waits for a seat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The license that the person waits for.
    pub license: SmolStr,
    /// The position in the pool's queue, from 1.
    pub position: u64,
    /// The priority of the desired assignment.
    pub priority: i64,
}
