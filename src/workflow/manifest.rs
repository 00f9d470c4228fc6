//! Loads and checks a manifest, with the policy in force.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::error::WorkflowError;
use super::exit::Exit;
use crate::diagnostic::catalog::reference;
use crate::diagnostic::{Files, Finding, has_error, sort};
use crate::env::Now;
use crate::manifest::{self, GroupMemberships, LoadedManifest};
use crate::model::{Approval, Desired, Digest, Policy, TenantSettings};
use crate::policy::{self, ApprovalContext, ManifestFacts};
use crate::profile::Rules;
use crate::validate;

/// A manifest without errors.
#[derive(Debug)]
pub struct Manifest {
    /// The path as given.
    pub path: PathBuf,
    /// The desired state.
    pub desired: Desired,
    /// The policy.
    pub policy: Policy,
    /// Its approvals.
    pub approvals: Vec<Approval>,
    /// How people become members of groups.
    pub memberships: GroupMemberships,
    /// The rules of each tenant.
    pub rules: BTreeMap<SmolStr, Rules>,
    /// Its files.
    pub files: Files,
    /// The digest of all files.
    pub digest: Digest,
    /// Warnings and notes.
    pub findings: Vec<Finding>,
    /// Differences between its own tenants and policy and those of the trusted manifest.
    pub differences: Vec<Finding>,
}

/// Loads and checks a manifest, with the tenants and policy of the manifest at `trusted` if one is given.
///
/// If the trusted manifest has an error, it is returned instead.
pub fn check(path: &Path, trusted: Option<&Path>, now: Now) -> LoadedManifest {
    let mut loaded = match trusted {
        None => manifest::load(path),
        Some(trusted) => {
            let mut trusted = manifest::load_trusted(trusted, path);
            trusted.loaded.findings.extend(validate::check(&trusted.loaded.desired, now));
            if has_error(&trusted.loaded.findings) {
                sort(&mut trusted.loaded.findings);
                return trusted.loaded;
            }
            manifest::load_reviewed(path, trusted)
        }
    };
    loaded.findings.extend(validate::check(&loaded.desired, now));
    sort(&mut loaded.findings);
    loaded
}

/// Loads and checks a manifest, including the policy rules that need no plan.
pub fn check_with_policy(path: &Path, trusted: Option<&Path>, now: Now) -> LoadedManifest {
    let mut loaded = check(path, trusted, now);
    let consent = ApprovalContext { approvals: loaded.approvals.clone(), authors: Vec::new(), day: now.day };
    let facts = ManifestFacts { policy: &loaded.policy, desired: &loaded.desired, consent: &consent, now };
    let findings = policy::evaluate_manifest(&facts);
    loaded.findings.extend(findings);
    sort(&mut loaded.findings);
    loaded
}

/// Loads a manifest for use.
///
/// # Errors
/// If the manifest has an error; the error contains all findings.
pub fn load(path: &Path, trusted: Option<&Path>, now: Now) -> Result<Manifest, WorkflowError> {
    let loaded = check(path, trusted, now);
    let mut rules = BTreeMap::new();
    for (name, tenant) in &loaded.desired.tenants {
        // An unknown vendor has been reported as an error.
        if let Ok(resolved) = Rules::resolve(&tenant.settings) {
            rules.insert(name.clone(), resolved);
        }
    }
    if has_error(&loaded.findings) {
        return Err(WorkflowError::new(Exit::Input, loaded.findings, loaded.files));
    }
    Ok(Manifest {
        path: path.to_owned(),
        desired: loaded.desired,
        policy: loaded.policy,
        approvals: loaded.approvals,
        memberships: loaded.memberships,
        rules,
        files: loaded.files,
        digest: loaded.digest,
        findings: loaded.findings,
        differences: loaded.differences,
    })
}

impl Manifest {
    /// Returns the settings and rules of a tenant.
    ///
    /// # Errors
    /// If the manifest has no such tenant.
    pub fn tenant(&self, name: &str) -> Result<(&TenantSettings, &Rules), WorkflowError> {
        let found = self.desired.tenants.get(name).zip(self.rules.get(name));
        found.map(|(tenant, rules)| (&tenant.settings, rules)).ok_or_else(|| {
            let known: Vec<_> = self.desired.tenants.keys().map(|name| format!("`{name}`")).collect();
            let finding = Finding::error(&reference::UNKNOWN_TENANT, format!("unknown tenant `{name}`"))
                .help(format!("the manifest has {}", known.join(", ")));
            WorkflowError::from_finding(Exit::Input, finding)
        })
    }
}
