//! What a layer of the policy below the organization's may say: the same, and only stricter.

use schemars::JsonSchema;
use serde::Deserialize;

use super::BudgetEntry;
use super::policy::{AgeEntry, ExpiringEntry, LevelEntry, LimitEntry, LimitsEntry};
use crate::manifest::yaml::{Located, NamedEntries, OptionalField, Override, RequiredField};

/// What holds at one tenant; it may be stricter than the organization's policy, and never milder.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerEntry {
    /// How many people may be touched, for each license.
    #[serde(default)]
    pub limits: OptionalField<LimitsEntry>,
    /// What happens to a change that destroys data which nobody acknowledged.
    #[serde(default)]
    pub data_loss: OptionalField<LevelEntry>,
    /// What happens when nobody holds a managed license after the plan.
    #[serde(default)]
    pub last_holder: OptionalField<LevelEntry>,
    /// What happens when a pool lacks seats.
    #[serde(default)]
    pub seats: OptionalField<LevelEntry>,
    /// What to say of licenses and acknowledgements that end soon.
    #[serde(default)]
    pub expiring: OptionalField<ExpiringEntry>,
    /// How old a plan that changes the tenant, and the observation of the tenant, may be when it is applied.
    #[serde(default)]
    pub age: RequiredField<AgeEntry>,
    /// Fields that an assignment entry must have.
    #[serde(default)]
    pub require: OptionalField<RequireEntry>,
    /// What the seats of the tenant may cost a month, by currency, beside what those of all tenants may.
    #[serde(default)]
    pub budget: OptionalField<NamedEntries<BudgetEntry>>,
}

/// Fields that an assignment entry must have, each with its weight.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequireEntry {
    /// Why the entry is there.
    #[serde(default)]
    pub reason: OptionalField<LevelEntry>,
    /// The day from which on the entry does not count.
    #[serde(default)]
    pub expires: OptionalField<LevelEntry>,
}

/// What holds for the members of one group; it may be stricter than the organization's policy, and never milder.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamEntry {
    /// How many members may be touched, for each license.
    #[serde(default)]
    pub limits: OptionalField<TeamLimitsEntry>,
    /// What happens to a change that destroys a member's data which nobody acknowledged.
    #[serde(default)]
    pub data_loss: OptionalField<LevelEntry>,
    /// Fields that an assignment entry must have that names a member.
    #[serde(default)]
    pub require: OptionalField<RequireEntry>,
}

/// The limits of a team for each license.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamLimitsEntry {
    /// Members who give up a seat without a replacement.
    #[serde(default)]
    pub losses: OptionalField<TeamLimitEntry>,
    /// All changes.
    #[serde(default)]
    pub changes: OptionalField<TeamLimitEntry>,
}

/// One limit of a team; it looks at one plan.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamLimitEntry {
    /// At most this percentage of the members who hold the license.
    #[serde(default)]
    pub percent: Override<u32>,
    /// At most so many members.
    #[serde(default)]
    pub count: Override<u64>,
    /// Up to so many members the percentage does not matter.
    #[serde(default)]
    pub floor: Override<u64>,
}

impl TeamEntry {
    /// The same as a layer.
    pub(crate) fn to_layer(&self) -> LayerEntry {
        let limit = |entry: &OptionalField<TeamLimitEntry>| {
            OptionalField::from(entry.get().map(|Located { value, at }| {
                let TeamLimitEntry { percent, count, floor } = value.clone();
                Located { value: LimitEntry { percent, count, floor, window: Override::Default }, at: *at }
            }))
        };
        let limits = self.limits.get().map(|Located { value, at }| Located {
            value: LimitsEntry { losses: limit(&value.losses), changes: limit(&value.changes) },
            at: *at,
        });
        LayerEntry {
            limits: OptionalField::from(limits),
            data_loss: self.data_loss.clone(),
            require: self.require.clone(),
            ..LayerEntry::default()
        }
    }
}
