//! Tenants and policy from another checkout: what `--trusted` is for.
//!
//! A pull request could point a tenant's address elsewhere to catch its key, or take somebody out of a protected group,
//! so those sections come from a folder that its author cannot write to, such as the base branch.
//! What must hold: nothing that stands in these sections of the manifest under review has any effect, and every
//! difference is told; people of the policy are looked up where the policy is written.

use std::path::{Path, PathBuf};

use super::Loaded;
use super::differences::differences;
use super::load::{Gathered, Role, digest};
use super::written::Written;
use crate::diagnostic::catalog::policy;
use crate::diagnostic::{Files, Finding, sort};
use crate::model::{Digest, People, known_otherwise};

/// The sections that come from the trusted manifest; all others come from the one under review.
pub(super) const SECTIONS: [&str; 4] = ["tenants", "policy", "waivers", "approvals"];

/// A manifest whose tenants and policy are to hold for another one.
#[derive(Debug)]
pub struct Trusted {
    /// What it says, as if it stood alone; with an error among its findings it must not be used.
    pub loaded: Loaded,
    path: PathBuf,
    written: Written,
    digests: Vec<(String, Digest)>,
}

/// Loads the manifest at `path` for the review of the one at `reviewed`, which is not read as a part of it.
pub fn load_trusted(path: &Path, reviewed: &Path) -> Trusted {
    let path = path.to_owned();
    match Gathered::of(&path, Role::Trusted(reviewed), Files::default()) {
        Ok(mut gathered) => {
            let written = std::mem::take(&mut gathered.written);
            let (loaded, digests) = gathered.finish(None);
            Trusted { loaded, path, written, digests }
        }
        Err(loaded) => Trusted { loaded: *loaded, path, written: Written::default(), digests: Vec::new() },
    }
}

/// Loads the manifest under review with the tenants and the policy of a trusted one.
///
/// Its digest and its files are those of both. Of what was found in the trusted one it repeats what is about policy, for
/// the rest is about sections that are not in force.
pub fn load_reviewed(path: &Path, trusted: Trusted) -> Loaded {
    let Trusted { loaded: trusted, path: trusted_path, written: in_force, digests: mut all } = trusted;
    let mut gathered = match Gathered::of(path, Role::Reviewed(&trusted_path), trusted.files) {
        Ok(gathered) => gathered,
        Err(loaded) => return *loaded,
    };
    let written = std::mem::take(&mut gathered.written);
    let (mut loaded, digests) = gathered.finish(Some(trusted.desired.tenants));
    loaded.policy = trusted.policy;
    loaded.policy.widen(&loaded.desired.people);
    loaded.waivers = trusted.waivers;
    loaded.approvals = trusted.approvals;
    loaded.differences = differences(&written, &in_force, &loaded.files);
    narrow(&mut loaded, &trusted.desired.people);
    let is_policy = |finding: &Finding| policy::ALL.iter().any(|code| *code.id == finding.code);
    loaded.findings.extend(trusted.findings.into_iter().filter(is_policy));
    sort(&mut loaded.findings);
    all.extend(digests);
    loaded.digest = digest(&mut all);
    loaded
}

/// Takes those people out of the waivers whom the manifest under review gives other names: it could make somebody else
/// of them.
fn narrow(loaded: &mut Loaded, people: &People) {
    let Loaded { waivers, desired, differences, files, .. } = loaded;
    for waiver in waivers {
        let Some(named) = &mut waiver.people else { continue };
        for key in known_otherwise(named, people, &desired.people) {
            let message =
                format!("the waiver of `{}` does not hold for `{key}`, who has other names here", waiver.rule.value);
            let finding = Finding::warning(&policy::WAIVER_DIFFERS, message);
            let help = "change aliases and accounts of a person in a pull request of their own";
            differences.push(finding.help(help).at(files.source(waiver.source)));
            named.remove(&key);
        }
    }
    sort(differences);
}
