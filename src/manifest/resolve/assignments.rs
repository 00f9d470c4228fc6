//! `assignments`: one claim per entry and person.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::resolver::{GroupMembers, Resolver, value_or};
use crate::diagnostic::catalog::{manifest as codes, reference};
use crate::diagnostic::{Location, Severity};
use crate::manifest::schema::AssignmentEntry;
use crate::manifest::yaml::{Located, PeopleList, excerpt};
use crate::model::{Claim, DesiredEntry, Ensure, LicenseRef, PersonId, TenantDesired};

/// The maximum number of claims of all entries.
const CLAIMS_MAX: usize = 10_000_000;
/// The maximum number of alternatives of one entry.
const ALTERNATIVES_MAX: usize = 100;

/// The people whom the current entry names and excludes. A person's mark is the number of the last entry that set it.
#[derive(Default)]
struct EntryMarks {
    named: Vec<u32>,
    left_out: Vec<u32>,
}

/// A person whom an entry excludes.
struct ExceptedPerson {
    person: PersonId,
    at: Location,
    by_group: bool,
}

/// Sets a mark; returns false if it was already set.
fn mark(marks: &mut Vec<u32>, person: PersonId, entry: u32) -> bool {
    let index = person.0 as usize;
    if marks.len() <= index {
        marks.resize(index + 1, 0);
    }
    std::mem::replace(&mut marks[index], entry) != entry
}

fn is_marked(marks: &[u32], person: PersonId, entry: u32) -> bool {
    marks.get(person.0 as usize).is_some_and(|mark| *mark == entry)
}

pub(super) fn resolve(
    resolver: &mut Resolver,
    groups: &GroupMembers,
    assignments: Vec<Located<AssignmentEntry>>,
    tenants: &mut BTreeMap<SmolStr, TenantDesired>,
) {
    let mut marks = EntryMarks::default();
    let mut claims_left = CLAIMS_MAX;
    for (number, assignment) in (1..=u32::MAX).zip(assignments) {
        let Located { value: assignment, at } = assignment;
        let Some((license, entry)) = resolve_entry(resolver, &assignment, at) else {
            // Faults in the list of people are reported even if the entry is invalid.
            for_each_named(resolver, groups, assignment.to.value(), |_, _, _| {});
            continue;
        };
        let mut claims = Vec::new();
        let mut excepted = Vec::new();
        for_each_named(resolver, groups, assignment.except.value(), |person, at, by_group| {
            if mark(&mut marks.left_out, person, number) {
                excepted.push(ExceptedPerson { person, at, by_group });
            }
        });
        let index = tenants.get(&license.tenant).map_or(0, |tenant| tenant.entries.len());
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        for_each_named(resolver, groups, assignment.to.value(), |person, source, _| {
            let first = mark(&mut marks.named, person, number);
            if first && claims.len() <= claims_left && !is_marked(&marks.left_out, person, number) {
                claims.push(Claim { entry: index, person, source });
            }
        });
        let mut left_out = Vec::new();
        for ExceptedPerson { person, at, by_group } in excepted {
            if is_marked(&marks.named, person, number) {
                left_out.push(Claim { entry: index, person, source: at });
            } else if !by_group {
                let message = format!("`{}` is in `except`, but not in the entry", resolver.people.key(person));
                let help = "correct the address or remove it".to_owned();
                resolver.report(Severity::Warning, &reference::EXCEPT_WITHOUT_MEMBER, message, Some(help), at);
            }
        }
        if claims.len() > claims_left {
            let message = format!("the entries have more than {CLAIMS_MAX} people in total");
            resolver.error(&codes::LIMIT_EXCEEDED, message, "name fewer people", at);
            return;
        }
        claims_left -= claims.len();
        if let Some(tenant) = tenants.get_mut(&license.tenant) {
            tenant.entries.push(entry);
            tenant.excluded.extend(left_out);
            if tenant.claims.is_empty() {
                tenant.claims = claims;
            } else {
                tenant.claims.extend(claims);
            }
        }
    }
}

fn for_each_named(
    resolver: &mut Resolver,
    groups: &GroupMembers,
    list: Option<&PeopleList>,
    mut each: impl FnMut(PersonId, Location, bool),
) {
    resolver.for_each_person(list, groups, |_, named| each(named.person, named.location, named.via_group));
}

/// Resolves an entry without its people; reports every fault in it.
fn resolve_entry(
    resolver: &mut Resolver,
    assignment: &AssignmentEntry,
    source: Location,
) -> Option<(LicenseRef, DesiredEntry)> {
    let license = assignment.license.get().and_then(|license| resolver.license(license));
    let starts = resolver.optional_date(&assignment.starts);
    let expires = resolver.optional_date(&assignment.expires);
    let alternatives =
        license.as_ref().map(|license| resolve_alternatives(resolver, assignment, license)).unwrap_or_default();
    let license = license?;
    let entry = DesiredEntry {
        license: license.license.clone(),
        ensure: value_or(&assignment.ensure, Ensure::Present),
        priority: value_or(&assignment.priority, 0),
        starts,
        expires,
        alternatives,
        reason: assignment.reason.value().cloned(),
        source,
    };
    Some((license, entry))
}

fn resolve_alternatives(resolver: &mut Resolver, assignment: &AssignmentEntry, license: &LicenseRef) -> Vec<SmolStr> {
    let mut all: Vec<SmolStr> = Vec::new();
    let written = assignment.alternatives.value().map(|list| list.0.as_slice()).unwrap_or_default();
    if let Some(text) = written.get(ALTERNATIVES_MAX) {
        let message = format!("the entry has more than {ALTERNATIVES_MAX} alternatives");
        resolver.error(&codes::LIMIT_EXCEEDED, message, "list fewer", text.at);
    }
    for text in written.iter().take(ALTERNATIVES_MAX) {
        let Some(alternative) = resolver.license(text) else { continue };
        let wrong = if alternative.tenant != license.tenant {
            format!("the alternative `{}` belongs to another tenant", excerpt(&text.value.0))
        } else if alternative.license == license.license {
            format!("the alternative `{}` is the entry's own license", excerpt(&text.value.0))
        } else if all.contains(&alternative.license) {
            format!("duplicate alternative `{}`", excerpt(&text.value.0))
        } else {
            all.push(alternative.license);
            continue;
        };
        let help = format!("list another license of `{}`, or remove it", excerpt(&license.tenant));
        resolver.error(&reference::INVALID_ALTERNATIVE, wrong, help, text.at);
    }
    all
}
