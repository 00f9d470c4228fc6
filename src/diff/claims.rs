//! Desired assignments on one day: the claims of a tenant by person.

use jiff::civil::Date;

use super::pools::{PoolId, PoolTable};
use crate::diagnostic::Location;
use crate::model::{Claim, Ensure, PersonId, TenantDesired};

/// A desired assignment: all entries that name one person for one license, combined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredAssignment {
    /// The license.
    pub pool: PoolId,
    /// The highest priority of the entries in force.
    pub priority: i64,
    /// Alternative licenses, in order.
    pub alternatives: Vec<PoolId>,
    /// The entry with the highest priority.
    pub entry: u32,
    /// The location of the person or their group in it.
    pub source: Location,
}

/// The claims in force on one day, grouped by person.
pub struct ClaimsByPerson<'a> {
    desired: &'a TenantDesired,
    pools: &'a PoolTable,
    /// The pool of each entry's license; `None` if the entry is not in force.
    entries: Vec<Option<PoolId>>,
    /// The index of each person's first claim.
    starts: Vec<u32>,
    claims: Vec<Claim>,
}

impl<'a> ClaimsByPerson<'a> {
    /// Groups the claims that are in force on `day`. `people` is the number of people.
    pub fn new(desired: &'a TenantDesired, pools: &'a PoolTable, people: usize, day: Date) -> Self {
        let entries: Vec<_> =
            desired.entries.iter().map(|entry| pools.find(&entry.license).filter(|_| entry.is_in_force(day))).collect();
        let counts = |claim: &&Claim| entries.get(claim.entry as usize).is_some_and(Option::is_some);
        // Counting sort.
        let mut starts = vec![0u32; people + 2];
        for claim in desired.claims.iter().filter(counts) {
            starts[claim.person.0 as usize + 2] += 1;
        }
        for index in 2..starts.len() {
            starts[index] += starts[index - 1];
        }
        let total = starts.last().map_or(0, |end| *end as usize);
        let mut claims: Vec<Claim> = Vec::new();
        if let Some(filler) = desired.claims.first() {
            claims.resize(total, *filler);
            for claim in desired.claims.iter().filter(counts) {
                let next = &mut starts[claim.person.0 as usize + 1];
                claims[*next as usize] = *claim;
                *next += 1;
            }
        }
        Self { desired, pools, entries, starts, claims }
    }

    /// Returns the claims of a person.
    fn claims_of(&self, person: PersonId) -> &[Claim] {
        let index = person.0 as usize;
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(start), Some(end)) => &self.claims[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// Whether a claim names the person.
    pub fn is_named(&self, person: PersonId) -> bool {
        !self.claims_of(person).is_empty()
    }

    /// Returns the license of the person's only claim, if it is an assignment.
    pub fn only_license(&self, person: PersonId) -> Option<PoolId> {
        match self.claims_of(person) {
            [claim] if self.desired.entries[claim.entry as usize].ensure == Ensure::Present => {
                self.entries[claim.entry as usize]
            }
            _ => None,
        }
    }

    /// Returns the person's desired assignments by license, and the licenses that must be absent with their entry and
    /// location.
    pub fn desired_assignments(&self, person: PersonId) -> (Vec<DesiredAssignment>, Vec<(PoolId, u32, Location)>) {
        let mut wishes: Vec<DesiredAssignment> = Vec::new();
        let mut absent = Vec::new();
        let mut claims: Vec<_> = self.claims_of(person).iter().collect();
        // The order must not depend on the order of entries, so location only breaks ties.
        claims.sort_by_key(|claim| {
            let entry = &self.desired.entries[claim.entry as usize];
            (std::cmp::Reverse(entry.priority), &entry.alternatives, claim.source)
        });
        for claim in claims {
            let entry = &self.desired.entries[claim.entry as usize];
            let Some(pool) = self.entries[claim.entry as usize] else { continue };
            match entry.ensure {
                Ensure::Absent => absent.push((pool, claim.entry, claim.source)),
                Ensure::Present => {
                    let index = wishes.iter().position(|wish| wish.pool == pool).unwrap_or_else(|| {
                        let (priority, source) = (entry.priority, claim.source);
                        wishes.push(DesiredAssignment {
                            pool,
                            priority,
                            alternatives: Vec::new(),
                            entry: claim.entry,
                            source,
                        });
                        wishes.len() - 1
                    });
                    let wish = &mut wishes[index];
                    for alternative in entry.alternatives.iter().filter_map(|license| self.pools.find(license)) {
                        if alternative != pool && !wish.alternatives.contains(&alternative) {
                            wish.alternatives.push(alternative);
                        }
                    }
                }
            }
        }
        wishes.sort_by_key(|wish| wish.pool);
        absent.sort_by_key(|(pool, _, source)| (*pool, *source));
        (wishes, absent)
    }

    /// Returns all named people, with or without an account.
    pub fn named_people(&self) -> impl Iterator<Item = PersonId> {
        (0..).map(PersonId).zip(self.starts.windows(2)).filter(|(_, ends)| ends[0] < ends[1]).map(|(person, _)| person)
    }
}
