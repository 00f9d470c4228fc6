//! Name resolution: from merged sections to explicit facts.
//!
//! Each part goes as far as it can and reports what it leaves out, so that one run finds every fault.

mod acknowledgements;
mod adapter;
mod assignments;
mod directory;
mod groups;
mod money;
mod owners;
mod people;
mod policy;
mod resolver;
mod tenants;
mod text_location;

pub use owners::is_codeowners_literal;

use std::collections::BTreeMap;

use smol_str::SmolStr;

use self::resolver::Resolver;
use super::files::ManifestFolder;
use super::loaded::LoadedManifest;
use super::sections::MergedSections;
use crate::diagnostic::{Files, Finding};
use crate::model::{Desired, Digest, TenantDesired};

/// Tenants by name.
pub(super) type TenantsByName = BTreeMap<SmolStr, TenantDesired>;

/// Resolves the sections of all files; `trusted_tenants` replace the tenants of the sections.
pub(super) fn resolve(
    sections: MergedSections,
    trusted_tenants: Option<TenantsByName>,
    files: Files,
    folder: &ManifestFolder,
    digests: &mut Vec<(String, Digest)>,
    findings: Vec<Finding>,
) -> LoadedManifest {
    let tenant_names = match &trusted_tenants {
        Some(tenants) => tenants.keys().cloned().collect(),
        None => sections.tenants.keys().cloned().collect(),
    };
    let group_names = sections.groups.keys().cloned().collect();
    let mut resolver = Resolver::new(files, folder, findings, tenant_names, trusted_tenants.is_some(), group_names);
    let mut tenants = match trusted_tenants {
        Some(tenants) => tenants::clear_assignments(tenants),
        None => tenants::resolve(&mut resolver, sections.tenants),
    };
    people::resolve(&mut resolver, sections.people, sections.directory, digests);
    let memberships = groups::resolve(&mut resolver, sections.groups);
    let groups = &memberships.members;
    assignments::resolve(&mut resolver, groups, sections.assignments, &mut tenants);
    let acknowledgements = acknowledgements::resolve(&mut resolver, groups, sections.acknowledgements);
    let MergedSections { policy, tenant_layers, teams, waivers, .. } = sections;
    let policy = policy::resolve(&mut resolver, groups, policy, tenant_layers, teams, waivers);
    let approvals = policy::approvals(&mut resolver, sections.approvals);
    let owners = owners::resolve(&mut resolver, sections.owners);
    let Resolver { files, findings, people, .. } = resolver;
    LoadedManifest {
        desired: Desired { people, tenants, acknowledgements, files: files.clone() },
        policy,
        approvals,
        memberships,
        owners,
        files,
        findings,
        digest: Digest::of_bytes(b""),
        differences: Vec::new(),
    }
}
