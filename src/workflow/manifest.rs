//! The manifest's side of the flow: files read, names resolved, everything checked, the policy in force.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::error::{WorkflowError, WorkflowErrorKind};
use crate::diagnostic::catalog::reference;
use crate::diagnostic::{Files, Finding, has_error, sort};
use crate::env::Now;
use crate::manifest::{self, GroupMemberships, LoadedManifest};
use crate::model::{Desired, Digest, TenantSettings};
use crate::policy::{self, Approval, ApprovalContext, ManifestFacts, Policy};
use crate::profile::Rules;
use crate::validate;

/// A manifest that was read and looked through.
pub struct CheckedManifest {
    /// What it says, with everything that is wrong with it.
    pub loaded: LoadedManifest,
    /// The policy in force; good for nothing where the findings hold an error.
    pub policy: Policy,
}

/// A manifest without an error in it.
#[derive(Debug)]
pub struct Manifest {
    /// The path as it was given.
    pub path: PathBuf,
    /// The desired state.
    pub desired: Desired,
    /// The policy in force.
    pub policy: Policy,
    /// The approvals that stand in it.
    pub approvals: Vec<Approval>,
    /// How people come into groups.
    pub memberships: GroupMemberships,
    /// The rules of each tenant.
    pub rules: BTreeMap<SmolStr, Rules>,
    /// The files that were read.
    pub files: Files,
    /// The digest of all of them.
    pub digest: Digest,
    /// Warnings and notes.
    pub findings: Vec<Finding>,
    /// What its own tenants and policy say, where those of a trusted manifest are in force.
    pub differences: Vec<Finding>,
}

/// Reads and checks a manifest, and tells everything that is wrong with it; tenants and policy are those of the manifest
/// at `trusted`, if one is given, and a fault in that one is told instead.
pub fn check(path: &Path, trusted: Option<&Path>, now: Now) -> CheckedManifest {
    let mut loaded = match trusted {
        None => manifest::load(path),
        Some(trusted) => {
            let mut trusted = manifest::load_trusted(trusted, path);
            trusted.loaded.findings.extend(validate::check(&trusted.loaded.desired, now));
            if has_error(&trusted.loaded.findings) {
                return with_policy(trusted.loaded);
            }
            manifest::load_reviewed(path, trusted)
        }
    };
    loaded.findings.extend(validate::check(&loaded.desired, now));
    with_policy(loaded)
}

/// With the policy in force, and what is wrong with it as it is written.
fn with_policy(mut loaded: LoadedManifest) -> CheckedManifest {
    let (policy, faults) = Policy::from_manifest(&loaded);
    loaded.findings.extend(faults);
    sort(&mut loaded.findings);
    CheckedManifest { loaded, policy }
}

/// Reads and checks a manifest, and tells what policy says of it as well.
pub fn check_with_policy(path: &Path, trusted: Option<&Path>, now: Now) -> CheckedManifest {
    let CheckedManifest { mut loaded, policy } = check(path, trusted, now);
    let consent = ApprovalContext { approvals: written_approvals(&loaded), authors: Vec::new(), day: now.day };
    let facts = ManifestFacts { policy: &policy, desired: &loaded.desired, consent: &consent, now };
    let judged = policy::evaluate_manifest(&facts);
    loaded.findings.extend(judged);
    sort(&mut loaded.findings);
    CheckedManifest { loaded, policy }
}

/// The approvals that stand in a manifest.
fn written_approvals(loaded: &LoadedManifest) -> Vec<Approval> {
    let approval = |written: &manifest::DeclaredApproval| Approval {
        findings: written.findings.clone(),
        by: written.by.clone(),
        until: Some(written.until),
        source: Some(loaded.files.source(written.source)),
    };
    loaded.approvals.iter().map(approval).collect()
}

/// Reads a manifest for use.
///
/// # Errors
/// When anything in it is an error; the warnings are told with it.
pub fn load(path: &Path, trusted: Option<&Path>, now: Now) -> Result<Manifest, WorkflowError> {
    let CheckedManifest { mut loaded, policy } = check(path, trusted, now);
    let mut rules = BTreeMap::new();
    for (name, tenant) in &loaded.desired.tenants {
        // An unknown vendor is an error that the checks have told.
        if let Ok(resolved) = Rules::resolve(&tenant.settings) {
            rules.insert(name.clone(), resolved);
        }
    }
    if has_error(&loaded.findings) {
        return Err(WorkflowError::new(WorkflowErrorKind::Input, loaded.findings, loaded.files));
    }
    let approvals = written_approvals(&loaded);
    let findings = std::mem::take(&mut loaded.findings);
    Ok(Manifest {
        path: path.to_owned(),
        desired: loaded.desired,
        policy,
        approvals,
        memberships: loaded.memberships,
        rules,
        files: loaded.files,
        digest: loaded.digest,
        findings,
        differences: loaded.differences,
    })
}

impl Manifest {
    /// The settings of a tenant.
    ///
    /// # Errors
    /// When the manifest has no such tenant.
    pub fn tenant(&self, name: &str) -> Result<(&TenantSettings, &Rules), WorkflowError> {
        let found = self.desired.tenants.get(name).zip(self.rules.get(name));
        found.map(|(tenant, rules)| (&tenant.settings, rules)).ok_or_else(|| {
            let known: Vec<_> = self.desired.tenants.keys().map(|name| format!("`{name}`")).collect();
            let finding = Finding::error(&reference::UNKNOWN_TENANT, format!("there is no tenant `{name}`"))
                .help(format!("the manifest has {}", known.join(", ")));
            WorkflowError::from_finding(WorkflowErrorKind::Input, finding)
        })
    }
}
