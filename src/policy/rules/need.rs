//! Licenses that need another one, also of another tenant.
//!
//! An add-on without its main license is paid for and of no use.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::wishes::{Wish, wishes};
use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::model::LicenseRef;
use crate::policy::facts::ManifestFacts;
use crate::policy::rule::{Descriptor, Stage, Violation};
use crate::policy::settings::Need;

/// The rule.
pub(in crate::policy) static RULE: Descriptor = Descriptor {
    slug: "need",
    codes: &[&code::NEEDED_MISSING],
    level: Some(Level::Deny),
    stage: Stage::Manifest,
    checks: "Whoever is named for `license` is named for one of `one_of` at every time, today and later; alternatives \
             do not count, for nobody is sure to get them.",
    why: "An add-on without its main license is paid for and cannot be used.",
    satisfy: "Name the person for one of the licenses as well, or leave them out of the entry.",
    setting: "need: [{ license: phones/fax, one_of: [phones/X2, phones/X4], level: deny }]",
};

/// People with a license and without what it needs.
pub(in crate::policy) fn check(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
    for Need { license, one_of, level, source } in &facts.policy.need {
        let matter: Vec<LicenseRef> = [license].into_iter().chain(one_of).cloned().collect();
        for (person, wishes) in wishes(facts, &matter) {
            let serves: Vec<&Wish<'_>> =
                wishes.iter().filter(|wish| one_of.contains(wish.license) && !wish.alternative).collect();
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
                &code::NEEDED_MISSING,
                format!("`{key}` is named for `{license}` and from {day} on for none of {}", names.join(", ")),
            )
            .help("name them for one of these as well, or leave them out with `except`")
            .at(facts.desired.files.source(wish.at))
            .related("the policy says so here", source.clone())
            .people([key.clone()])
            .value("license", license.to_string())
            .value("from", gaps.iter().map(ToString::to_string).collect::<Vec<_>>())
            .value("one_of", one_of.iter().map(ToString::to_string).collect::<Vec<_>>())
            .smallest_change(format!("take `{key}` out of `{license}`"));
            violations.push(Violation::new(&RULE, *level, finding).about(&license.tenant, &license.license));
        }
    }
}
