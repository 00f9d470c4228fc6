//! `policy.budget`: what seats may cost.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::LevelEntry;
use crate::manifest::yaml::OptionalField;

/// The budget in one currency, a month.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetEntry {
    /// The most that the seats in use may cost after a plan: a decimal number in quotes, such as `"12000.00"`.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]+(\\.[0-9]+)?$"))]
    pub total: OptionalField<SmolStr>,
    /// The most that one plan may add.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]+(\\.[0-9]+)?$"))]
    pub increase: OptionalField<SmolStr>,
    /// How much weight it has; `deny` unless written otherwise.
    #[serde(default)]
    pub level: OptionalField<LevelEntry>,
}
