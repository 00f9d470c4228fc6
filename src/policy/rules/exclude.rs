//! Rule `exclude`: licenses that nobody may hold together, also across tenants.
//!
//! The vendor's profile knows what the vendor excludes; this rule is for the organization's own exclusions.

use std::collections::BTreeMap;

use super::assignment_spans::{AssignmentSpan, assignment_spans};
use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::model::{LicenseExclusion, LicenseRef};
use crate::policy::facts::ManifestFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "exclude",
    codes: &[&code::EXCLUDED_LICENSES],
    level: Some(Level::Deny),
    stage: Stage::Manifest,
    checks: "No person has assignments of two licenses in one list at the same time, today or later. Alternatives \
             count.",
    rationale: "Two products for one purpose cost twice, and some permissions must be separated.",
    remedy: "Exclude the person from one of the entries with `except`, or end one entry before the other starts.",
    example: "exclude: [{ licenses: [phones/X4, office/main/softphone], level: deny }]",
};

/// Reports people with two licenses of a list.
pub(in crate::policy) fn check(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
    for LicenseExclusion { licenses, level, source } in &facts.policy.exclude {
        for (person, wishes) in assignment_spans(facts, licenses) {
            // One violation per pair: a waiver for two licenses does not cover a third.
            let mut pairs: BTreeMap<(&LicenseRef, &LicenseRef), (AssignmentSpan<'_>, AssignmentSpan<'_>)> =
                BTreeMap::new();
            for (index, one) in wishes.iter().enumerate() {
                for other in &wishes[..index] {
                    let meets = other.start.max(one.start) < other.end.min(one.end);
                    if other.license != one.license && meets {
                        let pair = (other.license.min(one.license), other.license.max(one.license));
                        pairs.entry(pair).or_insert((*other, *one));
                    }
                }
            }
            for (first, second) in pairs.into_values() {
                let key = facts.desired.people.key(person);
                let (one, two) = (first.license.to_string(), second.license.to_string());
                let finding = Finding::error(
                    &code::EXCLUDED_LICENSES,
                    format!("`{key}` has assignments of `{one}` and `{two}`, which exclude each other"),
                )
                .help("exclude them from one of the two entries with `except`")
                .at(facts.desired.files.source(second.location))
                .related("the other assignment", facts.desired.files.source(first.location))
                .related("the policy's exclusion", source.clone())
                .people([key.clone()])
                .value("licenses", vec![one.clone(), two.clone()])
                .smallest_change(format!("remove `{key}` from `{one}` or `{two}`"));
                violations.push(
                    Violation::new(&RULE, *level, finding).scoped_to(&second.license.tenant, &second.license.license),
                );
            }
        }
    }
}
