//! `policy.exclude`, `policy.need`, `policy.licenses` and `approvals`: which licenses go together, and to whom; who said
//! yes.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{DateText, LevelEntry, LicenseText};
use crate::manifest::yaml::{LenientList, Located, OptionalField, RequiredField};

/// Licenses that nobody is to hold together, also of several tenants.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExclusionEntry {
    /// The licenses, `tenant/license`; at least two.
    pub licenses: RequiredField<LenientList<Located<LicenseText>>>,
    /// How much weight it has; `deny` where it is missing.
    #[serde(default)]
    pub level: OptionalField<LevelEntry>,
}

/// A license that is of no use without another one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedEntry {
    /// The license, `tenant/license`.
    pub license: RequiredField<LicenseText>,
    /// Licenses of which its holders must have one, `tenant/license`; at least one.
    pub one_of: RequiredField<LenientList<Located<LicenseText>>>,
    /// How much weight it has; `deny` where it is missing.
    #[serde(default)]
    pub level: OptionalField<LevelEntry>,
}

/// Licenses that are allowed or denied to people with certain attributes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicensesEntry {
    /// True for the people whom it is about; an expression in CEL over `person`.
    #[serde(rename = "where")]
    pub condition: RequiredField<SmolStr>,
    /// They get none but these, `tenant/license` or `tenant/*`.
    #[serde(default)]
    pub allow: OptionalField<LenientList<Located<LicenseText>>>,
    /// They get none of these, `tenant/license` or `tenant/*`.
    #[serde(default)]
    pub deny: OptionalField<LenientList<Located<LicenseText>>>,
    /// How much weight it has; `deny` where it is missing.
    #[serde(default)]
    pub level: OptionalField<LevelEntry>,
}

/// Somebody looked at findings of level `approve`, and said yes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalEntry {
    /// The digests of the findings, as the plan shows them.
    pub findings: RequiredField<LenientList<Located<SmolStr>>>,
    /// Who approves; one of the policy's `approvers`.
    pub by: RequiredField<SmolStr>,
    /// The last day on which it counts.
    pub until: RequiredField<DateText>,
    /// Why, such as the number of a ticket.
    #[serde(default)]
    pub note: OptionalField<String>,
}
