//! The result of loading a manifest: everything it says, with findings and digests.

use super::declared::{DeclaredApproval, DeclaredPolicy, DeclaredWaiver, OwnershipRule};
use super::group_membership::GroupMemberships;
use crate::diagnostic::{Files, Finding};
use crate::model::{Desired, Digest};

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
