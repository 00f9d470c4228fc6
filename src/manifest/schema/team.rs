//! `policy.teams`: stricter settings for the members of a group.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{LayerEntry, LimitEntry, LimitsEntry, RequireEntry};
use crate::diagnostic::Level;
use crate::manifest::yaml::{Located, OptionalField, Override, RequiredField};

/// Settings for the members of one group. They can tighten the organization's policy, never loosen it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamEntry {
    /// Limits on the number of affected members per license.
    #[serde(default)]
    pub limits: OptionalField<LimitsEntry<TeamLimitEntry>>,
    /// Level of a change that destroys a member's data without an acknowledgement.
    #[serde(default)]
    pub data_loss: OptionalField<Level>,
    /// Fields that every assignment entry that names a member must have.
    #[serde(default)]
    pub require: RequiredField<RequireEntry>,
}

/// One limit of a team. It applies to one plan; a team has no rolling window.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamLimitEntry {
    /// Maximum percentage of the members who hold the license.
    #[serde(default)]
    pub percent: Override<u32>,
    /// Maximum number of members.
    #[serde(default)]
    pub count: Override<u64>,
    /// Up to this number of members, the percentage does not apply.
    #[serde(default)]
    pub floor: Override<u64>,
}

impl TeamEntry {
    /// Returns the team's settings as a layer.
    pub(crate) fn layer(&self) -> LayerEntry {
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
            limits: limits.into(),
            data_loss: self.data_loss.clone(),
            require: self.require.clone(),
            ..LayerEntry::default()
        }
    }
}
