//! What a layer of the policy below the organization's may say: the same, and only stricter.

use schemars::JsonSchema;
use serde::Deserialize;

use super::BudgetEntry;
use super::policy::{AgeEntry, Expiring, LevelWord, LimitEntry, LimitsEntry};
use crate::manifest::yaml::{At, Given, Named, Needed, Part};

/// What holds at one tenant; it may be stricter than the organization's policy, and never milder.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerEntry {
    /// How many people may be touched, for each license.
    #[serde(default)]
    pub limits: Given<LimitsEntry>,
    /// What happens to a change that destroys data which nobody acknowledged.
    #[serde(default)]
    pub data_loss: Given<LevelWord>,
    /// What happens when nobody holds a managed license after the plan.
    #[serde(default)]
    pub last_holder: Given<LevelWord>,
    /// What happens when a pool lacks seats.
    #[serde(default)]
    pub seats: Given<LevelWord>,
    /// What to say of licenses and acknowledgements that end soon.
    #[serde(default)]
    pub expiring: Given<Expiring>,
    /// How old a plan that changes the tenant, and the observation of the tenant, may be when it is applied.
    #[serde(default)]
    pub age: Needed<AgeEntry>,
    /// Fields that an assignment entry must have.
    #[serde(default)]
    pub require: Given<RequireEntry>,
    /// What the seats of the tenant may cost a month, by currency, beside what those of all tenants may.
    #[serde(default)]
    pub budget: Given<Named<BudgetEntry>>,
}

/// Fields that an assignment entry must have, each with its weight.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequireEntry {
    /// Why the entry is there.
    #[serde(default)]
    pub reason: Given<LevelWord>,
    /// The day from which on the entry does not count.
    #[serde(default)]
    pub expires: Given<LevelWord>,
}

/// What holds for the members of one group; it may be stricter than the organization's policy, and never milder.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamEntry {
    /// How many members may be touched, for each license.
    #[serde(default)]
    pub limits: Given<TeamLimitsEntry>,
    /// What happens to a change that destroys a member's data which nobody acknowledged.
    #[serde(default)]
    pub data_loss: Given<LevelWord>,
    /// Fields that an assignment entry must have that names a member.
    #[serde(default)]
    pub require: Given<RequireEntry>,
}

/// The limits of a team for each license.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamLimitsEntry {
    /// Members who give up a seat without a replacement.
    #[serde(default)]
    pub losses: Given<TeamLimitEntry>,
    /// All changes.
    #[serde(default)]
    pub changes: Given<TeamLimitEntry>,
}

/// One limit of a team; it looks at one plan.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamLimitEntry {
    /// At most this percentage of the members who hold the license.
    #[serde(default)]
    pub percent: Part<u32>,
    /// At most so many members.
    #[serde(default)]
    pub count: Part<u64>,
    /// Up to so many members the percentage does not matter.
    #[serde(default)]
    pub floor: Part<u64>,
}

impl TeamEntry {
    /// The same as a layer.
    pub(crate) fn layer(&self) -> LayerEntry {
        let limit = |entry: &Given<TeamLimitEntry>| {
            Given::from(entry.get().map(|At { value, at }| {
                let TeamLimitEntry { percent, count, floor } = value.clone();
                At { value: LimitEntry { percent, count, floor, window: Part::Default }, at: *at }
            }))
        };
        let limits = self.limits.get().map(|At { value, at }| At {
            value: LimitsEntry { losses: limit(&value.losses), changes: limit(&value.changes) },
            at: *at,
        });
        LayerEntry {
            limits: Given::from(limits),
            data_loss: self.data_loss.clone(),
            require: self.require.clone(),
            ..LayerEntry::default()
        }
    }
}
