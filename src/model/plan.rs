//! The plan document: an immutable ordered graph of operations, with digests of everything it was made from.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{CostSummary, Digest, PoolCost, RequestSource, SeatPrice};
use crate::diagnostic::{Finding, Source};

/// A plan. Its canonical form is RFC 8785 JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Always `reseat-plan/1`.
    #[schemars(extend("const" = Plan::FORMAT))]
    pub format: SmolStr,
    /// The digest of the document without this field.
    pub digest: Digest,
    /// The digest of operations, blocked, waiting and held, all without `source`: two plans with the same content do
    /// the same.
    pub content: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// What made it, such as `reseat 0.1.0`.
    pub tool: String,
    /// The day that manifest dates were compared with.
    pub at: Date,
    /// What it was made from.
    pub inputs: Inputs,
    /// How much of what.
    pub summary: Summary,
    /// What is to be done, in an order that the graph allows.
    pub operations: Vec<Operation>,
    /// Changes left out, with the reason.
    pub blocked: Vec<Blocked>,
    /// Wishes left out for want of a seat.
    pub waiting: Vec<Waiting>,
    /// Losses that a limit keeps back.
    pub held: Vec<Held>,
    /// Every pool before and after.
    pub pools: Vec<PlanPool>,
    /// What else the reader should know.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// The value of `format`.
    pub const FORMAT: &'static str = "reseat-plan/1";
}

/// The digests of what a plan was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// All files of the manifest.
    pub manifest: Digest,
    /// The policy in force, with its waivers.
    pub policy: Digest,
    /// The exact number of removals over the limits that were allowed on the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_removals: Option<u64>,
    /// Who asked for the changes, by the key that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<SmolStr>,
    /// The run that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<SmolStr>,
    /// What was observed, by tenant.
    pub observations: BTreeMap<SmolStr, ObservationInput>,
}

/// The observation of one tenant that a plan was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObservationInput {
    /// The digest of it as compact JSON, fields in the order of its schema.
    pub digest: Digest,
    /// When it was read.
    pub observed_at: Timestamp,
    /// Whether everything could be read.
    pub complete: bool,
}

/// How much of what is in a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// `cancel` operations.
    pub cancel: u64,
    /// `remove` operations.
    pub remove: u64,
    /// `change` operations.
    pub change: u64,
    /// `assign` operations.
    pub assign: u64,
    /// `release` operations.
    pub release: u64,
    /// `restore` operations.
    pub restore: u64,
    /// Changes that give a seat.
    pub gains: u64,
    /// Changes from one seat to another.
    pub moves: u64,
    /// Changes that give up a seat without a replacement.
    pub losses: u64,
    /// Changes left out.
    pub blocked: u64,
    /// Wishes that wait for a seat.
    pub waiting: u64,
    /// Losses that a limit keeps back.
    pub held: u64,
    /// People who give up their seat before the new one is certain.
    pub parked: u64,
    /// Holdings of licenses that the manifest does not name.
    pub unmanaged: u64,
    /// What the taken seats cost a month, by currency; only of pools whose `cost` the manifest says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cost: BTreeMap<SmolStr, CostSummary>,
}

/// The name of an operation in its plan, such as `op-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OperationId(pub SmolStr);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an operation does at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OperationKind {
    /// Takes back a pending request.
    Cancel,
    /// Takes a license away.
    Remove,
    /// One atomic step from one license to another.
    Change,
    /// Gives a license.
    Assign,
    /// Gives back memberships that a removal took.
    Restore,
    /// Asks the vendor to stop billing a freed seat.
    Release,
}

impl OperationKind {
    /// The word of the format.
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
}

/// What a change means for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// A seat more; also a step up from the floor or from a trial.
    Gain,
    /// One seat for another.
    Move,
    /// A seat given up without a replacement; also a fall to the floor.
    Loss,
    /// A pending request taken back, and nothing else.
    Cancel,
}

impl Effect {
    /// The word of the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gain => "gain",
            Self::Move => "move",
            Self::Loss => "loss",
            Self::Cancel => "cancel",
        }
    }
}

/// What the executor does when an operation fails for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// Give the old license back.
    RollBack,
}

/// What must be true of a person just before an operation is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expects {
    /// The digest of what the person holds of the licenses that exclude each other here.
    pub holdings: Digest,
}

/// One vendor action that realizes a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Its name in this plan.
    pub id: OperationId,
    /// What it does.
    pub kind: OperationKind,
    /// What the change that it belongs to means for the person.
    pub effect: Effect,
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The vendor's id of the person's account.
    pub account: SmolStr,
    /// The license; for `change` the old one.
    pub license: SmolStr,
    /// For `change` the new license, else null.
    pub to: Option<SmolStr>,
    /// The operations that must have succeeded before.
    pub after: Vec<OperationId>,
    /// Whether the person gives up the old seat before the new one is certain; on their first operation.
    pub parked: bool,
    /// What it destroys.
    pub loses: Vec<String>,
    /// What stays although one might fear for it.
    pub keeps: Vec<String>,
    /// What people should do afterwards.
    pub follow_ups: Vec<String>,
    /// For `restore`: what to give back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<SmolStr>,
    /// What must be true just before it is sent.
    pub expects: Expects,
    /// What the executor does when it fails for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
    /// One line for the reader.
    pub why: String,
    /// The place in the manifest that asks for it, with the reason that is given there.
    pub source: Option<RequestSource>,
}

impl Operation {
    /// The place in the manifest that asks for it.
    pub fn location(&self) -> Option<Source> {
        self.source.as_ref().map(RequestSource::location)
    }
}

/// A change that the plan leaves out, with the reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blocked {
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The license that the person would get, or would lose.
    pub license: SmolStr,
    /// The reason's code.
    pub code: SmolStr,
    /// The reason.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The place in the manifest that asks for it.
    pub source: Option<Source>,
}

/// A loss that a limit keeps back.
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
    /// The limit and the number over it.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The place in the manifest that asks for it.
    pub source: Option<Source>,
}

/// A wish that is left out for want of a seat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The license that the person waits for.
    pub license: SmolStr,
    /// The place in the pool's line, from 1.
    pub position: u64,
    /// The priority of the wish.
    pub priority: i64,
}

/// One pool before and after the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanPool {
    /// The tenant.
    pub tenant: SmolStr,
    /// The license.
    pub license: SmolStr,
    /// Seats bought; null when it is not known or not limited.
    pub total: Option<u64>,
    /// Seats to keep free.
    pub reserve: u64,
    /// Seats taken before the plan.
    pub used_before: u64,
    /// Seats taken when every operation succeeded.
    pub used_after: u64,
    /// Seats that would be lacking if all admitted and waiting wishes were carried out.
    pub missing: u64,
    /// Seats bought and not used after the plan; missing where `total` is null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused: Option<u64>,
    /// The price of a seat, where the manifest says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_per_seat: Option<SeatPrice>,
    /// What its seats cost a month, where the price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<PoolCost>,
}
