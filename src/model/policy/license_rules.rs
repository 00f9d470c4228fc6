//! Rules about combinations of licenses, and about licenses by attribute.

use serde::Serialize;

use crate::diagnostic::{Level, Source};
use crate::expression::Expression;
use crate::model::LicenseRef;

/// Licenses that nobody may hold together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LicenseExclusion {
    /// The licenses.
    pub licenses: Vec<LicenseRef>,
    /// The level of a finding.
    pub level: Level,
    /// The location in the manifest.
    #[serde(skip)]
    pub source: Source,
}

/// A license that requires another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LicenseRequirement {
    /// The license.
    pub license: LicenseRef,
    /// Licenses of which its holders must have at least one.
    pub one_of: Vec<LicenseRef>,
    /// The level of a finding.
    pub level: Level,
    /// The location in the manifest.
    #[serde(skip)]
    pub source: Source,
}

/// Licenses that are allowed or denied to people with certain attributes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LicenseRule {
    /// True for the people to whom the rule applies.
    pub when: Expression,
    /// The only licenses that they may have, or `None` for all. The license `*` means every license of its tenant.
    pub allow: Option<Vec<LicenseRef>>,
    /// Licenses that they may not have.
    pub deny: Vec<LicenseRef>,
    /// The level of a finding.
    pub level: Level,
    /// The location in the manifest.
    #[serde(skip)]
    pub source: Source,
}

impl LicenseRule {
    /// Returns whether the people to whom the rule applies may have a license.
    pub fn is_allowed(&self, tenant: &str, license: &str) -> bool {
        let matches = |own: &LicenseRef| own.tenant == tenant && (own.license == "*" || own.license == license);
        self.allow.as_ref().is_none_or(|allow| allow.iter().any(matches)) && !self.deny.iter().any(matches)
    }
}
