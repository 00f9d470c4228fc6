//! Tenants and policy from another checkout: what `--trusted` is for.
//!
//! A pull request could point a tenant's address elsewhere to catch its key, or take somebody out of a protected group,
//! so those sections come from a folder that its author cannot write to, such as the base branch.
//! What must hold: nothing that stands in these sections of the manifest under review has any effect, and every
//! difference is told; people of the policy are looked up where the policy is written.

use std::path::{Path, PathBuf};

use super::differences::differences;
use super::load::{LoadMode, ParsedManifest, digest};
use super::loaded::LoadedManifest;
use super::raw::RawSections;
use crate::diagnostic::catalog::policy;
use crate::diagnostic::{Files, Finding, sort};
use crate::model::{Digest, People, find_renamed};

/// A manifest whose tenants and policy are to hold for another one.
#[derive(Debug)]
pub struct TrustedManifest {
    /// What it says, as if it stood alone; with an error among its findings it must not be used.
    pub loaded: LoadedManifest,
    path: PathBuf,
    raw: RawSections,
    digests: Vec<(String, Digest)>,
}

/// Loads the manifest at `path` for the review of the one at `reviewed`, which is not read as a part of it.
pub fn load_trusted(path: &Path, reviewed: &Path) -> TrustedManifest {
    let path = path.to_owned();
    match ParsedManifest::read(&path, LoadMode::Trusted(reviewed), Files::default()) {
        Ok(mut gathered) => {
            let written = std::mem::take(&mut gathered.raw);
            let (loaded, digests) = gathered.resolve(None);
            TrustedManifest { loaded, path, raw: written, digests }
        }
        Err(loaded) => TrustedManifest { loaded: *loaded, path, raw: RawSections::default(), digests: Vec::new() },
    }
}

/// Loads the manifest under review with the tenants and the policy of a trusted one.
///
/// Its digest and its files are those of both. Of what was found in the trusted one it repeats what is about policy, for
/// the rest is about sections that are not in force.
pub fn load_reviewed(path: &Path, trusted: TrustedManifest) -> LoadedManifest {
    let TrustedManifest { loaded: trusted, path: trusted_path, raw: in_force, digests: mut all } = trusted;
    let mut gathered = match ParsedManifest::read(path, LoadMode::Reviewed(&trusted_path), trusted.files) {
        Ok(gathered) => gathered,
        Err(loaded) => return *loaded,
    };
    let written = std::mem::take(&mut gathered.raw);
    let (mut loaded, digests) = gathered.resolve(Some(trusted.desired.tenants));
    loaded.policy = trusted.policy;
    loaded.policy.widen(&loaded.desired.people);
    loaded.waivers = trusted.waivers;
    loaded.approvals = trusted.approvals;
    loaded.differences = differences(&written, &in_force, &loaded.files);
    narrow_waivers(&mut loaded, &trusted.desired.people);
    let is_policy = |finding: &Finding| policy::ALL.iter().any(|code| *code.id == finding.code);
    loaded.findings.extend(trusted.findings.into_iter().filter(is_policy));
    sort(&mut loaded.findings);
    all.extend(digests);
    loaded.digest = digest(&mut all);
    loaded
}

/// Takes those people out of the waivers whom the manifest under review gives other names: it could make somebody else
/// of them.
fn narrow_waivers(loaded: &mut LoadedManifest, people: &People) {
    let LoadedManifest { waivers, desired, differences, files, .. } = loaded;
    for waiver in waivers {
        let Some(named) = &mut waiver.people else { continue };
        for key in find_renamed(named, people, &desired.people) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The differences of a manifest from a trusted one, without their codes and places.
    fn told(reviewed: &str, trusted: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("apiVersion: reseat/v1\n{text}")).unwrap();
            path
        };
        let (reviewed, trusted) = (write("head.yaml", reviewed), write("base.yaml", trusted));
        let trusted = load_trusted(&trusted, &reviewed);
        assert_eq!(trusted.loaded.findings, []);
        load_reviewed(&reviewed, trusted).differences.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn form_of_what_is_written_makes_no_difference() {
        let people: Vec<String> = (0..200).map(|number| format!("p{number}@acme.example")).collect();
        let block = format!("policy:\n  protect:\n    - {}\n", people.join("\n    - "));
        let flow = format!("policy: {{ \"protect\": [{}] }}\n", people.join(", "));
        assert_eq!(told(&block, &flow), Vec::<String>::new());
        assert_eq!(told(&flow, &block), Vec::<String>::new());
        let less = block.replace("    - p77@acme.example\n", "");
        assert_eq!(told(&less, &flow), ["`policy.protect` has also `[p77@acme.example]` in force, and not here"]);
        let waiver = "waivers: [{ rule: losses, tenant: a, count: 1, owner: it, reason: A-1, until: 2026-12-31 }]\n\
                      tenants: { a: { vendor: generic, adapter: { runbook: {} } } }\n";
        let other = "tenants:\n  a:\n    adapter:\n      runbook: {}\n    vendor: generic\nwaivers:\n  - until: 2026-12-31\n    \
                     count: 1\n    tenant: a\n    rule: losses\n    reason: A-1\n    owner: it\n";
        assert_eq!(told(waiver, other), Vec::<String>::new());
    }

    #[test]
    fn null_is_not_the_same_as_nothing() {
        let lifted = "policy: { limits: { losses: { percent: null } } }\n";
        assert_eq!(told(lifted, ""), ["`policy.limits.losses.percent` is `null` here, and not set in force"]);
        assert_eq!(told("", lifted), ["`policy.limits.losses.percent` is not set here, and `null` in force"]);
        assert_eq!(told("policy:\nwaivers: []\n", ""), Vec::<String>::new());
    }

    #[test]
    fn rules_are_told_apart_by_their_names() {
        let rule = |name: &str, when: &str| {
            format!(
                "    - {{ name: {name}, on: person, when: '{when}', message: '\"no\"', cases: [{{ given: {{ person: {{ a: x }} }}, \
                 then: deny }}, {{ given: {{ person: {{ a: y }} }}, then: pass }}] }}\n"
            )
        };
        let base =
            format!("policy:\n  rules:\n{}{}", rule("one", "person.a == \"x\""), rule("two", "person.a == \"x\""));
        let swapped = format!("policy:\n  rules:\n{}{}", rule("two", "false"), rule("one", "person.a == \"x\""));
        assert_eq!(
            told(&swapped, &base),
            ["`policy.rules.two.when` is `false` here, and `person.a == \"x\"` in force"]
        );
        let doubled = format!("{base}{}", rule("one", "false"));
        assert!(told(&doubled, &base).iter().all(|told| told.starts_with("`policy.rules.one #2.")), "told apart");
        assert_eq!(told(&doubled, &base).len(), 5);
    }
}
