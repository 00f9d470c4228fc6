//! Assignments of certain licenses with their dates, for the rules on combinations.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use smol_str::SmolStr;

use crate::diagnostic::Location;
use crate::model::{Ensure, LicenseRef, PersonId};
use crate::policy::facts::ManifestFacts;

/// An assignment of a relevant license to a person, with its dates.
#[derive(Clone, Copy)]
pub(super) struct AssignmentSpan<'a> {
    pub(super) license: &'a LicenseRef,
    /// Whether the license is only an alternative.
    pub(super) is_alternative: bool,
    pub(super) start: Date,
    pub(super) end: Date,
    pub(super) location: Location,
}

/// Returns the assignments of some licenses that count today or later, by person and in the order of their locations.
pub(super) fn assignment_spans<'a>(
    facts: &ManifestFacts<'a>,
    licenses: &'a [LicenseRef],
) -> BTreeMap<PersonId, Vec<AssignmentSpan<'a>>> {
    let mut all: BTreeMap<PersonId, Vec<AssignmentSpan<'a>>> = BTreeMap::new();
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
                let span = AssignmentSpan { license, is_alternative: *alternative, start, end, location: claim.source };
                all.entry(claim.person).or_default().push(span);
            }
        }
    }
    for spans in all.values_mut() {
        spans.sort_by_key(|span| (span.location, span.is_alternative));
    }
    all
}
