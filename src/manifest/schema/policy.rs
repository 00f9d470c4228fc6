//! `policy` and `waivers`: what a plan may do, and dated exceptions.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::rule::RuleEntry;
use super::{
    BudgetEntry, DateText, ExclusionEntry, FreezeEntry, LayerEntry, LicenseText, LicensesEntry, NeedEntry,
    RequireEntry, TeamEntry,
};
use crate::diagnostic::Level;
use crate::manifest::yaml::{LenientList, Located, NamedEntries, OptionalField, Override, PeopleList, RequiredField};

/// What a plan may do without somebody looking again. What is not written is as the default policy says; a key of a list or
/// table with nothing behind it is a mistake, for a list that slipped out of its place must not become no policy.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyEntry {
    /// How many people may be touched, for each license.
    #[serde(default)]
    pub limits: OptionalField<LimitsEntry>,
    /// People whom no plan may take a license from, whatever the assignments say.
    #[serde(default)]
    pub protect: RequiredField<PeopleList>,
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
    /// How old a plan, and what it was made from, may be when it is applied.
    #[serde(default)]
    pub age: RequiredField<AgeEntry>,
    /// Rules of your own, in CEL.
    #[serde(default)]
    pub rules: RequiredField<LenientList<Located<RuleEntry>>>,
    /// What seats may cost a month, by currency.
    #[serde(default)]
    pub budget: RequiredField<NamedEntries<BudgetEntry>>,
    /// Times in which nothing is changed.
    #[serde(default)]
    pub freeze: RequiredField<LenientList<Located<FreezeEntry>>>,
    /// Fields that an assignment entry must have.
    #[serde(default)]
    pub require: RequiredField<RequireEntry>,
    /// Who may approve what needs an approval: people, or `group:NAME`.
    #[serde(default)]
    pub approvers: RequiredField<PeopleList>,
    /// Licenses that nobody is to hold together.
    #[serde(default)]
    pub exclude: RequiredField<LenientList<Located<ExclusionEntry>>>,
    /// Licenses that are allowed or denied to people with certain attributes.
    #[serde(default)]
    pub licenses: RequiredField<LenientList<Located<LicensesEntry>>>,
    /// Licenses that are of no use without another one.
    #[serde(default)]
    pub need: RequiredField<LenientList<Located<NeedEntry>>>,
    /// What is stricter at a tenant, by its name.
    #[serde(default)]
    pub tenants: RequiredField<NamedEntries<LayerEntry>>,
    /// What is stricter for the members of a group, by its name.
    #[serde(default)]
    pub teams: RequiredField<NamedEntries<TeamEntry>>,
}

/// The limits for each license.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsEntry {
    /// People who give up a seat without a replacement.
    #[serde(default)]
    pub losses: OptionalField<LimitEntry>,
    /// All changes.
    #[serde(default)]
    pub changes: OptionalField<LimitEntry>,
}

/// One limit; `null` lifts a part of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitEntry {
    /// At most this percentage of the license's holders.
    #[serde(default)]
    pub percent: Override<u32>,
    /// At most so many people.
    #[serde(default)]
    pub count: Override<u64>,
    /// Up to so many people the percentage does not matter.
    #[serde(default)]
    pub floor: Override<u64>,
    /// At most so many people within some days, over all plans.
    #[serde(default)]
    pub window: Override<WindowEntry>,
}

/// A limit over several plans.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowEntry {
    /// How many days are looked back.
    pub days: RequiredField<u32>,
    /// At most so many people.
    pub count: RequiredField<u64>,
}

/// How much weight a finding has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LevelEntry {
    /// Nothing of the plan is applied.
    Deny,
    /// A named person has to approve.
    Approve,
    /// It is said.
    Warn,
}

impl LevelEntry {
    /// The level that the word stands for.
    pub fn to_level(self) -> Level {
        match self {
            Self::Deny => Level::Deny,
            Self::Approve => Level::Approve,
            Self::Warn => Level::Warn,
        }
    }
}

/// What to say of licenses and acknowledgements that end soon.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpiringEntry {
    /// How many days before the end.
    #[serde(default)]
    pub days: OptionalField<u32>,
    /// How much weight it has.
    #[serde(default)]
    pub level: OptionalField<LevelEntry>,
}

/// How old something may be when a plan is applied; what is not written may be of any age.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgeEntry {
    /// The plan.
    #[serde(default)]
    pub plan: RequiredField<AgeText>,
    /// The observations of the tenants that the plan changes.
    #[serde(default)]
    pub observations: RequiredField<AgeText>,
}

/// An age, such as `7d`, `24h`, `90m` or `30s`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("pattern" = "^[0-9]+(s|m|h|d)$"))]
pub struct AgeText(pub SmolStr);

/// A dated exception from a rule of the policy. What it names narrows it, and all of that must fit.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverEntry {
    /// The rule, such as `losses`, or the name of a custom rule.
    pub rule: RequiredField<SmolStr>,
    /// The license it is for, `tenant/license`.
    #[serde(default)]
    pub license: OptionalField<LicenseText>,
    /// The tenant it is for.
    #[serde(default)]
    pub tenant: OptionalField<SmolStr>,
    /// The people it is for, or `group:NAME`; nobody else.
    #[serde(default)]
    pub people: OptionalField<PeopleList>,
    /// How many people may be touched; no limit where it is missing.
    #[serde(default)]
    pub count: OptionalField<u64>,
    /// Who answers for it.
    pub owner: RequiredField<SmolStr>,
    /// Why, such as the number of a ticket.
    pub reason: RequiredField<String>,
    /// The last day on which it counts.
    pub until: RequiredField<DateText>,
}
