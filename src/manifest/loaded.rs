//! The result of loading a manifest: everything it says, with findings and digests.

use super::group_membership::GroupMemberships;
use super::ownership::OwnershipRule;
use crate::diagnostic::{Files, Finding};
use crate::model::{Approval, Desired, Digest, Policy};

/// Everything that a manifest says. With an error among the findings it is incomplete: fit to inspect, not to plan.
#[derive(Clone, Debug)]
pub struct LoadedManifest {
    /// The desired state.
    pub desired: Desired,
    /// The effective policy with its waivers.
    pub policy: Policy,
    /// The approvals.
    pub approvals: Vec<Approval>,
    /// How people become members of groups.
    pub memberships: GroupMemberships,
    /// Who reviews changes of which files.
    pub owners: Vec<OwnershipRule>,
    /// The files that were read, with their texts.
    pub files: Files,
    /// The findings, sorted.
    pub findings: Vec<Finding>,
    /// The digest of the names and contents of all files.
    pub digest: Digest,
    /// Sections that differ from the trusted manifest and are ignored.
    pub differences: Vec<Finding>,
}

impl Default for LoadedManifest {
    fn default() -> Self {
        Self {
            desired: Desired::default(),
            policy: Policy::default(),
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
