//! Brute force: what the laws say, without any of the planner's ideas.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::random_tenant::{RandomTenant, license};
use crate::model::{Account, Effect, Observation, Operation, OperationKind, Plan};

/// Free seats of each pool before the plan; unlimited pools are missing.
pub(super) fn free_seats(world: &RandomTenant, observation: &Observation) -> BTreeMap<SmolStr, i64> {
    let mut free = BTreeMap::new();
    for (index, pool) in world.pools.iter().enumerate() {
        if world.has_floor() && index == 0 {
            continue;
        }
        if let Some(total) = pool.total {
            let used = observation.pools[index].used.unwrap_or(0);
            let signed = |number: u64| i64::try_from(number).unwrap();
            free.insert(license(index), signed(total) - signed(pool.reserve) - signed(used));
        }
    }
    free
}

/// What one operation does to seats: the pool that it frees, and the one that it takes from.
pub(super) fn seats(observation: &Observation, operation: &Operation) -> (Option<SmolStr>, Option<SmolStr>) {
    let account = observation.accounts.iter().find(|account| account.id == operation.account).unwrap();
    let frees = frees(account, &operation.license).then(|| operation.license.clone());
    match operation.kind {
        OperationKind::Cancel | OperationKind::Remove => (frees, None),
        OperationKind::Change => (frees, operation.to.clone()),
        OperationKind::Assign => (None, Some(operation.license.clone())),
        OperationKind::Restore | OperationKind::Release => (None, None),
    }
}

/// Whether a seat becomes free when the account's direct holding of the license goes.
fn frees(account: &Account, license: &str) -> bool {
    account.holdings.iter().any(|holding| holding.license == license && holding.uses_seat())
}

/// Every set of operations that an execution can have done: each with all that must come before.
pub(super) fn states(plan: &Plan) -> Vec<u32> {
    let number = |id: &crate::model::OperationId| plan.operations.iter().position(|one| one.id == *id).unwrap();
    let before: Vec<u32> = plan
        .operations
        .iter()
        .map(|one| one.after.iter().map(|id| 1 << number(id)).fold(0, |a: u32, b: u32| a | b))
        .collect();
    let mut seen = BTreeSet::from([0u32]);
    let mut open = vec![0u32];
    while let Some(state) = open.pop() {
        for (index, needed) in before.iter().enumerate() {
            let next = state | 1 << index;
            if state & needed == *needed && seen.insert(next) {
                open.push(next);
            }
        }
    }
    seen.into_iter().collect()
}

/// Laws 1 and 3 in one state: the seats that are free, and those that people who gave up theirs rely on.
pub(super) fn check_state(
    world: &RandomTenant,
    observation: &Observation,
    plan: &Plan,
    state: u32,
) -> Result<(), String> {
    let start = free_seats(world, observation);
    let mut free = start.clone();
    let mut arrived = BTreeSet::new();
    let mut relied: BTreeMap<SmolStr, i64> = BTreeMap::new();
    let parked: BTreeSet<&SmolStr> = plan.operations.iter().filter(|one| one.parked).map(|one| &one.person).collect();
    for (index, operation) in plan.operations.iter().enumerate() {
        let (frees, takes) = seats(observation, operation);
        if state >> index & 1 == 1 {
            if let Some(pool) = frees.as_ref().and_then(|pool| free.get_mut(pool)) {
                *pool += 1;
            }
            if let Some(name) = takes
                && let Some(pool) = free.get_mut(&name)
            {
                *pool -= 1;
                arrived.insert(name);
            }
        } else if let Some(name) =
            takes.filter(|_| operation.effect == Effect::Move && !parked.contains(&operation.person))
        {
            let gave_up = plan.operations.iter().enumerate().any(|(other, one)| {
                state >> other & 1 == 1
                    && one.account == operation.account
                    && one.kind == OperationKind::Remove
                    && operation.after.contains(&one.id)
                    && seats(observation, one).0.is_some()
            });
            if gave_up {
                *relied.entry(name).or_default() += 1;
            }
        }
    }
    for (pool, free) in &free {
        if arrived.contains(pool) && *free < 0 {
            return Err(format!("law 1: {pool} has {free} free seats after an arrival in state {state:b}"));
        }
        let relied = relied.get(pool).copied().unwrap_or(0);
        if relied > 0 && *free < relied {
            return Err(format!("law 3: {relied} people rely on {free} free seats of {pool} in state {state:b}"));
        }
    }
    Ok(())
}

/// One gain or move, as plain as can be.
#[derive(Clone, Debug)]
pub(super) struct OracleAssignment {
    pub(super) person: SmolStr,
    pub(super) priority: i64,
    pub(super) leaves: Vec<SmolStr>,
    pub(super) to: SmolStr,
}

/// Whether a set fits: every pool with an arrival ends with enough seats.
pub(super) fn fits(free: &BTreeMap<SmolStr, i64>, wishes: &[OracleAssignment], set: u32) -> bool {
    let mut free = free.clone();
    let mut receives = BTreeSet::new();
    for (index, wish) in wishes.iter().enumerate() {
        if set >> index & 1 == 1 {
            for pool in &wish.leaves {
                free.entry(pool.clone()).and_modify(|free| *free += 1);
            }
            free.entry(wish.to.clone()).and_modify(|free| *free -= 1);
            receives.insert(&wish.to);
        }
    }
    receives.iter().all(|pool| free.get(*pool).is_none_or(|free| *free >= 0))
}

/// Law 4: the best set by rank, of desired assignments sorted by rank.
pub(super) fn best_by_rank(free: &BTreeMap<SmolStr, i64>, wishes: &[OracleAssignment]) -> u32 {
    let count = wishes.len();
    // The bits of the highest rank weigh most.
    let weight = |set: u32| (0..count).fold(0u32, |sum, index| sum << 1 | (set >> index & 1));
    (0..1u32 << count).filter(|set| fits(free, wishes, *set)).max_by_key(|set| weight(*set)).unwrap()
}

/// Whether all moves can be made one after the other when those parked leave first and enter last.
pub(super) fn can_order(free: &BTreeMap<SmolStr, i64>, moves: &[OracleAssignment], parked: u32) -> bool {
    let mut free = free.clone();
    for (index, one) in moves.iter().enumerate() {
        if parked >> index & 1 == 1 {
            for pool in &one.leaves {
                free.entry(pool.clone()).and_modify(|free| *free += 1);
            }
        }
    }
    fn go(free: &mut BTreeMap<SmolStr, i64>, moves: &[OracleAssignment], left: u32, dead: &mut BTreeSet<u32>) -> bool {
        if left == 0 {
            return true;
        }
        if !dead.insert(left) {
            return false;
        }
        for (index, one) in moves.iter().enumerate() {
            if left >> index & 1 == 1 && free[&one.to] > 0 {
                *free.get_mut(&one.to).unwrap() -= 1;
                for pool in &one.leaves {
                    *free.get_mut(pool).unwrap() += 1;
                }
                if go(free, moves, left & !(1 << index), dead) {
                    return true;
                }
                *free.get_mut(&one.to).unwrap() += 1;
                for pool in &one.leaves {
                    *free.get_mut(pool).unwrap() -= 1;
                }
            }
        }
        false
    }
    let all = (1u32 << moves.len()) - 1;
    go(&mut free, moves, all & !parked, &mut BTreeSet::new())
}

/// Law 3: the least set of people to park, the first by key among equals; moves are sorted by key.
pub(super) fn least_parked(free: &BTreeMap<SmolStr, i64>, moves: &[OracleAssignment]) -> Vec<SmolStr> {
    let mut sets: Vec<u32> = (0..1u32 << moves.len()).collect();
    let people = |set: u32| -> Vec<SmolStr> {
        moves.iter().enumerate().filter(|(index, _)| set >> index & 1 == 1).map(|(_, one)| one.person.clone()).collect()
    };
    sets.sort_by_cached_key(|set| (set.count_ones(), people(*set)));
    people(sets.into_iter().find(|set| can_order(free, moves, *set)).unwrap())
}
