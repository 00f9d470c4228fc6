//! `--trusted`: tenants and policy from another checkout.
//!
//! A pull request could point a tenant's `base_url` elsewhere to capture its key, or remove someone from a protected group. So
//! these sections come from a folder that its author cannot write to, such as the base branch.
//! Invariants: these sections of the manifest under review have no effect; every difference is reported; people in the policy
//! are looked up where the policy is written.

use std::path::{Path, PathBuf};

use super::differences::differences;
use super::load::{LoadMode, ParsedManifest, digest};
use super::loaded::LoadedManifest;
use super::raw::RawSections;
use crate::diagnostic::catalog::policy as policy_codes;
use crate::diagnostic::{Files, Finding, sort};
use crate::model::{Digest, People, find_renamed};

/// A manifest that provides tenants and policy for another one.
#[derive(Debug)]
pub struct TrustedManifest {
    /// The manifest on its own; it must not be used if its findings contain an error.
    pub loaded: LoadedManifest,
    path: PathBuf,
    raw: RawSections,
    digests: Vec<(String, Digest)>,
}

/// Loads the manifest at `path` for the review of the one at `reviewed`, which is excluded if it is in the same folder.
pub fn load_trusted(path: &Path, reviewed: &Path) -> TrustedManifest {
    let path = path.to_owned();
    match ParsedManifest::read(&path, LoadMode::Trusted(reviewed), Files::default()) {
        Ok(mut parsed) => {
            let raw = std::mem::take(&mut parsed.raw);
            let (loaded, digests) = parsed.resolve(None);
            TrustedManifest { loaded, path, raw, digests }
        }
        Err(loaded) => TrustedManifest { loaded: *loaded, path, raw: RawSections::default(), digests: Vec::new() },
    }
}

/// Loads the manifest under review with the tenants and the policy of a trusted one.
///
/// Its digest and files are those of both. It repeats the policy findings of the trusted manifest; the other findings there
/// concern sections that have no effect.
pub fn load_reviewed(path: &Path, trusted: TrustedManifest) -> LoadedManifest {
    let TrustedManifest { loaded: trusted, path: trusted_path, raw: trusted_raw, digests: mut all_digests } = trusted;
    let mut parsed = match ParsedManifest::read(path, LoadMode::Reviewed(&trusted_path), trusted.files) {
        Ok(parsed) => parsed,
        Err(loaded) => return *loaded,
    };
    let raw = std::mem::take(&mut parsed.raw);
    let (mut loaded, digests) = parsed.resolve(Some(trusted.desired.tenants));
    loaded.policy = trusted.policy;
    loaded.policy.add_names_from(&loaded.desired.people);
    loaded.approvals = trusted.approvals;
    loaded.differences = differences(&raw, &trusted_raw, &loaded.files);
    narrow_waivers(&mut loaded, &trusted.desired.people);
    let is_policy = |finding: &Finding| policy_codes::ALL.iter().any(|code| *code.id == finding.code);
    loaded.findings.extend(trusted.findings.into_iter().filter(is_policy));
    sort(&mut loaded.findings);
    all_digests.extend(digests);
    loaded.digest = digest(&mut all_digests);
    loaded
}

/// Removes people from waivers whom the manifest under review gives other names: it could make them someone else.
fn narrow_waivers(loaded: &mut LoadedManifest, people: &People) {
    let LoadedManifest { policy, desired, differences, .. } = loaded;
    for waiver in &mut policy.waivers {
        let Some(named) = &mut waiver.scope.people else { continue };
        for key in find_renamed(named, people, &desired.people) {
            let message = format!("the waiver of `{}` does not apply to `{key}`, whose names differ here", waiver.rule);
            let finding = Finding::warning(&policy_codes::WAIVER_DIFFERS, message);
            let help = "change a person's aliases and accounts in a separate pull request";
            differences.push(finding.help(help).at(waiver.source.clone()));
            named.remove(&key);
        }
    }
    sort(differences);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the messages of the differences from a trusted manifest.
    fn differing(reviewed: &str, trusted: &str) -> Vec<String> {
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
    fn yaml_style_makes_no_difference() {
        let people: Vec<String> = (0..200).map(|number| format!("p{number}@acme.example")).collect();
        let block = format!("policy:\n  protect:\n    - {}\n", people.join("\n    - "));
        let flow = format!("policy: {{ \"protect\": [{}] }}\n", people.join(", "));
        assert_eq!(differing(&block, &flow), Vec::<String>::new());
        assert_eq!(differing(&flow, &block), Vec::<String>::new());
        let less = block.replace("    - p77@acme.example\n", "");
        assert_eq!(
            differing(&less, &flow),
            ["`policy.protect` does not have `[p77@acme.example]` here, which is effective"]
        );
        let waiver = "waivers: [{ rule: losses, tenant: a, count: 1, owner: it, reason: A-1, until: 2026-12-31 }]\n\
                      tenants: { a: { vendor: generic, adapter: { runbook: {} } } }\n";
        let other = "tenants:\n  a:\n    adapter:\n      runbook: {}\n    vendor: generic\nwaivers:\n  - until: 2026-12-31\n    \
                     count: 1\n    tenant: a\n    rule: losses\n    reason: A-1\n    owner: it\n";
        assert_eq!(differing(waiver, other), Vec::<String>::new());
    }

    #[test]
    fn null_differs_from_a_missing_key() {
        let lifted = "policy: { limits: { losses: { percent: null } } }\n";
        assert_eq!(differing(lifted, ""), ["`policy.limits.losses.percent` is `null` here; it is effectively not set"]);
        assert_eq!(differing("", lifted), ["`policy.limits.losses.percent` is not set here; `null` is effective"]);
        assert_eq!(differing("policy:\nwaivers: []\n", ""), Vec::<String>::new());
    }

    #[test]
    fn rules_are_compared_by_name() {
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
            differing(&swapped, &base),
            ["`policy.rules.two.when` is `false` here; `person.a == \"x\"` is effective"]
        );
        let doubled = format!("{base}{}", rule("one", "false"));
        assert!(differing(&doubled, &base).iter().all(|message| message.starts_with("`policy.rules.one #2.")));
        assert_eq!(differing(&doubled, &base).len(), 5);
    }
}
