//! `policy.budget`: monthly budgets for seats.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use crate::diagnostic::Level;
use crate::manifest::yaml::OptionalField;

/// The monthly budget in one currency.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetEntry {
    /// Maximum monthly cost of the used seats after a plan, as a quoted decimal such as `"12000.00"`.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]+(\\.[0-9]+)?$"))]
    pub total: OptionalField<SmolStr>,
    /// Maximum monthly cost that one plan may add, as a quoted decimal.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]+(\\.[0-9]+)?$"))]
    pub increase: OptionalField<SmolStr>,
    /// Level of the finding. Default: `deny`.
    #[serde(default)]
    pub level: OptionalField<Level>,
}
