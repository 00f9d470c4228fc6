//! What may stand in a manifest file: the types that read it, which are the types its JSON Schema is made from.
//!
//! They hold what is written, with places, and mean nothing yet: names are looked up and dates are read by
//! `manifest::resolve`. The doc comment of a field is its description in an editor.

mod assignment;
mod budget;
mod combination;
mod freeze;
mod layer;
mod owner;
mod people;
mod policy;
mod rule;
mod tenant;

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

pub use assignment::{AcknowledgementEntry, Assignment, EnsureWord};
pub use budget::BudgetEntry;
pub use combination::{ApprovalEntry, ExclusionEntry, LicensesEntry, NeedEntry};
pub use freeze::{Day, FreezeEntry, FreezeLevel, WeeklyEntry};
pub use layer::{LayerEntry, RequireEntry, TeamEntry, TeamLimitEntry, TeamLimitsEntry};
pub use owner::OwnerEntry;
pub use people::{DirectorySource, Group, PersonEntry};
pub use policy::{
    AgeEntry, AgeText, Expiring, LevelWord, LimitEntry, LimitsEntry, PolicyEntry, WaiverEntry, WindowEntry,
};
pub use rule::{CaseEntry, RuleEntry, Subject, ThenWord};
pub use tenant::{
    Adapter, ApiAdapter, CostEntry, ExecAdapter, FileAdapter, PoolEntry, RateEntry, RunbookAdapter, Tenant,
};

use super::yaml::{At, Given, List, Named};
use crate::model::API_VERSION;

/// A day, such as `2027-03-01`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("format" = "date"))]
pub struct DayText(pub SmolStr);

/// A license with its tenant, `tenant/license`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("pattern" = "^[^/]+/.+$"))]
pub struct LicenseText(pub SmolStr);

/// A manifest file of reseat. Any file may hold any section; the sections of all files are merged.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "reseat manifest", extend("required" = ["apiVersion"]))]
pub struct ManifestFile {
    /// The version of the format: `reseat/v1`.
    #[serde(default, rename = "apiVersion")]
    #[schemars(extend("const" = API_VERSION))]
    pub api_version: Given<SmolStr>,
    /// Our accounts at vendors, by a name of our choice.
    #[serde(default)]
    pub tenants: Given<Named<Tenant>>,
    /// People by email; needed for attributes, aliases and handles only.
    #[serde(default)]
    pub people: Given<Named<PersonEntry>>,
    /// Files with many people, such as an export from the HR system.
    #[serde(default)]
    pub directory: Given<List<DirectorySource>>,
    /// Groups of people, by name; used as `group:NAME` wherever people are listed.
    #[serde(default)]
    pub groups: Given<Named<Group>>,
    /// Who holds which license.
    #[serde(default)]
    pub assignments: Given<List<At<Assignment>>>,
    /// Somebody took care of what a removal destroys.
    #[serde(default)]
    pub acknowledgements: Given<List<At<AcknowledgementEntry>>>,
    /// What a plan may do without somebody looking again.
    #[serde(default)]
    pub policy: Given<PolicyEntry>,
    /// Dated exceptions from the policy, each with an owner.
    #[serde(default)]
    pub waivers: Given<List<At<WaiverEntry>>>,
    /// Approvals of findings that need one.
    #[serde(default)]
    pub approvals: Given<List<At<ApprovalEntry>>>,
    /// Who has to look at changes of which files; `reseat codeowners` makes a CODEOWNERS file of it.
    #[serde(default)]
    pub owners: Given<List<At<OwnerEntry>>>,
}
