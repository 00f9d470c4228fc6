//! Reading the manifest: files, sections, and what they resolve to.
//!
//! It is the only user of a YAML reader, and stands apart so that everything above works on resolved facts. The way is
//! [`files`] (which files there are) → [`yaml`] (text to values with places) → [`schema`] (what may stand in a file) →
//! [`sections`] (all files together) → [`resolve`] (names looked up, groups expanded).
//! What must hold: every fault of every file is found in one run; nothing outside the manifest's folder is read; no
//! program is run and no secret is read.

pub mod compiled_rule;
mod declared;
mod differences;
mod document_kind;
pub mod edit;
mod files;
mod group_membership;
mod load;
mod raw;
mod resolve;
pub mod schema;
mod sections;
mod trusted;
pub mod yaml;

pub use declared::{
    DeclaredAges, DeclaredApproval, DeclaredExclusion, DeclaredPolicy, DeclaredRequirement, DeclaredTeam,
    DeclaredWaiver, LicenseRule, OwnershipRule,
};
pub use group_membership::{GroupMemberships, MembershipReason, MembershipStep};
pub use load::load;
pub use trusted::{TrustedManifest, load_reviewed, load_trusted};

use crate::diagnostic::{Files, Finding};
use crate::model::{Desired, Digest};

/// Whether forges read the letter as itself in a path of a CODEOWNERS file.
pub fn is_codeowners_literal(letter: char) -> bool {
    resolve::is_codeowners_literal(letter)
}

/// What a manifest says, as far as it can be read.
#[derive(Clone, Debug)]
pub struct LoadedManifest {
    /// The desired state; with an error among the findings it is good for looking at and not for planning.
    pub desired: Desired,
    /// The policy as written.
    pub policy: DeclaredPolicy,
    /// The waivers as written.
    pub waivers: Vec<DeclaredWaiver>,
    /// The approvals as written.
    pub approvals: Vec<DeclaredApproval>,
    /// How people come into groups.
    pub memberships: GroupMemberships,
    /// Who has to look at changes of what.
    pub owners: Vec<OwnershipRule>,
    /// The files that were read, with their texts.
    pub files: Files,
    /// What is wrong, sorted.
    pub findings: Vec<Finding>,
    /// The digest over names and contents of all files that were read.
    pub digest: Digest,
    /// Where tenants and policy are those of a trusted manifest: what is written here and differs.
    pub differences: Vec<Finding>,
}

impl Default for LoadedManifest {
    fn default() -> Self {
        Self {
            desired: Desired::default(),
            policy: DeclaredPolicy::default(),
            waivers: Vec::new(),
            approvals: Vec::new(),
            memberships: GroupMemberships::default(),
            owners: Vec::new(),
            files: Files::default(),
            findings: Vec::new(),
            digest: Digest::of_bytes(b""),
            differences: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
