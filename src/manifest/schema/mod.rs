//! The types that read a manifest file, from which its JSON Schema is generated.
//!
//! They hold what is written, with locations; [`manifest::resolve`](super) looks up names and parses dates. The doc comment
//! of a field is its description in editors.

mod assignment;
mod budget;
mod freeze;
mod license_rules;
mod owner;
mod people;
mod policy;
mod rule;
mod team;
mod tenant;
mod waiver;

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

pub use assignment::{AcknowledgementEntry, AssignmentEntry};
pub use budget::BudgetEntry;
pub use freeze::{FreezeEntry, FreezeLevel, Weekday, WeeklyEntry};
pub use license_rules::{ExclusionEntry, LicensesEntry, NeedEntry};
pub use owner::OwnerEntry;
pub use people::{DirectoryEntry, GroupEntry, PersonEntry};
pub use policy::{
    AgeEntry, AgeText, ExpiringEntry, LayerEntry, LimitEntry, LimitsEntry, PolicyEntry, RequireEntry, WindowEntry,
};
pub use rule::{CaseEntry, RuleEntry};
pub use team::{TeamEntry, TeamLimitEntry};
pub use tenant::{
    AdapterEntry, ApiAdapterEntry, BridgeAdapterEntry, CostEntry, ExecAdapterEntry, FileAdapterEntry, PoolEntry,
    RateEntry, RunbookAdapterEntry, TenantEntry,
};
pub use waiver::{ApprovalEntry, WaiverEntry};

use super::yaml::{LenientList, Located, NamedEntries, OptionalField};
use crate::model::API_VERSION;

/// A date, such as `2027-03-01`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("format" = "date"))]
pub struct DateText(pub SmolStr);

/// A license, written `tenant/license`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("pattern" = "^[^/]+/.+$"))]
pub struct LicenseText(pub SmolStr);

/// A reseat manifest file. Any file may contain any section; reseat merges the sections of all files.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "reseat manifest", extend("required" = ["apiVersion"]))]
pub struct ManifestFile {
    /// Version of the format: `reseat/v1`.
    #[serde(default, rename = "apiVersion")]
    #[schemars(extend("const" = API_VERSION))]
    pub api_version: OptionalField<SmolStr>,
    /// Your accounts at vendors, by a name of your choice.
    #[serde(default)]
    pub tenants: OptionalField<NamedEntries<TenantEntry>>,
    /// People by email address. Only needed for attributes, aliases and account handles.
    #[serde(default)]
    pub people: OptionalField<NamedEntries<PersonEntry>>,
    /// Files that list many people, such as an HR export.
    #[serde(default)]
    pub directory: OptionalField<LenientList<DirectoryEntry>>,
    /// Groups of people by name, written `group:NAME` wherever people are listed.
    #[serde(default)]
    pub groups: OptionalField<NamedEntries<GroupEntry>>,
    /// Who holds which license.
    #[serde(default)]
    pub assignments: OptionalField<LenientList<Located<AssignmentEntry>>>,
    /// Data loss that has been dealt with.
    #[serde(default)]
    pub acknowledgements: OptionalField<LenientList<Located<AcknowledgementEntry>>>,
    /// Rules for plans.
    #[serde(default)]
    pub policy: OptionalField<PolicyEntry>,
    /// Dated exceptions from the policy, each with an owner.
    #[serde(default)]
    pub waivers: OptionalField<LenientList<Located<WaiverEntry>>>,
    /// Approvals of findings of level `approve`.
    #[serde(default)]
    pub approvals: OptionalField<LenientList<Located<ApprovalEntry>>>,
    /// Who reviews changes of which files. `reseat codeowners` generates a CODEOWNERS file from this section.
    #[serde(default)]
    pub owners: OptionalField<LenientList<Located<OwnerEntry>>>,
}
