//! Who is assigned a license on one day, ranked by priority and email.

use std::collections::BTreeMap;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::super::manifest::Manifest;
use crate::diagnostic::Location;
use crate::env::Now;
use crate::model::{Ensure, LicenseRef, Operation, OperationKind, People, Plan, TenantDesired};
use crate::report::why::Competitor;

/// A person's desired assignment, merged from all entries that name the person.
pub(super) struct Claimant {
    /// The highest priority of the entries in force.
    pub(super) priority: i64,
    /// The location of the person, or of the person's group, in the entry with that priority.
    pub(super) source: Location,
    /// The end and location of the last entry; `None` if an entry does not end.
    pub(super) ends: Option<(Date, Location)>,
}

/// Returns everyone whom an entry in force names for the license or as an alternative, by key.
pub(super) fn claimants(
    people: &People,
    desired: &TenantDesired,
    license: &str,
    day: Date,
) -> BTreeMap<SmolStr, Claimant> {
    let mut claimants: BTreeMap<SmolStr, Claimant> = BTreeMap::new();
    for claim in &desired.claims {
        let Some(entry) = desired.entries.get(claim.entry as usize) else { continue };
        let is_named = entry.license == license || entry.alternatives.iter().any(|other| other == license);
        if entry.ensure == Ensure::Absent || !is_named || !entry.is_in_force(day) {
            continue;
        }
        let ends = entry.expires.map(|on| (on, entry.source));
        let claimant = Claimant { priority: entry.priority, source: claim.source, ends };
        match claimants.get_mut(people.key(claim.person)) {
            None => drop(claimants.insert(people.key(claim.person).clone(), claimant)),
            Some(known) => {
                known.ends = known.ends.zip(claimant.ends).map(|(one, other)| one.max(other));
                if claimant.priority > known.priority {
                    (known.priority, known.source) = (claimant.priority, claimant.source);
                }
            }
        }
    }
    claimants
}

/// Returns everyone who competes for a seat of the license in this plan, by rank.
pub(super) fn ranked_competitors(
    manifest: &Manifest,
    plan: &Plan,
    desired: &TenantDesired,
    of: &LicenseRef,
    now: Now,
) -> Vec<Competitor> {
    let claimants = claimants(&manifest.desired.people, desired, &of.license, now.day);
    let assigned = plan.operations.iter().filter(|operation| operation.tenant == of.tenant);
    let assigned =
        assigned.filter(|operation| assigned_license(operation).is_some_and(|license| *license == of.license));
    let mut competitors: Vec<Competitor> = assigned
        .map(|operation| Competitor {
            person: operation.person.clone(),
            priority: claimants.get(&operation.person).map_or(0, |claimant| claimant.priority),
            operation: Some(operation.id.clone()),
        })
        .collect();
    let waiting = plan.waiting.iter().filter(|one| one.tenant == of.tenant && one.license == of.license);
    competitors.extend(waiting.map(|one| Competitor {
        person: one.person.clone(),
        priority: one.priority,
        operation: None,
    }));
    competitors.sort_by(|a, b| (b.priority, &a.person).cmp(&(a.priority, &b.person)));
    competitors
}

/// Returns the license that an operation assigns.
pub(super) fn assigned_license(operation: &Operation) -> Option<&SmolStr> {
    match operation.kind {
        OperationKind::Assign => Some(&operation.license),
        OperationKind::Change => operation.to.as_ref(),
        OperationKind::Cancel | OperationKind::Remove | OperationKind::Restore | OperationKind::Release => None,
    }
}
