//! `policy.exclude`, `policy.need` and `policy.licenses`: combinations of licenses, and licenses by attribute.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::LicenseText;
use crate::diagnostic::Level;
use crate::manifest::yaml::{LenientList, Located, OptionalField, RequiredField};

/// Licenses that nobody may hold together, also across tenants.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExclusionEntry {
    /// At least two licenses, written `tenant/license`.
    pub licenses: RequiredField<LenientList<Located<LicenseText>>>,
    /// Level of the finding. Default: `deny`.
    #[serde(default)]
    pub level: OptionalField<Level>,
}

/// A license that requires another license.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedEntry {
    /// The license, written `tenant/license`.
    pub license: RequiredField<LicenseText>,
    /// Its holders must have at least one of these licenses.
    pub one_of: RequiredField<LenientList<Located<LicenseText>>>,
    /// Level of the finding. Default: `deny`.
    #[serde(default)]
    pub level: OptionalField<Level>,
}

/// Licenses that are allowed or denied to people with certain attributes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicensesEntry {
    /// A CEL expression over `person` that selects the people to whom the rule applies.
    #[serde(rename = "where")]
    pub condition: RequiredField<SmolStr>,
    /// They may have only these licenses, written `tenant/license` or `tenant/*`.
    #[serde(default)]
    pub allow: OptionalField<LenientList<Located<LicenseText>>>,
    /// They may not have these licenses, written `tenant/license` or `tenant/*`.
    #[serde(default)]
    pub deny: OptionalField<LenientList<Located<LicenseText>>>,
    /// Level of the finding. Default: `deny`.
    #[serde(default)]
    pub level: OptionalField<Level>,
}
