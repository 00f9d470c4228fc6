//! `owners`: who reviews changes of which files.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::LicenseText;
use crate::manifest::yaml::{LenientList, Located, OptionalField, RequiredField};

/// Who reviews changes of some files. `reseat codeowners` generates a CODEOWNERS file from these entries.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerEntry {
    /// Paths as in CODEOWNERS, relative to this file, or to the repository's root with a leading slash.
    #[serde(default)]
    pub paths: OptionalField<LenientList<Located<SmolStr>>>,
    /// Tenants: owns the files that define or mention them.
    #[serde(default)]
    pub tenants: OptionalField<LenientList<Located<SmolStr>>>,
    /// Licenses, written `tenant/license`: owns the files that mention them.
    #[serde(default)]
    pub licenses: OptionalField<LenientList<Located<LicenseText>>>,
    /// Users and teams as the forge writes them, such as `@acme/it`, or email addresses.
    pub owners: RequiredField<LenientList<Located<SmolStr>>>,
}
