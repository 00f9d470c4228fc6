//! Who wishes what on one day: the claims of a tenant by person.

use jiff::civil::Date;

use super::pools::{PoolId, PoolTable};
use crate::diagnostic::Location;
use crate::model::{Claim, Ensure, PersonId, TenantDesired};

/// What one person wishes of one license, all entries that name them for it taken together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredAssignment {
    /// The license.
    pub pool: PoolId,
    /// The highest priority of the entries in force.
    pub priority: i64,
    /// Licenses to fall back to, in order.
    pub alternatives: Vec<PoolId>,
    /// The entry with the highest priority.
    pub entry: u32,
    /// Where the person, or their group, stands in it.
    pub source: Location,
}

/// The claims of a tenant that count on one day, grouped by person.
pub struct ClaimsByPerson<'a> {
    desired: &'a TenantDesired,
    pools: &'a PoolTable,
    /// The pool of each entry's license; `None` where the entry does not count.
    entries: Vec<Option<PoolId>>,
    /// Where the claims of each person begin.
    starts: Vec<u32>,
    claims: Vec<Claim>,
}

impl<'a> ClaimsByPerson<'a> {
    /// Groups the claims of `desired` that count on `day`; `people` is how many people there are.
    pub fn new(desired: &'a TenantDesired, pools: &'a PoolTable, people: usize, day: Date) -> Self {
        let entries: Vec<_> =
            desired.entries.iter().map(|entry| pools.find(&entry.license).filter(|_| entry.is_in_force(day))).collect();
        let counts = |claim: &&Claim| entries.get(claim.entry as usize).is_some_and(Option::is_some);
        // A counting sort: one pass to count, one to place.
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

    /// The claims of one person.
    fn claims_of(&self, person: PersonId) -> &[Claim] {
        let index = person.0 as usize;
        match (self.starts.get(index), self.starts.get(index + 1)) {
            (Some(start), Some(end)) => &self.claims[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// Whether anybody names the person.
    pub fn is_named(&self, person: PersonId) -> bool {
        !self.claims_of(person).is_empty()
    }

    /// The license of the person's only claim, where there is just one and it is a wish.
    pub fn only_license(&self, person: PersonId) -> Option<PoolId> {
        match self.claims_of(person) {
            [claim] if self.desired.entries[claim.entry as usize].ensure == Ensure::Present => {
                self.entries[claim.entry as usize]
            }
            _ => None,
        }
    }

    /// What the person wishes, one wish a license, by license; and what they must not hold, with the
    /// entry that says so and the place in it.
    pub fn desired_assignments(&self, person: PersonId) -> (Vec<DesiredAssignment>, Vec<(PoolId, u32, Location)>) {
        let mut wishes: Vec<DesiredAssignment> = Vec::new();
        let mut absent = Vec::new();
        let mut claims: Vec<_> = self.claims_of(person).iter().collect();
        // The order of entries means nothing: what they say decides, and the place only between equals.
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

    /// Everybody who is named, with or without an account.
    pub fn named_people(&self) -> impl Iterator<Item = PersonId> {
        (0..).map(PersonId).zip(self.starts.windows(2)).filter(|(_, ends)| ends[0] < ends[1]).map(|(person, _)| person)
    }
}
