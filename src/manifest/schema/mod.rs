//! What may stand in a manifest file: the types that read it, which are the types its JSON Schema is made from.
//!
//! They hold what is written, with places, and mean nothing yet: names are looked up and dates are read by
//! `manifest::resolve`. The doc comment of a field is its description in an editor.

mod assignment;
mod budget;
mod freeze;
mod license_rules;
mod owner;
mod people;
mod policy;
mod policy_layer;
mod rule;
mod tenant;

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

pub use assignment::{AcknowledgementEntry, AssignmentEntry, EnsureEntry};
pub use budget::BudgetEntry;
pub use freeze::{FreezeEntry, FreezeLevel, Weekday, WeeklyEntry};
pub use license_rules::{ApprovalEntry, ExclusionEntry, LicensesEntry, NeedEntry};
pub use owner::OwnerEntry;
pub use people::{DirectoryEntry, GroupEntry, PersonEntry};
pub use policy::{
    AgeEntry, AgeText, ExpiringEntry, LevelEntry, LimitEntry, LimitsEntry, PolicyEntry, WaiverEntry, WindowEntry,
};
pub use policy_layer::{LayerEntry, RequireEntry, TeamEntry, TeamLimitEntry, TeamLimitsEntry};
pub use rule::{CaseEntry, ExpectedResult, RuleEntry, RuleTarget};
pub use tenant::{
    AdapterEntry, ApiAdapterEntry, CostEntry, ExecAdapterEntry, FileAdapterEntry, PoolEntry, RateEntry,
    RunbookAdapterEntry, TenantEntry,
};

use super::yaml::{LenientList, Located, NamedEntries, OptionalField};
use crate::model::API_VERSION;

/// A day, such as `2027-03-01`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("format" = "date"))]
pub struct DateText(pub SmolStr);

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
    pub api_version: OptionalField<SmolStr>,
    /// Our accounts at vendors, by a name of our choice.
    #[serde(default)]
    pub tenants: OptionalField<NamedEntries<TenantEntry>>,
    /// People by email; needed for attributes, aliases and handles only.
    #[serde(default)]
    pub people: OptionalField<NamedEntries<PersonEntry>>,
    /// Files with many people, such as an export from the HR system.
    #[serde(default)]
    pub directory: OptionalField<LenientList<DirectoryEntry>>,
    /// Groups of people, by name; used as `group:NAME` wherever people are listed.
    #[serde(default)]
    pub groups: OptionalField<NamedEntries<GroupEntry>>,
    /// Who holds which license.
    #[serde(default)]
    pub assignments: OptionalField<LenientList<Located<AssignmentEntry>>>,
    /// Somebody took care of what a removal destroys.
    #[serde(default)]
    pub acknowledgements: OptionalField<LenientList<Located<AcknowledgementEntry>>>,
    /// What a plan may do without somebody looking again.
    #[serde(default)]
    pub policy: OptionalField<PolicyEntry>,
    /// Dated exceptions from the policy, each with an owner.
    #[serde(default)]
    pub waivers: OptionalField<LenientList<Located<WaiverEntry>>>,
    /// Approvals of findings that need one.
    #[serde(default)]
    pub approvals: OptionalField<LenientList<Located<ApprovalEntry>>>,
    /// Who has to look at changes of which files; `reseat codeowners` makes a CODEOWNERS file of it.
    #[serde(default)]
    pub owners: OptionalField<LenientList<Located<OwnerEntry>>>,
}
