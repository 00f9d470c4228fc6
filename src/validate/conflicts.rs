//! Assignments of one person that contradict each other from today on.
//!
//! Claims are grouped by person with a counting sort, and compared with a sweep over their days. The cost is near-linear,
//! also for a person in every entry.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{TenantInput, ValidationInput};
use crate::diagnostic::catalog::manifest::{EXCLUSIVE_ASSIGNMENTS, PRESENT_AND_ABSENT};
use crate::diagnostic::{Code, Finding, Location};
use crate::model::{Claim, DesiredEntry, Ensure, PersonId};

/// How many contradicting pairs of locations are reported per tenant.
const PAIRS_MAX: usize = 1_000;

pub(super) fn check(world: &ValidationInput<'_>, findings: &mut Vec<Finding>) {
    for tenant in &world.tenants {
        check_tenant(world, tenant, findings);
    }
}

/// The properties of an entry that can conflict.
struct DatedEntry {
    /// The number of the license.
    license: u32,
    /// The number of the set of exclusive licenses, if the license is in one.
    family: Option<u32>,
    is_present: bool,
    /// The first day, today or later, and the day after the last.
    start: Date,
    end: Date,
}

/// A claim of one person. Two with equal `group` and different `kind` contradict each other.
#[derive(Clone, Copy)]
struct OverlapCandidate {
    group: u32,
    kind: u32,
    start: Date,
    end: Date,
    claim: u32,
}

/// Pairs of locations that contradict each other, with two claims of the first person and the number of other people.
type ConflictPairs = BTreeMap<(Location, Location), (u32, u32, u32)>;

fn check_tenant(world: &ValidationInput<'_>, tenant: &TenantInput<'_>, findings: &mut Vec<Finding>) {
    let claims = &tenant.desired.claims;
    let entries = dated_entries(world, tenant);
    let (starts, order) = group_by_person(claims, world.desired.people.len());
    let (mut excluding, mut absent) = (ConflictPairs::new(), ConflictPairs::new());
    let mut items = Vec::new();
    for range in starts.windows(2) {
        let own = &order[range[0] as usize..range[1] as usize];
        if own.len() < 2 {
            continue;
        }
        let entry_of = |claim: &u32| claims.get(*claim as usize).and_then(|one| entries.get(one.entry as usize));
        items.clear();
        items.extend(own.iter().filter_map(|claim| {
            let entry = entry_of(claim).filter(|entry| entry.is_present)?;
            Some(OverlapCandidate {
                group: entry.family?,
                kind: entry.license,
                start: entry.start,
                end: entry.end,
                claim: *claim,
            })
        }));
        find_overlaps(&mut items, claims, &mut excluding);
        items.clear();
        items.extend(own.iter().filter_map(|claim| {
            let entry = entry_of(claim)?;
            let kind = u32::from(entry.is_present);
            Some(OverlapCandidate { group: entry.license, kind, start: entry.start, end: entry.end, claim: *claim })
        }));
        find_overlaps(&mut items, claims, &mut absent);
    }
    report(world, tenant, &EXCLUSIVE_ASSIGNMENTS, excluding, findings);
    report(world, tenant, &PRESENT_AND_ABSENT, absent, findings);
}

/// Converts entries, with numbers for licenses and sets of exclusive licenses.
fn dated_entries(world: &ValidationInput<'_>, tenant: &TenantInput<'_>) -> Vec<DatedEntry> {
    let mut licenses = BTreeMap::new();
    let mut families = BTreeMap::new();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut convert = |entry: &DesiredEntry| {
        let next = number(licenses.len());
        let license = *licenses.entry(entry.license.clone()).or_insert(next);
        let family = tenant.rules.as_ref().map(|rules| rules.family(&entry.license));
        let family = family.filter(crate::profile::Family::is_exclusive).map(|family| {
            let next = number(families.len());
            *families.entry(family).or_insert(next)
        });
        let start = entry.starts.map_or(world.now.day, |starts| starts.max(world.now.day));
        let end = entry.expires.unwrap_or(Date::MAX);
        DatedEntry { license, family, is_present: entry.ensure == Ensure::Present, start, end }
    };
    tenant.desired.entries.iter().map(&mut convert).collect()
}

/// Returns the indexes of the claims ordered by person, and where those of each person start.
fn group_by_person(claims: &[Claim], people: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; people + 1];
    for claim in claims {
        if let Some(count) = starts.get_mut(claim.person.0 as usize + 1) {
            *count += 1;
        }
    }
    for index in 1..starts.len() {
        starts[index] += starts[index - 1];
    }
    let mut next = starts.clone();
    let mut order = vec![0_u32; claims.len()];
    for (number, claim) in (0_u32..).zip(claims) {
        if let Some(position) = next.get_mut(claim.person.0 as usize) {
            order[*position as usize] = number;
            *position += 1;
        }
    }
    (starts, order)
}

/// Finds candidates of equal group and different kind whose days overlap.
fn find_overlaps(items: &mut [OverlapCandidate], claims: &[Claim], pairs: &mut ConflictPairs) {
    if items.len() < 2 {
        return;
    }
    items.sort_unstable_by_key(|item| (item.group, item.start, item.claim));
    for group in items.chunk_by(|a, b| a.group == b.group) {
        // Among the previous candidates, the one that ends last, and the one that ends last with another kind.
        let mut longest: Option<OverlapCandidate> = None;
        let mut other: Option<OverlapCandidate> = None;
        for item in group.iter().filter(|item| item.start < item.end) {
            let rival = [longest, other].into_iter().flatten().find(|before| before.kind != item.kind);
            if let Some(rival) = rival.filter(|rival| item.start < rival.end) {
                add_pair(pairs, claims, rival.claim, item.claim);
            }
            match longest {
                Some(before) if before.end >= item.end => {
                    if before.kind != item.kind && other.is_none_or(|other| other.end < item.end) {
                        other = Some(*item);
                    }
                }
                before => {
                    if before.is_some_and(|before| before.kind != item.kind) {
                        other = before;
                    }
                    longest = Some(*item);
                }
            }
        }
    }
}

fn add_pair(pairs: &mut ConflictPairs, claims: &[Claim], one: u32, two: u32) {
    let location = |number: u32| claims.get(number as usize).map(|claim| claim.source);
    let (Some(a), Some(b)) = (location(one), location(two)) else { return };
    let (key, value) = if a <= b { ((a, b), (one, two, 0)) } else { ((b, a), (two, one, 0)) };
    if pairs.len() < PAIRS_MAX || pairs.contains_key(&key) {
        pairs.entry(key).and_modify(|(_, _, more)| *more += 1).or_insert(value);
    }
}

fn report(
    world: &ValidationInput<'_>,
    tenant: &TenantInput<'_>,
    code: &'static Code,
    pairs: ConflictPairs,
    findings: &mut Vec<Finding>,
) {
    let desired = tenant.desired;
    let name = &desired.settings.name;
    for ((first, second), (one, two, more)) in pairs {
        let entry = |number: u32| {
            let claim = desired.claims.get(number as usize)?;
            Some((claim.person, desired.entries.get(claim.entry as usize)?))
        };
        let (Some((person, a)), Some((_, b))) = (entry(one), entry(two)) else { continue };
        let person = describe_people(world, person, more);
        let message = if a.license == b.license {
            format!("`{name}/{}` is both assigned to {person} and removed", a.license)
        } else {
            format!("{person} cannot hold both `{name}/{}` and `{name}/{}`", a.license, b.license)
        };
        let help = "exclude them from one of the two with `except`, or let one end before the other starts";
        let finding = Finding::error(code, message).help(help).at(world.source(second));
        findings.push(finding.related("the other one is here", world.source(first)));
    }
}

fn describe_people(world: &ValidationInput<'_>, person: PersonId, more: u32) -> String {
    let key = world.desired.people.key(person);
    if more == 0 { format!("`{key}`") } else { format!("`{key}` and {more} more") }
}
