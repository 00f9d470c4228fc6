//! Operations: the vendor actions that a plan consists of.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{ChangeId, Digest, Effect, RequestSource};
use crate::diagnostic::Source;

/// The id of an operation in its plan, such as `op-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OperationId(pub SmolStr);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The action of an operation at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OperationKind {
    /// Cancels a pending request.
    Cancel,
    /// Removes a license.
    Remove,
    /// Changes one license to another in one atomic step.
    Change,
    /// Assigns a license.
    Assign,
    /// Restores memberships that a removal destroyed.
    Restore,
    /// Asks the vendor to stop billing a freed seat.
    Release,
}

impl OperationKind {
    /// Returns the name in the plan format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Remove => "remove",
            Self::Change => "change",
            Self::Assign => "assign",
            Self::Restore => "restore",
            Self::Release => "release",
        }
    }

    /// Whether the operation takes a license from the person.
    pub fn is_removal(self) -> bool {
        matches!(self, Self::Remove | Self::Change)
    }

    /// Whether the operation gives the person a license.
    pub fn is_assignment(self) -> bool {
        matches!(self, Self::Assign | Self::Change)
    }
}

/// What the executor does if an operation fails permanently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// Assigns the old license again.
    RollBack,
}

/// The precondition of an operation, checked immediately before it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expects {
    /// The digest of the person's holdings among the licenses that exclude each other here.
    pub holdings: Digest,
}

/// One vendor action that realizes a change; a node of the plan graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Its id in this plan.
    pub id: OperationId,
    /// The change that it realizes.
    pub change: ChangeId,
    /// The action.
    pub kind: OperationKind,
    /// The effect of its change.
    pub effect: Effect,
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The vendor's id of the person's account.
    pub account: SmolStr,
    /// The license; for `change` the old one.
    pub license: SmolStr,
    /// The new license for `change`, otherwise null.
    pub to: Option<SmolStr>,
    /// The operations that must succeed first.
    pub after: Vec<OperationId>,
    /// Whether the person gives up the old seat before the new one is certain; set on their first operation.
    pub parked: bool,
    /// The data that it destroys.
    pub loses: Vec<String>,
    /// The data that it keeps although one might expect a loss.
    pub keeps: Vec<String>,
    /// What people should do afterwards.
    pub follow_ups: Vec<String>,
    /// For `restore`: the memberships to restore.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<SmolStr>,
    /// The precondition.
    pub expects: Expects,
    /// What the executor does if it fails permanently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
    /// One line for people.
    pub why: String,
    /// The location in the manifest that requests it, with the reason given there.
    pub source: Option<RequestSource>,
}

impl Operation {
    /// Returns the location in the manifest that requests it.
    pub fn location(&self) -> Option<Source> {
        self.source.as_ref().map(RequestSource::location)
    }
}
