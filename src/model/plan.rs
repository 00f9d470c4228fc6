//! The plan document: an immutable ordered graph of operations, with digests of everything it was made from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{Blocked, Change, CostSummary, Digest, Held, Operation, PoolCost, SeatPrice, Waiting};
use crate::diagnostic::Finding;

/// A plan. Its canonical form is RFC 8785 JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Always `reseat-plan/1`.
    #[schemars(extend("const" = Plan::FORMAT))]
    pub format: SmolStr,
    /// The digest of the document without this field.
    pub digest: Digest,
    /// The digest of changes, operations, blocked, waiting and held, all without `source` and `address`. Plans with the
    /// same content do the same.
    pub content: Digest,
    /// When the plan was made.
    pub created_at: Timestamp,
    /// The program that made the plan, such as `reseat 0.1.0`.
    pub tool: String,
    /// The day that manifest dates were compared with.
    pub at: Date,
    /// The digests of the plan's inputs.
    pub inputs: Inputs,
    /// Counts of operations, changes, and of what is left out.
    pub summary: Summary,
    /// The changes that the operations realize, by tenant and person.
    pub changes: Vec<Change>,
    /// The operations, in an order that the graph allows.
    pub operations: Vec<Operation>,
    /// Changes left out, with the reason.
    pub blocked: Vec<Blocked>,
    /// Desired assignments left out because no seat is free.
    pub waiting: Vec<Waiting>,
    /// Losses that a limit holds.
    pub held: Vec<Held>,
    /// Every pool before and after.
    pub pools: Vec<PlanPool>,
    /// Further diagnostics.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// The value of `format`.
    pub const FORMAT: &'static str = "reseat-plan/1";
}

/// The digests of a plan's inputs.
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
    /// The author of the changes, by the key that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<SmolStr>,
    /// The run that the plan undoes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<SmolStr>,
    /// The observations, by tenant.
    pub observations: BTreeMap<SmolStr, ObservationInput>,
}

/// The observation of one tenant, as an input of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObservationInput {
    /// Its digest as compact JSON, fields in the order of the schema.
    pub digest: Digest,
    /// When it was read.
    pub observed_at: Timestamp,
    /// Whether the observation is complete.
    pub complete: bool,
}

/// Counts of what is in a plan.
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
    /// Changes that gain a license.
    pub gains: u64,
    /// Changes that replace a license by another.
    pub moves: u64,
    /// Changes that give up a license without a replacement.
    pub losses: u64,
    /// Blocked changes.
    pub blocked: u64,
    /// Desired assignments that wait for a seat.
    pub waiting: u64,
    /// Losses that a limit holds.
    pub held: u64,
    /// People who give up the old seat before the new one is certain.
    pub parked: u64,
    /// Holdings of unmanaged licenses.
    pub unmanaged: u64,
    /// The monthly cost of used seats, by currency; only of pools with a `cost` in the manifest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub cost: BTreeMap<SmolStr, CostSummary>,
}

/// One pool before and after the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanPool {
    /// The tenant.
    pub tenant: SmolStr,
    /// The license.
    pub license: SmolStr,
    /// Seats bought; null if unknown or unlimited.
    pub total: Option<u64>,
    /// Seats to keep free.
    pub reserve: u64,
    /// Seats used before the plan.
    pub used_before: u64,
    /// Seats used after all operations succeeded.
    pub used_after: u64,
    /// Seats that the pool would lack if all admitted and waiting assignments were carried out.
    pub missing: u64,
    /// Seats bought and not used after the plan; absent where `total` is null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused: Option<u64>,
    /// The price of a seat, if the manifest states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_per_seat: Option<SeatPrice>,
    /// The monthly cost of its seats, if the price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<PoolCost>,
}
