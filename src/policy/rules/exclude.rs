//! Licenses that exclude each other, also across tenants.
//!
//! What a vendor excludes is known to its profile; here an organization says what it does not want held together.

use std::collections::BTreeMap;

use super::assignment_spans::{AssignmentSpan, assignment_spans};
use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::model::LicenseRef;
use crate::policy::effective::LicenseExclusion;
use crate::policy::facts::ManifestFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "exclude",
    codes: &[&code::EXCLUDED_LICENSES],
    level: Some(Level::Deny),
    stage: Stage::Manifest,
    checks: "Nobody is named for two licenses of one list at the same time, today or later; alternatives count, for \
             somebody may get them.",
    rationale: "Two products for one purpose cost twice, and some pairs of rights must not be in one hand.",
    remedy: "Leave the person out of one of the entries, with `except`, or let one end before the other starts.",
    example: "exclude: [{ licenses: [phones/X4, office/main/softphone], level: deny }]",
};

/// People with two licenses of a list.
pub(in crate::policy) fn check(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
    for LicenseExclusion { licenses, level, source } in &facts.policy.exclude {
        for (person, wishes) in assignment_spans(facts, licenses) {
            // Each pair of licenses once: who may have two of them does not have leave for a third.
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
                    format!("`{key}` is named for `{one}` and `{two}`, which the policy keeps apart"),
                )
                .help("leave them out of one of the two with `except`")
                .at(facts.desired.files.source(second.location))
                .related("the other one is here", facts.desired.files.source(first.location))
                .related("the policy says so here", source.clone())
                .people([key.clone()])
                .value("licenses", vec![one.clone(), two.clone()])
                .smallest_change(format!("take `{key}` out of `{one}` or `{two}`"));
                violations.push(
                    Violation::new(&RULE, *level, finding).scoped_to(&second.license.tenant, &second.license.license),
                );
            }
        }
    }
}
