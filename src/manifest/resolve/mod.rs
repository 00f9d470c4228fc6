//! From what is written to explicit facts: names are looked up, groups expanded, dates read, people made one.
//!
//! Each part goes as far as it can and reports what it leaves out, so that one run finds every fault.

mod acknowledgements;
mod adapter;
mod age;
mod assignments;
mod budget;
mod directory;
mod freeze;
mod groups;
mod money;
mod owners;
mod people;
mod policy;
mod resolver;
mod rules;
mod tenants;
mod text_location;

pub use owners::is_codeowners_literal;

use std::collections::BTreeMap;

use smol_str::SmolStr;

use self::resolver::Resolver;
use super::declared::DeclaredPolicy;
use super::files::ManifestFolder;
use super::loaded::LoadedManifest;
use super::sections::MergedSections;
use super::yaml::Located;
use crate::diagnostic::{Files, Finding};
use crate::model::{Desired, Digest, People, TenantDesired};

/// Tenants by name, without any wish.
pub(super) type TenantsByName = BTreeMap<SmolStr, TenantDesired>;

/// Resolves the sections of all files; where `elsewhere` gives the tenants, those of the sections do not count.
pub(super) fn resolve(
    sections: MergedSections,
    elsewhere: Option<TenantsByName>,
    files: Files,
    folder: &ManifestFolder,
    digests: &mut Vec<(String, Digest)>,
    findings: Vec<Finding>,
) -> LoadedManifest {
    let tenant_names = match &elsewhere {
        Some(tenants) => tenants.keys().cloned().collect(),
        None => sections.tenants.keys().cloned().collect(),
    };
    let group_names = sections.groups.keys().cloned().collect();
    let mut scope = Resolver {
        files,
        folder,
        findings,
        people: People::default(),
        tenant_names,
        has_trusted_tenants: elsewhere.is_some(),
        group_names,
    };
    let mut tenants = match elsewhere {
        Some(tenants) => tenants::clear_assignments(tenants),
        None => tenants::resolve(&mut scope, sections.tenants),
    };
    people::resolve(&mut scope, sections.people, sections.directory, digests);
    let memberships = groups::resolve(&mut scope, sections.groups);
    let groups = &memberships.members;
    assignments::resolve(&mut scope, groups, sections.assignments, &mut tenants);
    let acknowledgements = acknowledgements::resolve(&mut scope, groups, sections.acknowledgements);
    let protect =
        sections.protect.map(|list| Located { value: scope.people_set(Some(&list.value), groups), at: list.at });
    let rules = rules::resolve(&mut scope, groups, sections.rules);
    let budget = budget::resolve(&mut scope, sections.budget.as_ref());
    let freeze = freeze::resolve(&mut scope, sections.freeze);
    let waivers = policy::waivers(&mut scope, groups, sections.waivers);
    let approvals = policy::approvals(&mut scope, sections.approvals);
    let owners = owners::resolve(&mut scope, sections.owners);
    let approvers = sections.approvers.map(|list| scope.people_set(Some(&list.value), groups));
    let exclude = policy::exclusions(&mut scope, sections.exclude);
    let need = policy::needs(&mut scope, sections.need);
    let licenses = policy::licenses_rules(&mut scope, sections.licenses);
    let teams = policy::teams(&mut scope, groups, sections.teams);
    let layers = sections.tenant_layers.into_iter().filter(|(name, (at, _))| scope.check_tenant(name, *at));
    let layers: BTreeMap<_, _> =
        layers.filter_map(|(name, (at, layer))| Some((name, Located { value: layer?, at }))).collect();
    let tenant_budgets = budget::of_tenants(&mut scope, &layers);
    let age = age::resolve(&mut scope, sections.age.as_ref());
    let tenant_ages = age::of_tenants(&mut scope, &layers);
    let Resolver { files, findings, people, .. } = scope;
    LoadedManifest {
        desired: Desired { people, tenants, acknowledgements, files: files.clone() },
        policy: DeclaredPolicy {
            limits: sections.limits,
            protect,
            data_loss: sections.data_loss,
            last_holder: sections.last_holder,
            seats: sections.seats,
            expiring: sections.expiring,
            age,
            rules,
            budget,
            freeze,
            require: sections.require,
            approvers,
            exclude,
            licenses,
            need,
            tenants: layers,
            tenant_budgets,
            tenant_ages,
            teams,
        },
        waivers,
        approvals,
        memberships,
        owners,
        files,
        findings,
        digest: Digest::of_bytes(b""),
        differences: Vec::new(),
    }
}
