//! Licenses that are allowed or denied to people with certain attributes.
//!
//! "Contractors get business at most" is about everybody who is a contractor tomorrow as well, so it cannot stand on the
//! entries; a list would be forgotten with the next hire.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::manifest::LicenseRule;
use crate::model::{Claim, DesiredEntry, Ensure, PersonId};
use crate::policy::custom::{SelectedPeople, select_people};
use crate::policy::facts::ManifestFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// Most findings of one entry; one more counts the rest.
const FINDINGS_MAX: usize = 1_000;

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "licenses",
    codes: &[&code::LICENSE_NOT_ALLOWED],
    level: Some(Level::Deny),
    stage: Stage::Manifest,
    checks: "Nobody for whom `where` is true is named, today or later, for a license that is in `deny`, or that is not in \
             `allow` where that is given; `tenant/*` stands for all licenses of a tenant. Alternatives count. Where the \
             expression cannot be evaluated for somebody, nothing is allowed to them.",
    rationale: "What depends on who somebody is must hold for the next hire as well, so it cannot stand on the entries.",
    remedy: "Take the person out of the entry, with `except`, or give them another license.",
    example: "licenses: [{ where: 'person.kind == \"contractor\"', allow: [spaces/business], level: deny }]",
};

/// People who are named for what they may not have.
pub(in crate::policy) fn check(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
    for rule in &facts.policy.licenses {
        let SelectedPeople { people, failed } = select_people(&rule.when, facts.desired);
        if !people.is_empty() || !failed.is_empty() {
            check_people(facts, rule, &people, &failed, violations);
        }
    }
}

fn check_people(
    facts: &ManifestFacts<'_>,
    rule: &LicenseRule,
    people: &BTreeSet<PersonId>,
    failed: &BTreeSet<PersonId>,
    violations: &mut Vec<Violation>,
) {
    let mut told = BTreeSet::new();
    let mut more = 0_u64;
    for (tenant, desired) in &facts.desired.tenants {
        let forbidden: Vec<Vec<&SmolStr>> =
            desired.entries.iter().map(|entry| forbidden_licenses(rule, tenant, entry, facts)).collect();
        let every: Vec<Vec<&SmolStr>> =
            desired.entries.iter().map(|entry| granted_licenses(entry, facts).collect()).collect();
        for claim in &desired.claims {
            let of = if failed.contains(&claim.person) {
                &every
            } else if people.contains(&claim.person) {
                &forbidden
            } else {
                continue;
            };
            for license in of.get(claim.entry as usize).into_iter().flatten().copied() {
                if !told.insert((claim.person, tenant, license)) {
                    continue;
                }
                if told.len() > FINDINGS_MAX {
                    more += 1;
                    continue;
                }
                violations.push(violation(facts, rule, tenant, license, claim, failed.contains(&claim.person)));
            }
        }
    }
    if more > 0 {
        let finding = Finding::error(&code::LICENSE_NOT_ALLOWED, format!("a `licenses` rule forbids {more} more"))
            .at(facts.desired.files.source(rule.source));
        violations.push(Violation::new(&RULE, rule.level, finding));
    }
}

/// The licenses that an entry may give, today or later.
fn granted_licenses<'e>(entry: &'e DesiredEntry, facts: &ManifestFacts<'_>) -> impl Iterator<Item = &'e SmolStr> {
    let counts = entry.ensure == Ensure::Present && entry.expires.is_none_or(|expires| facts.now.day < expires);
    [&entry.license].into_iter().chain(&entry.alternatives).filter(move |_| counts)
}

/// Those of them that the rule does not allow.
fn forbidden_licenses<'e>(
    rule: &LicenseRule,
    tenant: &SmolStr,
    entry: &'e DesiredEntry,
    facts: &ManifestFacts<'_>,
) -> Vec<&'e SmolStr> {
    granted_licenses(entry, facts).filter(|license| !rule.is_allowed(tenant, license)).collect()
}

fn violation(
    facts: &ManifestFacts<'_>,
    rule: &LicenseRule,
    tenant: &SmolStr,
    license: &SmolStr,
    claim: &Claim,
    failed: bool,
) -> Violation {
    let key = facts.desired.people.key(claim.person);
    let why = if failed { "for whom `where` cannot be evaluated" } else { "for whom that is not allowed" };
    let finding =
        Finding::error(&code::LICENSE_NOT_ALLOWED, format!("`{key}`, {why}, is named for `{tenant}/{license}`"))
            .help("take them out of the entry with `except`, or name them for a license that is allowed")
            .at(facts.desired.files.source(claim.source))
            .related("the policy says so here", facts.desired.files.source(rule.source))
            .people([key.clone()])
            .value("license", format!("{tenant}/{license}"))
            .smallest_change(format!("take `{key}` out of the entry for `{tenant}/{license}`"));
    Violation::new(&RULE, rule.level, finding).scoped_to(tenant, license)
}
