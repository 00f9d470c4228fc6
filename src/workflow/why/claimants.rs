//! Who wishes for a license on one day, and how much.

use std::collections::BTreeMap;

use jiff::civil::Date;
use smol_str::SmolStr;

use crate::diagnostic::Location;
use crate::model::{Ensure, People, TenantDesired};

/// Somebody's wish for a license, all entries that name them taken together.
pub(super) struct Claimant {
    /// The highest priority of the entries in force.
    pub(super) priority: i64,
    /// Where the person, or their group, stands in the entry of that priority.
    pub(super) source: Location,
    /// When the last of the entries ends, and which that is; `None` where one does not end.
    pub(super) ends: Option<(Date, Location)>,
}

/// Everybody whom an entry in force names for the license, also as an alternative, by their keys.
pub(super) fn claimants(
    people: &People,
    desired: &TenantDesired,
    license: &str,
    day: Date,
) -> BTreeMap<SmolStr, Claimant> {
    let mut wishers: BTreeMap<SmolStr, Claimant> = BTreeMap::new();
    for claim in &desired.claims {
        let Some(entry) = desired.entries.get(claim.entry as usize) else { continue };
        let is_named = entry.license == license || entry.alternatives.iter().any(|other| other == license);
        if entry.ensure == Ensure::Absent || !is_named || !entry.is_in_force(day) {
            continue;
        }
        let ends = entry.expires.map(|on| (on, entry.source));
        let wish = Claimant { priority: entry.priority, source: claim.source, ends };
        match wishers.get_mut(people.key(claim.person)) {
            None => drop(wishers.insert(people.key(claim.person).clone(), wish)),
            Some(known) => {
                known.ends = known.ends.zip(wish.ends).map(|(one, other)| one.max(other));
                if wish.priority > known.priority {
                    (known.priority, known.source) = (wish.priority, wish.source);
                }
            }
        }
    }
    wishers
}
