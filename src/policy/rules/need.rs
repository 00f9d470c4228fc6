//! Licenses that need another one, also of another tenant.
//!
//! An add-on without its main license is paid for and of no use.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::assignment_spans::{AssignmentSpan, assignment_spans};
use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::model::LicenseRef;
use crate::policy::effective::LicenseRequirement;
use crate::policy::facts::ManifestFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "need",
    codes: &[&code::PREREQUISITE_MISSING],
    level: Some(Level::Deny),
    stage: Stage::Manifest,
    checks: "Whoever is named for `license` is named for one of `one_of` at every time, today and later; alternatives \
             do not count, for nobody is sure to get them.",
    rationale: "An add-on without its main license is paid for and cannot be used.",
    remedy: "Name the person for one of the licenses as well, or leave them out of the entry.",
    example: "need: [{ license: phones/fax, one_of: [phones/X2, phones/X4], level: deny }]",
};

/// People with a license and without what it needs.
pub(in crate::policy) fn check(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
    for LicenseRequirement { license, one_of, level, source } in &facts.policy.need {
        let matter: Vec<LicenseRef> = [license].into_iter().chain(one_of).cloned().collect();
        for (person, wishes) in assignment_spans(facts, &matter) {
            let serves: Vec<&AssignmentSpan<'_>> =
                wishes.iter().filter(|wish| one_of.contains(wish.license) && !wish.is_alternative).collect();
            let lacks = wishes.iter().filter(|wish| wish.license == license).find_map(|wish| {
                // It can begin to lack where the wish begins, and where something that serves it ends.
                let ends = serves.iter().map(|other| other.end).filter(|end| wish.start < *end && *end < wish.end);
                let days: BTreeSet<Date> = ends.chain([wish.start]).collect();
                let lacks = |day: &Date| !serves.iter().any(|own| own.start <= *day && *day < own.end);
                let gaps: Vec<Date> = days.into_iter().filter(lacks).collect();
                Some((wish, *gaps.first()?, gaps))
            });
            let Some((wish, day, gaps)) = lacks else { continue };
            let key = facts.desired.people.key(person);
            let names: Vec<String> = one_of.iter().map(|license| format!("`{license}`")).collect();
            let finding = Finding::error(
                &code::PREREQUISITE_MISSING,
                format!("`{key}` is named for `{license}` and from {day} on for none of {}", names.join(", ")),
            )
            .help("name them for one of these as well, or leave them out with `except`")
            .at(facts.desired.files.source(wish.location))
            .related("the policy says so here", source.clone())
            .people([key.clone()])
            .value("license", license.to_string())
            .value("from", gaps.iter().map(ToString::to_string).collect::<Vec<_>>())
            .value("one_of", one_of.iter().map(ToString::to_string).collect::<Vec<_>>())
            .smallest_change(format!("take `{key}` out of `{license}`"));
            violations.push(Violation::new(&RULE, *level, finding).scoped_to(&license.tenant, &license.license));
        }
    }
}
