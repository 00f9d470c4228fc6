//! Ownership of manifest files, as declared in `owners`.

use smol_str::SmolStr;

use super::yaml::Located;
use crate::diagnostic::Location;
use crate::model::LicenseRef;

/// Who reviews changes of which files.
#[derive(Clone, Debug)]
pub struct OwnershipRule {
    /// Paths as in CODEOWNERS.
    pub paths: Vec<Located<SmolStr>>,
    /// Tenants whose files are owned.
    pub tenants: Vec<SmolStr>,
    /// Licenses whose files are owned.
    pub licenses: Vec<LicenseRef>,
    /// Users, teams and addresses.
    pub owners: Vec<SmolStr>,
    /// The location in the manifest.
    pub source: Location,
}
