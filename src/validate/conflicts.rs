//! One person's wishes do not exclude each other, and nobody shall hold and lose a license, from today on.
//!
//! A person's claims are few, but people are many: claims are brought together by counting, and compared by a sweep
//! over their days, so the cost is near-linear also for somebody who is named in every entry.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{TenantInput, ValidationInput};
use crate::diagnostic::catalog::manifest::{EXCLUSIVE_ASSIGNMENTS, PRESENT_AND_ABSENT};
use crate::diagnostic::{Code, Finding, Location};
use crate::model::{Claim, DesiredEntry, Ensure, PersonId};

/// Most pairs of places that are reported for one tenant.
const PAIRS_MAX: usize = 1_000;

pub(super) fn check(world: &ValidationInput<'_>, findings: &mut Vec<Finding>) {
    for tenant in &world.tenants {
        check_tenant(world, tenant, findings);
    }
}

/// What matters of an entry here.
struct DatedEntry {
    /// The license by number.
    license: u32,
    /// The licenses that exclude each other, by number; none where nothing excludes it.
    family: Option<u32>,
    is_present: bool,
    /// From when on it counts, today or later; and the day from which on it does not.
    start: Date,
    end: Date,
}

/// A claim among those of one person: of two with equal `group` and different `kind` only one can be.
#[derive(Clone, Copy)]
struct OverlapCandidate {
    group: u32,
    kind: u32,
    start: Date,
    end: Date,
    claim: u32,
}

/// Two places that contradict each other, with the first person and how many more.
type ConflictPairs = BTreeMap<(Location, Location), (u32, u32, u32)>;

fn check_tenant(world: &ValidationInput<'_>, tenant: &TenantInput<'_>, findings: &mut Vec<Finding>) {
    let claims = &tenant.desired.claims;
    let wishes = dated_entries(world, tenant);
    let (starts, order) = group_by_person(claims, world.desired.people.len());
    let (mut excluding, mut absent) = (ConflictPairs::new(), ConflictPairs::new());
    let mut items = Vec::new();
    for range in starts.windows(2) {
        let own = &order[range[0] as usize..range[1] as usize];
        if own.len() < 2 {
            continue;
        }
        let wish = |claim: &u32| claims.get(*claim as usize).and_then(|one| wishes.get(one.entry as usize));
        items.clear();
        items.extend(own.iter().filter_map(|claim| {
            let wish = wish(claim).filter(|wish| wish.is_present)?;
            Some(OverlapCandidate {
                group: wish.family?,
                kind: wish.license,
                start: wish.start,
                end: wish.end,
                claim: *claim,
            })
        }));
        find_overlaps(&mut items, claims, &mut excluding);
        items.clear();
        items.extend(own.iter().filter_map(|claim| {
            let wish = wish(claim)?;
            let kind = u32::from(wish.is_present);
            Some(OverlapCandidate { group: wish.license, kind, start: wish.start, end: wish.end, claim: *claim })
        }));
        find_overlaps(&mut items, claims, &mut absent);
    }
    report(world, tenant, &EXCLUSIVE_ASSIGNMENTS, excluding, findings);
    report(world, tenant, &PRESENT_AND_ABSENT, absent, findings);
}

/// The entries as wishes; numbers stand for licenses and families.
fn dated_entries(world: &ValidationInput<'_>, tenant: &TenantInput<'_>) -> Vec<DatedEntry> {
    let mut licenses = BTreeMap::new();
    let mut families = BTreeMap::new();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut wish = |entry: &DesiredEntry| {
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
    tenant.desired.entries.iter().map(&mut wish).collect()
}

/// The numbers of the claims ordered by person, and where each person's begin.
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
        if let Some(place) = next.get_mut(claim.person.0 as usize) {
            order[*place as usize] = number;
            *place += 1;
        }
    }
    (starts, order)
}

/// Finds items of equal group and different kind whose days overlap.
fn find_overlaps(items: &mut [OverlapCandidate], claims: &[Claim], pairs: &mut ConflictPairs) {
    if items.len() < 2 {
        return;
    }
    items.sort_unstable_by_key(|item| (item.group, item.start, item.claim));
    for group in items.chunk_by(|a, b| a.group == b.group) {
        // Of the items before, the one that lasts longest, and the one that does among those of other kinds.
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
    let place = |number: u32| claims.get(number as usize).map(|claim| claim.source);
    let (Some(a), Some(b)) = (place(one), place(two)) else { return };
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
            format!("{person} shall hold `{name}/{}` and lose it", a.license)
        } else {
            format!("{person} cannot hold both `{name}/{}` and `{name}/{}`", a.license, b.license)
        };
        let help = "leave them out of one of the two with `except`, or let one end before the other starts";
        let finding = Finding::error(code, message).help(help).at(world.source(second));
        findings.push(finding.related("the other one is here", world.source(first)));
    }
}

fn describe_people(world: &ValidationInput<'_>, person: PersonId, more: u32) -> String {
    let key = world.desired.people.key(person);
    if more == 0 { format!("`{key}`") } else { format!("`{key}` and {more} more") }
}
