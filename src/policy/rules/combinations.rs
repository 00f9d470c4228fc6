//! Licenses that exclude or need each other, also across tenants.
//!
//! What a vendor excludes is known to its profile; here an organization says what it does not want held together, or
//! what is of no use alone. Both look at who is named, from today on.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use smol_str::SmolStr;

use crate::diagnostic::{Finding, Level, Location, catalog::policy as code};
use crate::model::{Ensure, LicenseRef, PersonId};
use crate::policy::facts::ManifestFacts;
use crate::policy::rule::{Descriptor, Stage, Violation};
use crate::policy::settings::{Exclusion, Need};

/// Licenses that exclude each other.
pub(in crate::policy) static EXCLUDE: Descriptor = Descriptor {
    slug: "exclude",
    codes: &[&code::EXCLUDED_TOGETHER],
    level: Some(Level::Deny),
    stage: Stage::Manifest,
    checks: "Nobody is named for two licenses of one list at the same time, today or later; alternatives count, for \
             somebody may get them.",
    why: "Two products for one purpose cost twice, and some pairs of rights must not be in one hand.",
    satisfy: "Leave the person out of one of the entries, with `except`, or let one end before the other starts.",
    setting: "exclude: [{ licenses: [phones/X4, office/main/softphone], level: deny }]",
};

/// Licenses that need each other.
pub(in crate::policy) static NEED: Descriptor = Descriptor {
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

/// A wish of a person for one of the licenses that matter.
#[derive(Clone, Copy)]
struct Wish<'a> {
    license: &'a LicenseRef,
    /// Whether the person may get it, and is not sure to.
    alternative: bool,
    start: Date,
    end: Date,
    at: Location,
}

/// People with two licenses of a list.
pub(in crate::policy) fn check_exclude(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
    for Exclusion { licenses, level, source } in &facts.policy.exclude {
        for (person, wishes) in wishes(facts, licenses) {
            // Each pair of licenses once: who may have two of them does not have leave for a third.
            let mut pairs: BTreeMap<(&LicenseRef, &LicenseRef), (Wish<'_>, Wish<'_>)> = BTreeMap::new();
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
                    &code::EXCLUDED_TOGETHER,
                    format!("`{key}` is named for `{one}` and `{two}`, which the policy keeps apart"),
                )
                .help("leave them out of one of the two with `except`")
                .at(facts.desired.files.source(second.at))
                .related("the other one is here", facts.desired.files.source(first.at))
                .related("the policy says so here", source.clone())
                .people([key.clone()])
                .value("licenses", vec![one.clone(), two.clone()])
                .smallest_change(format!("take `{key}` out of `{one}` or `{two}`"));
                violations.push(
                    Violation::new(&EXCLUDE, *level, finding).about(&second.license.tenant, &second.license.license),
                );
            }
        }
    }
}

/// People with a license and without what it needs.
pub(in crate::policy) fn check_need(facts: &ManifestFacts<'_>, violations: &mut Vec<Violation>) {
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
            violations.push(Violation::new(&NEED, *level, finding).about(&license.tenant, &license.license));
        }
    }
}

/// The wishes for those licenses that count today or later, by person and in the order of their places.
fn wishes<'a>(facts: &ManifestFacts<'a>, licenses: &'a [LicenseRef]) -> BTreeMap<PersonId, Vec<Wish<'a>>> {
    let mut all: BTreeMap<PersonId, Vec<Wish<'a>>> = BTreeMap::new();
    let today = facts.now.day;
    let tenants: BTreeSet<&SmolStr> = licenses.iter().map(|license| &license.tenant).collect();
    for name in tenants {
        let Some(tenant) = facts.desired.tenants.get(name) else { continue };
        let find = |license: &SmolStr| licenses.iter().find(|own| own.tenant == *name && own.license == *license);
        let entries: Vec<Vec<(&LicenseRef, bool)>> = tenant
            .entries
            .iter()
            .map(|entry| {
                let main = find(&entry.license).map(|license| (license, false));
                let others = entry.alternatives.iter().filter_map(|license| Some((find(license)?, true)));
                main.into_iter().chain(others).filter(|_| entry.ensure == Ensure::Present).collect()
            })
            .collect();
        for claim in &tenant.claims {
            let Some(entry) = tenant.entries.get(claim.entry as usize) else { continue };
            let start = entry.starts.map_or(today, |starts| starts.max(today));
            let end = entry.expires.unwrap_or(Date::MAX);
            for (license, alternative) in entries[claim.entry as usize].iter().filter(|_| start < end) {
                let wish = Wish { license, alternative: *alternative, start, end, at: claim.source };
                all.entry(claim.person).or_default().push(wish);
            }
        }
    }
    for wishes in all.values_mut() {
        wishes.sort_by_key(|wish| (wish.at, wish.alternative));
    }
    all
}
