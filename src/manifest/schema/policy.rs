//! `policy`: the organization's settings, and stricter ones per tenant and per team.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{BudgetEntry, ExclusionEntry, FreezeEntry, LicensesEntry, NeedEntry, RuleEntry, TeamEntry};
use crate::diagnostic::Level;
use crate::manifest::yaml::{LenientList, Located, NamedEntries, OptionalField, Override, PeopleList, RequiredField};

/// Defines a section with the settings that every layer of the policy has, and with its own ones.
macro_rules! policy_layer {
    ($(#[$attribute:meta])* $name:ident { $($own:tt)* }) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Limits on the number of affected people per license. Changes over a limit are held.
            #[serde(default)]
            pub limits: OptionalField<LimitsEntry<LimitEntry>>,
            /// Level of a change that destroys data without an acknowledgement. Default: `deny`.
            #[serde(default)]
            pub data_loss: OptionalField<Level>,
            /// Level of a managed license that has no holder after the plan. Default: `warn`.
            #[serde(default)]
            pub last_holder: OptionalField<Level>,
            /// Level of missing seats. Default: `warn`.
            #[serde(default)]
            pub seats: OptionalField<Level>,
            /// When to report licenses and acknowledgements that are about to end.
            #[serde(default)]
            pub expiring: OptionalField<ExpiringEntry>,
            /// Maximum age of a plan and of its observations when it is applied.
            #[serde(default)]
            pub age: RequiredField<AgeEntry>,
            /// Fields that every assignment entry must have.
            #[serde(default)]
            pub require: RequiredField<RequireEntry>,
            /// Monthly budget for seats, by currency. A tenant's budget covers its own seats and applies in addition to the
            /// organization's.
            #[serde(default)]
            pub budget: RequiredField<NamedEntries<BudgetEntry>>,
            $($own)*
        }
    };
}

policy_layer! {
    /// Rules for plans. Settings that are left out have the values of the default policy. A list or table without a value
    /// is an error, because a misplaced list must not silently disable a rule.
    PolicyEntry {
        /// People who must not lose a license, whatever the assignments say. Groups are written `group:NAME`.
        #[serde(default)]
        pub protect: RequiredField<PeopleList>,
        /// Custom rules in CEL.
        #[serde(default)]
        pub rules: RequiredField<LenientList<Located<RuleEntry>>>,
        /// Windows in which `apply` changes nothing.
        #[serde(default)]
        pub freeze: RequiredField<LenientList<Located<FreezeEntry>>>,
        /// People who may approve findings of level `approve`. Groups are written `group:NAME`.
        #[serde(default)]
        pub approvers: RequiredField<PeopleList>,
        /// Licenses that nobody may hold together.
        #[serde(default)]
        pub exclude: RequiredField<LenientList<Located<ExclusionEntry>>>,
        /// Licenses that are allowed or denied to people with certain attributes.
        #[serde(default)]
        pub licenses: RequiredField<LenientList<Located<LicensesEntry>>>,
        /// Licenses that require another license.
        #[serde(default)]
        pub need: RequiredField<LenientList<Located<NeedEntry>>>,
        /// Stricter settings per tenant, by tenant name.
        #[serde(default)]
        pub tenants: RequiredField<NamedEntries<LayerEntry>>,
        /// Stricter settings for the members of a group, by group name.
        #[serde(default)]
        pub teams: RequiredField<NamedEntries<TeamEntry>>,
    }
}

policy_layer! {
    /// Settings of one tenant. They can tighten the organization's policy, never loosen it.
    LayerEntry {}
}

impl PolicyEntry {
    /// Returns the settings that every layer has.
    pub(crate) fn layer(&self) -> LayerEntry {
        LayerEntry {
            limits: self.limits.clone(),
            data_loss: self.data_loss.clone(),
            last_holder: self.last_holder.clone(),
            seats: self.seats.clone(),
            expiring: self.expiring.clone(),
            age: self.age.clone(),
            require: self.require.clone(),
            budget: self.budget.clone(),
        }
    }
}

/// Limits on the number of affected people per license.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsEntry<T> {
    /// People who lose a license without a replacement.
    #[serde(default)]
    pub losses: OptionalField<T>,
    /// People affected by any change.
    #[serde(default)]
    pub changes: OptionalField<T>,
}

/// One limit. `null` disables a part of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitEntry {
    /// Maximum percentage of the license's holders.
    #[serde(default)]
    pub percent: Override<u32>,
    /// Maximum number of people in one plan.
    #[serde(default)]
    pub count: Override<u64>,
    /// Up to this number of people, the percentage does not apply.
    #[serde(default)]
    pub floor: Override<u64>,
    /// Maximum number of people over several plans.
    #[serde(default)]
    pub window: Override<WindowEntry>,
}

/// A rolling window, so that many small plans do not add up to a mass change.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowEntry {
    /// Number of days, including the day of the plan.
    pub days: RequiredField<u32>,
    /// Maximum number of people.
    pub count: RequiredField<u64>,
}

/// When to report licenses and acknowledgements that are about to end.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpiringEntry {
    /// Number of days before the end. Default: 30.
    #[serde(default)]
    pub days: OptionalField<u32>,
    /// Level of the finding. Default: `warn`.
    #[serde(default)]
    pub level: OptionalField<Level>,
}

/// Maximum ages when a plan is applied. A part that is left out is not limited.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgeEntry {
    /// Maximum age of the plan.
    #[serde(default)]
    pub plan: RequiredField<AgeText>,
    /// Maximum age of the observations of the tenants that the plan changes.
    #[serde(default)]
    pub observations: RequiredField<AgeText>,
}

/// An age, such as `7d`, `24h`, `90m` or `30s`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("pattern" = "^[0-9]+(s|m|h|d)$"))]
pub struct AgeText(pub SmolStr);

/// Fields that every assignment entry must have, each with the level of the finding if it is missing.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequireEntry {
    /// The entry's reason.
    #[serde(default)]
    pub reason: OptionalField<Level>,
    /// The entry's end date.
    #[serde(default)]
    pub expires: OptionalField<Level>,
}
