//! Rule `licenses`: licenses that are allowed or denied to people with certain attributes.
//!
//! A rule such as "contractors get business at most" must also apply to the next contractor, so it cannot be part of an entry.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::model::{Claim, DesiredEntry, Ensure, LicenseRule, PersonId};
use crate::policy::custom::{SelectedPeople, select_people};
use crate::policy::facts::ManifestFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The maximum number of findings of one entry; one more counts the rest.
const FINDINGS_MAX: usize = 1_000;

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "licenses",
    codes: &[&code::LICENSE_NOT_ALLOWED],
    level: Some(Level::Deny),
    stage: Stage::Manifest,
    checks: "No person for whom `where` is true has an assignment, today or later, of a license that is in `deny` or not \
             in `allow`. `tenant/*` stands for all licenses of a tenant. Alternatives count. If the expression cannot be \
             evaluated for a person, no license is allowed.",
    rationale: "A rule that depends on attributes must also apply to the next hire, so it cannot be part of an entry.",
    remedy: "Exclude the person from the entry with `except`, or assign another license.",
    example: "licenses: [{ where: 'person.kind == \"contractor\"', allow: [spaces/business], level: deny }]",
};

/// Reports assignments of licenses that are not allowed.
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
    let mut reported = BTreeSet::new();
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
                if !reported.insert((claim.person, tenant, license)) {
                    continue;
                }
                if reported.len() > FINDINGS_MAX {
                    more += 1;
                    continue;
                }
                violations.push(violation(facts, rule, tenant, license, claim, failed.contains(&claim.person)));
            }
        }
    }
    if more > 0 {
        let finding =
            Finding::error(&code::LICENSE_NOT_ALLOWED, format!("a `licenses` rule forbids {more} more assignments"))
                .at(rule.source.clone());
        violations.push(Violation::new(&RULE, rule.level, finding));
    }
}

/// Returns the licenses that an entry may assign, today or later.
fn granted_licenses<'e>(entry: &'e DesiredEntry, facts: &ManifestFacts<'_>) -> impl Iterator<Item = &'e SmolStr> {
    let counts = entry.ensure == Ensure::Present && entry.expires.is_none_or(|expires| facts.now.day < expires);
    [&entry.license].into_iter().chain(&entry.alternatives).filter(move |_| counts)
}

/// Returns those that the rule does not allow.
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
    let why = if failed { "`where` cannot be evaluated for them" } else { "it is not allowed for them" };
    let finding = Finding::error(
        &code::LICENSE_NOT_ALLOWED,
        format!("`{key}` has an assignment of `{tenant}/{license}`, but {why}"),
    )
    .help("exclude them from the entry with `except`, or assign an allowed license")
    .at(facts.desired.files.source(claim.source))
    .related("the policy's rule", rule.source.clone())
    .people([key.clone()])
    .value("license", format!("{tenant}/{license}"))
    .smallest_change(format!("remove `{key}` from the entry for `{tenant}/{license}`"));
    Violation::new(&RULE, rule.level, finding).scoped_to(tenant, license)
}
