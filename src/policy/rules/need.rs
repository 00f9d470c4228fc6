//! Rule `need`: licenses that require another license, also of another tenant.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::assignment_spans::{AssignmentSpan, assignment_spans};
use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::model::{LicenseRef, LicenseRequirement};
use crate::policy::facts::ManifestFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "need",
    codes: &[&code::PREREQUISITE_MISSING],
    level: Some(Level::Deny),
    stage: Stage::Manifest,
    checks: "Every person with an assignment of `license` has one of `one_of` at all times, today and later. \
             Alternatives do not count, because they are not certain.",
    rationale: "An add-on without its main license costs money and cannot be used.",
    remedy: "Assign one of the required licenses too, or exclude the person from the entry.",
    example: "need: [{ license: phones/fax, one_of: [phones/X2, phones/X4], level: deny }]",
};

/// Reports people with a license and without the license that it requires.
pub(in crate::policy) fn check(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
    for LicenseRequirement { license, one_of, level, source } in &facts.policy.need {
        let matter: Vec<LicenseRef> = [license].into_iter().chain(one_of).cloned().collect();
        for (person, wishes) in assignment_spans(facts, &matter) {
            let serves: Vec<&AssignmentSpan<'_>> =
                wishes.iter().filter(|wish| one_of.contains(wish.license) && !wish.is_alternative).collect();
            let gap = wishes.iter().filter(|wish| wish.license == license).find_map(|wish| {
                // A gap can start when the assignment starts, and when a required license ends.
                let ends = serves.iter().map(|other| other.end).filter(|end| wish.start < *end && *end < wish.end);
                let days: BTreeSet<Date> = ends.chain([wish.start]).collect();
                let is_gap = |day: &Date| !serves.iter().any(|own| own.start <= *day && *day < own.end);
                let gaps: Vec<Date> = days.into_iter().filter(is_gap).collect();
                Some((wish, *gaps.first()?, gaps))
            });
            let Some((wish, day, gaps)) = gap else { continue };
            let key = facts.desired.people.key(person);
            let names: Vec<String> = one_of.iter().map(|license| format!("`{license}`")).collect();
            let finding = Finding::error(
                &code::PREREQUISITE_MISSING,
                format!("`{key}` has an assignment of `{license}`, but from {day} on none of {}", names.join(", ")),
            )
            .help("assign one of these too, or exclude them with `except`")
            .at(facts.desired.files.source(wish.location))
            .related("the policy's requirement", source.clone())
            .people([key.clone()])
            .value("license", license.to_string())
            .value("from", gaps.iter().map(ToString::to_string).collect::<Vec<_>>())
            .value("one_of", one_of.iter().map(ToString::to_string).collect::<Vec<_>>())
            .smallest_change(format!("remove `{key}` from `{license}`"));
            violations.push(Violation::new(&RULE, *level, finding).scoped_to(&license.tenant, &license.license));
        }
    }
}
