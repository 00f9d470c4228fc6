//! `policy` and `waivers`: what a plan may do, and dated exceptions.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::rule::RuleEntry;
use super::{
    BudgetEntry, DayText, ExclusionEntry, FreezeEntry, LayerEntry, LicenseText, LicensesEntry, NeedEntry, RequireEntry,
    TeamEntry,
};
use crate::diagnostic::Level;
use crate::manifest::yaml::{At, Given, List, Named, Needed, Part, PeopleList};

/// What a plan may do without somebody looking again. What is not written is as the default policy says; a key of a list or
/// table with nothing behind it is a mistake, for a list that slipped out of its place must not become no policy.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyEntry {
    /// How many people may be touched, for each license.
    #[serde(default)]
    pub limits: Given<LimitsEntry>,
    /// People whom no plan may take a license from, whatever the assignments say.
    #[serde(default)]
    pub protect: Needed<PeopleList>,
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
    /// How old a plan, and what it was made from, may be when it is applied.
    #[serde(default)]
    pub age: Needed<AgeEntry>,
    /// Rules of your own, in CEL.
    #[serde(default)]
    pub rules: Needed<List<At<RuleEntry>>>,
    /// What seats may cost a month, by currency.
    #[serde(default)]
    pub budget: Needed<Named<BudgetEntry>>,
    /// Times in which nothing is changed.
    #[serde(default)]
    pub freeze: Needed<List<At<FreezeEntry>>>,
    /// Fields that an assignment entry must have.
    #[serde(default)]
    pub require: Needed<RequireEntry>,
    /// Who may approve what needs an approval: people, or `group:NAME`.
    #[serde(default)]
    pub approvers: Needed<PeopleList>,
    /// Licenses that nobody is to hold together.
    #[serde(default)]
    pub exclude: Needed<List<At<ExclusionEntry>>>,
    /// Licenses that are allowed or denied to people with certain attributes.
    #[serde(default)]
    pub licenses: Needed<List<At<LicensesEntry>>>,
    /// Licenses that are of no use without another one.
    #[serde(default)]
    pub need: Needed<List<At<NeedEntry>>>,
    /// What is stricter at a tenant, by its name.
    #[serde(default)]
    pub tenants: Needed<Named<LayerEntry>>,
    /// What is stricter for the members of a group, by its name.
    #[serde(default)]
    pub teams: Needed<Named<TeamEntry>>,
}

/// The limits for each license.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsEntry {
    /// People who give up a seat without a replacement.
    #[serde(default)]
    pub losses: Given<LimitEntry>,
    /// All changes.
    #[serde(default)]
    pub changes: Given<LimitEntry>,
}

/// One limit; `null` lifts a part of it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitEntry {
    /// At most this percentage of the license's holders.
    #[serde(default)]
    pub percent: Part<u32>,
    /// At most so many people.
    #[serde(default)]
    pub count: Part<u64>,
    /// Up to so many people the percentage does not matter.
    #[serde(default)]
    pub floor: Part<u64>,
    /// At most so many people within some days, over all plans.
    #[serde(default)]
    pub window: Part<WindowEntry>,
}

/// A limit over several plans.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowEntry {
    /// How many days are looked back.
    pub days: Needed<u32>,
    /// At most so many people.
    pub count: Needed<u64>,
}

/// How much weight a finding has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LevelWord {
    /// Nothing of the plan is applied.
    Deny,
    /// A named person has to approve.
    Approve,
    /// It is said.
    Warn,
}

impl LevelWord {
    /// The level that the word stands for.
    pub fn level(self) -> Level {
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
pub struct Expiring {
    /// How many days before the end.
    #[serde(default)]
    pub days: Given<u32>,
    /// How much weight it has.
    #[serde(default)]
    pub level: Given<LevelWord>,
}

/// How old something may be when a plan is applied; what is not written may be of any age.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgeEntry {
    /// The plan.
    #[serde(default)]
    pub plan: Needed<AgeText>,
    /// The observations of the tenants that the plan changes.
    #[serde(default)]
    pub observations: Needed<AgeText>,
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
    pub rule: Needed<SmolStr>,
    /// The license it is for, `tenant/license`.
    #[serde(default)]
    pub license: Given<LicenseText>,
    /// The tenant it is for.
    #[serde(default)]
    pub tenant: Given<SmolStr>,
    /// The people it is for, or `group:NAME`; nobody else.
    #[serde(default)]
    pub people: Given<PeopleList>,
    /// How many people may be touched; no limit where it is missing.
    #[serde(default)]
    pub count: Given<u64>,
    /// Who answers for it.
    pub owner: Needed<SmolStr>,
    /// Why, such as the number of a ticket.
    pub reason: Needed<String>,
    /// The last day on which it counts.
    pub until: Needed<DayText>,
}
