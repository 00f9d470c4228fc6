//! Comparison of current and desired state: the candidate changes of a tenant.
//!
//! The planner decides which of them fit and in which order. The plan, `diff` and `why` all use this comparison. It
//! is pure, independent of the order of files, people and accounts, and linear in people and holdings.

mod block_reason;
mod claims;
mod exclusive_set;
mod identity;
mod pools;
#[cfg(test)]
mod tests;

use smol_str::SmolStr;

pub use block_reason::BlockReason;
pub use claims::{ClaimsByPerson, DesiredAssignment};
pub use exclusive_set::{ExclusiveSet, LicenseTransition, ReleasedHolding, TransitionDecision, satisfies_assignment};
pub use identity::{AccountOwner, Identities};
pub use pools::{ClosedReason, PoolId, PoolState, PoolTable};

use crate::diagnostic::Location;
use crate::env::Now;
use crate::model::{Account, Ensure, Holding, Observation, People, PersonId, PersonKey, TenantDesired};
use crate::profile::Rules;

/// One difference for one person at a tenant, and how to resolve it.
#[derive(Clone, Debug)]
pub struct CandidateChange {
    /// The person's key.
    pub person: SmolStr,
    /// The index of the account in the observation.
    pub account: u32,
    /// The priority of the desired assignment.
    pub priority: i64,
    /// The transition to the desired license, then those to its alternatives.
    pub options: Vec<LicenseTransition>,
    /// The transition if there is no seat at all: the person still loses licenses that must be absent.
    pub loss_while_waiting: Option<LicenseTransition>,
    /// The manifest location that requests it.
    pub source: Option<Location>,
    /// The index of the entry that requests it; absent if the person is no longer named.
    pub entry: Option<u32>,
}

/// A change that is blocked for a stated reason.
#[derive(Clone, Debug)]
pub struct BlockedChange {
    /// The person's key.
    pub person: SmolStr,
    /// The license.
    pub pool: PoolId,
    /// The reason.
    pub reason: BlockReason,
    /// Where the manifest asks for it.
    pub source: Option<Location>,
}

/// All differences at a tenant.
#[derive(Debug)]
pub struct TenantDiff {
    /// The pools.
    pub pools: PoolTable,
    /// Candidate changes, by person.
    pub changes: Vec<CandidateChange>,
    /// Blocked changes, by person.
    pub blocked: Vec<BlockedChange>,
    /// The number of unmanaged holdings.
    pub unmanaged: u64,
    /// For each pool, the number of unnamed people with an inherited holding.
    pub inherited: Vec<u64>,
}

/// Compares the desired state of a tenant with its observation.
pub fn compare_tenant(
    people: &People,
    desired: &TenantDesired,
    rules: &Rules,
    current: &Observation,
    now: Now,
) -> TenantDiff {
    let pools = PoolTable::new(desired, rules, current, now.day);
    let inherited = vec![0; pools.len()];
    let claims = ClaimsByPerson::new(desired, &pools, people.len(), now.day);
    let identities = Identities::new(people, current);
    let mut differ = TenantComparison {
        people,
        desired,
        rules,
        current,
        identities: &identities,
        claims: &claims,
        pools: &pools,
        changes: Vec::new(),
        blocked: Vec::new(),
        unmanaged: 0,
        inherited,
    };
    differ.run();
    let TenantComparison { mut changes, blocked: mut obstacles, unmanaged, inherited, .. } = differ;
    changes.sort_by(|a, b| {
        let key =
            |change: &CandidateChange| change.options.first().and_then(|step| step.assigns.or(first_released(step)));
        (&a.person, key(a), &current.accounts[a.account as usize].id).cmp(&(
            &b.person,
            key(b),
            &current.accounts[b.account as usize].id,
        ))
    });
    obstacles.sort_by(|a, b| (&a.person, a.pool).cmp(&(&b.person, b.pool)));
    TenantDiff { pools, changes, blocked: obstacles, unmanaged, inherited }
}

/// Returns the first pool that a transition releases or cancels.
fn first_released(step: &LicenseTransition) -> Option<PoolId> {
    step.releases.first().or(step.cancels.first()).map(|given| given.pool)
}

struct TenantComparison<'a> {
    people: &'a People,
    desired: &'a TenantDesired,
    rules: &'a Rules,
    current: &'a Observation,
    identities: &'a Identities,
    claims: &'a ClaimsByPerson<'a>,
    pools: &'a PoolTable,
    changes: Vec<CandidateChange>,
    blocked: Vec<BlockedChange>,
    unmanaged: u64,
    inherited: Vec<u64>,
}

impl<'a> TenantComparison<'a> {
    fn run(&mut self) {
        let mut holdings = Vec::new();
        for (index, account) in self.current.accounts.iter().enumerate() {
            self.compare_account(u32::try_from(index).unwrap_or(u32::MAX), account, &mut holdings);
        }
        for person in self.claims.named_people() {
            if self.identities.account(person).is_none() {
                let reason = BlockReason::no_account(&self.desired.settings.name, self.current.complete);
                self.block_all(person, &reason);
            } else if let Some((first, second)) = self.identities.duplicate_accounts(person) {
                let id = |account: u32| &self.current.accounts[account as usize].id;
                let (first, second) = (id(first).min(id(second)), id(first).max(id(second)));
                self.block_all(person, &BlockReason::two_accounts(first, second));
            }
        }
    }

    /// Blocks every desired assignment of a person.
    fn block_all(&mut self, person: PersonId, reason: &BlockReason) {
        for wish in self.claims.desired_assignments(person).0 {
            self.blocked.push(BlockedChange {
                person: self.people.key(person).clone(),
                pool: wish.pool,
                reason: reason.clone(),
                source: Some(wish.source),
            });
        }
    }

    fn compare_account(&mut self, index: u32, account: &'a Account, holdings: &mut Vec<(PoolId, &'a Holding)>) {
        holdings.clear();
        let held = account.holdings.iter();
        holdings.extend(held.filter_map(|holding| Some((self.pools.find(&holding.license)?, holding))));
        self.unmanaged += holdings.iter().filter(|(pool, _)| !self.pools.get(*pool).is_managed).count() as u64;
        let person = match self.identities.owners[index as usize] {
            AccountOwner::PinnedElsewhere => return,
            AccountOwner::Unnamed => None,
            AccountOwner::Named(person) if self.identities.duplicate_accounts(person).is_some() => return,
            AccountOwner::Named(person) => Some(person),
        };
        match person.filter(|person| self.claims.is_named(*person)) {
            None if self.desired.named_only => {}
            // Fast paths for the two most common cases.
            None if holdings.iter().all(|(pool, _)| !self.pools.get(*pool).is_managed) => {}
            Some(person) if matches!(holdings[..], [(pool, holding)] if self.claims.only_license(person) == Some(pool) && satisfies_assignment(holding)) =>
                {}
            named => self.compare_exclusive_sets(index, account, person, named, holdings),
        }
    }

    /// Compares one account with the desired assignments of its person, by set of exclusive licenses.
    fn compare_exclusive_sets(
        &mut self,
        index: u32,
        account: &Account,
        person: Option<PersonId>,
        named: Option<PersonId>,
        holdings: &[(PoolId, &Holding)],
    ) {
        let key = person.map_or_else(|| PersonKey::normalize(&account.email), |person| self.people.key(person).clone());
        let (wishes, absent) = named.map_or_else(Default::default, |person| self.claims.desired_assignments(person));
        let absent_pools: Vec<_> = absent.iter().map(|(pool, ..)| *pool).collect();
        let is_held =
            |pool: PoolId| holdings.iter().any(|(held, holding)| *held == pool && satisfies_assignment(holding));
        let targets: Vec<(PoolId, &DesiredAssignment)> = wishes
            .iter()
            .map(|wish| {
                let kept = [wish.pool].into_iter().chain(wish.alternatives.iter().copied()).find(|pool| is_held(*pool));
                (kept.unwrap_or(wish.pool), wish)
            })
            .collect();
        let family = |pool: PoolId| &self.pools.get(pool).family;
        let mut families: Vec<_> = holdings.iter().map(|(pool, _)| family(*pool)).collect();
        families.extend(targets.iter().map(|(pool, _)| family(*pool)));
        families.sort();
        families.dedup();
        for of in families {
            let is_named =
                absent_pools.iter().chain(targets.iter().map(|(pool, _)| pool)).any(|pool| family(*pool) == of);
            if self.desired.named_only && !is_named {
                continue;
            }
            let slot = ExclusiveSet {
                pools: self.pools,
                rules: self.rules,
                complete: self.current.complete,
                family: of,
                holdings,
                absent: &absent_pools,
                only_absent: self.desired.named_only,
            };
            let target = targets.iter().find(|(pool, _)| family(*pool) == of);
            // An alternative may belong to another set of exclusive licenses.
            let may_serve = |wish: &DesiredAssignment| {
                [&wish.pool].into_iter().chain(&wish.alternatives).any(|pool| family(*pool) == of)
            };
            let serves_a_wish = targets.iter().any(|(_, wish)| may_serve(wish));
            let is_there = holdings.iter().any(|(pool, holding)| family(*pool) == of && satisfies_assignment(holding));
            if target.is_none() && serves_a_wish && !is_there {
                // A trial is kept while its assignment is desired, because it may have to become the full license.
                continue;
            }
            let verdict = slot.decide(target.map(|(pool, _)| *pool));
            if target.is_none() {
                self.count_inherited(of, holdings);
            }
            let wish = target.map(|(_, wish)| *wish);
            let source = |pool: PoolId| {
                wish.map(|wish| wish.source)
                    .or_else(|| absent.iter().find(|(other, ..)| *other == pool).map(|(_, _, source)| *source))
                    .or_else(|| self.managing_entry(pool))
            };
            // A foreign account is a better reason than anything about its licenses.
            let foreign = self.rules.foreign_account_violation(&account.origin);
            let foreign =
                foreign.map(|refusal| BlockReason::foreign_account(&account.origin, &refusal.message, &refusal.help));
            match verdict {
                TransitionDecision::Unchanged => {}
                TransitionDecision::Blocked(pool, reason) => {
                    let reason = foreign.unwrap_or(reason);
                    self.blocked.push(BlockedChange { person: key.clone(), pool, reason, source: source(pool) });
                }
                TransitionDecision::Transition(step) => {
                    let subject = step.assigns.or(first_released(&step)).unwrap_or(PoolId(0));
                    if let Some(reason) = foreign {
                        self.blocked.push(BlockedChange {
                            person: key.clone(),
                            pool: subject,
                            reason,
                            source: source(subject),
                        });
                        continue;
                    }
                    let must_go =
                        target.is_some() && step.releases.iter().any(|given| absent_pools.contains(&given.pool));
                    let otherwise = match (ExclusiveSet { only_absent: true, ..slot }).decide(None) {
                        TransitionDecision::Transition(step) if must_go => Some(step),
                        _ => None,
                    };
                    let gone = first_released(&step).unwrap_or(subject);
                    let source = source(gone);
                    let entry = wish
                        .map(|wish| wish.entry)
                        .or_else(|| absent.iter().find(|(other, ..)| *other == gone).map(|(_, entry, _)| *entry));
                    let mut options = vec![step];
                    if options[0].assigns.is_some_and(|pool| !self.pools.get(pool).is_floor) {
                        let others = wish.map_or(&[][..], |wish| &wish.alternatives);
                        let taken = |pool: PoolId| {
                            family(pool) != of && targets.iter().any(|(target, _)| family(*target) == family(pool))
                        };
                        for alternative in others.iter().copied().filter(|pool| !taken(*pool)) {
                            let slot = ExclusiveSet { family: family(alternative), ..slot };
                            if let TransitionDecision::Transition(step) = slot.decide(Some(alternative)) {
                                options.push(step);
                            }
                        }
                    }
                    let priority = wish.map_or(0, |wish| wish.priority);
                    self.changes.push(CandidateChange {
                        person: key.clone(),
                        account: index,
                        priority,
                        options,
                        loss_while_waiting: otherwise,
                        source,
                        entry,
                    });
                }
            }
        }
    }

    /// Counts inherited holdings of a person who is not named.
    fn count_inherited(&mut self, family: &crate::profile::Family, holdings: &[(PoolId, &Holding)]) {
        for (pool, holding) in holdings {
            let state = self.pools.get(*pool);
            if state.family == *family
                && state.is_managed
                && holding.state.is_held()
                && holding.origin != crate::model::HoldingOrigin::Direct
            {
                self.inherited[pool.index()] += 1;
            }
        }
    }

    /// Returns the first entry that makes a license managed.
    fn managing_entry(&self, pool: PoolId) -> Option<Location> {
        let license = &self.pools.get(pool).license;
        let names =
            self.desired.entries.iter().filter(|entry| entry.ensure == Ensure::Present && entry.license == *license);
        names.map(|entry| entry.source).min()
    }
}
