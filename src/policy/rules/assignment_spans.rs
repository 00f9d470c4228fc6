//! Who is named for some licenses, from today on: what the rules on combinations look at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use smol_str::SmolStr;

use crate::diagnostic::Location;
use crate::model::{Ensure, LicenseRef, PersonId};
use crate::policy::facts::ManifestFacts;

/// A wish of a person for one of the licenses that matter.
#[derive(Clone, Copy)]
pub(super) struct AssignmentSpan<'a> {
    pub(super) license: &'a LicenseRef,
    /// Whether the person may get it, and is not sure to.
    pub(super) is_alternative: bool,
    pub(super) start: Date,
    pub(super) end: Date,
    pub(super) location: Location,
}

/// The wishes for those licenses that count today or later, by person and in the order of their places.
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
                let wish = AssignmentSpan { license, is_alternative: *alternative, start, end, location: claim.source };
                all.entry(claim.person).or_default().push(wish);
            }
        }
    }
    for wishes in all.values_mut() {
        wishes.sort_by_key(|wish| (wish.location, wish.is_alternative));
    }
    all
}
