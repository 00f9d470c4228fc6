//! `owners`: who has to look at a change of what.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::LicenseText;
use crate::manifest::yaml::{LenientList, Located, OptionalField, RequiredField};

/// Who has to look at changes of some files; `reseat codeowners` makes a CODEOWNERS file of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerEntry {
    /// Paths as in CODEOWNERS, relative to this file; with a slash before it from the repository's root.
    #[serde(default)]
    pub paths: OptionalField<LenientList<Located<SmolStr>>>,
    /// Tenants: the files that describe or name them.
    #[serde(default)]
    pub tenants: OptionalField<LenientList<Located<SmolStr>>>,
    /// Licenses, `tenant/license`: the files that name them.
    #[serde(default)]
    pub licenses: OptionalField<LenientList<Located<LicenseText>>>,
    /// Users and teams as the forge writes them, such as `@acme/it`, or addresses.
    pub owners: RequiredField<LenientList<Located<SmolStr>>>,
}
