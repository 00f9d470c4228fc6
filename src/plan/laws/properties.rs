//! Each law on random worlds.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use smol_str::SmolStr;

use super::oracle::{self, OracleAssignment};
use super::random_tenant::{RandomTenant, TenantScope, key, license, random_tenants};
use crate::model::{Effect, HoldingOrigin, Observation, OperationKind, Plan};

const ODD: TenantScope = TenantScope { odd: true, alternatives: true, over: true, people: 6 };
const PLAIN: TenantScope = TenantScope { odd: false, alternatives: false, over: false, people: 7 };
const OVER: TenantScope = TenantScope { over: true, ..PLAIN };

/// The account of a person.
fn account<'a>(observation: &'a Observation, person: &str) -> &'a crate::model::Account {
    observation.accounts.iter().find(|account| account.email == person).unwrap()
}

/// What everybody holds when all operations have succeeded.
fn apply(world: &RandomTenant, observation: &Observation, plan: &Plan) -> Observation {
    let rules = world.rules();
    let mut after = observation.clone();
    for operation in &plan.operations {
        let account = after.accounts.iter_mut().find(|account| account.id == operation.account).unwrap();
        assert_eq!(rules.expects(&account.holdings, &operation.license), operation.expects, "{operation:?}");
        account.holdings =
            rules.holdings_after(&account.holdings, operation.kind, &operation.license, operation.to.as_deref());
    }
    world.recount(&mut after);
    after
}

/// The gains and moves that only seats can prevent, by rank.
fn plain_assignments(world: &RandomTenant, observation: &Observation) -> Vec<OracleAssignment> {
    let mut wishes: Vec<OracleAssignment> = Vec::new();
    for (index, human) in world.people.iter().enumerate() {
        let Some(wish) = human.desired.filter(|wish| !(world.has_floor() && *wish == 0)) else { continue };
        let held: Vec<SmolStr> =
            account(observation, &key(index)).holdings.iter().map(|one| one.license.clone()).collect();
        if held.contains(&license(wish)) {
            continue;
        }
        let leaves = if world.kind == super::random_tenant::VendorKind::Set { Vec::new() } else { held };
        wishes.push(OracleAssignment { person: key(index), priority: human.priority, leaves, to: license(wish) });
    }
    wishes.sort_by_key(|wish| (std::cmp::Reverse(wish.priority), wish.person.clone()));
    wishes
}

/// Free seats when all losses are done.
fn free_after_losses(world: &RandomTenant, observation: &Observation, plan: &Plan) -> BTreeMap<SmolStr, i64> {
    let mut free = oracle::free_seats(world, observation);
    for operation in plan.operations.iter().filter(|one| one.effect == Effect::Loss) {
        if let Some(pool) = oracle::seats(observation, operation).0.and_then(|pool| free.get_mut(&pool)) {
            *pool += 1;
        }
    }
    free
}

/// Who of the plan moves or gains, by person.
fn admitted(plan: &Plan) -> BTreeSet<SmolStr> {
    let wished = |effect: Effect| matches!(effect, Effect::Gain | Effect::Move);
    plan.operations.iter().filter(|one| wished(one.effect)).map(|one| one.person.clone()).collect()
}

fn check_parking(world: &RandomTenant) -> Result<(), TestCaseError> {
    let observation = world.observation();
    let plan = world.plan(&observation, 0);
    let admitted = admitted(&plan);
    let mut free = free_after_losses(world, &observation, &plan);
    let mut moves = Vec::new();
    for wish in plain_assignments(world, &observation).into_iter().filter(|wish| admitted.contains(&wish.person)) {
        let limited: Vec<SmolStr> = wish.leaves.iter().filter(|pool| free.contains_key(*pool)).cloned().collect();
        if !free.contains_key(&wish.to) {
            for pool in limited {
                *free.get_mut(&pool).unwrap() += 1;
            }
        } else if !limited.is_empty() {
            moves.push(OracleAssignment { leaves: limited, ..wish });
        }
    }
    moves.sort_by(|a, b| a.person.cmp(&b.person));
    let parked: Vec<SmolStr> = plan
        .operations
        .iter()
        .filter(|one| one.parked)
        .map(|one| one.person.clone())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    prop_assert_eq!(parked, oracle::least_parked(&free, &moves), "{:#?}", plan.operations);
    Ok(())
}

fn check_admission(world: &RandomTenant) -> Result<(), TestCaseError> {
    let observation = world.observation();
    let plan = world.plan(&observation, 0);
    let wishes = plain_assignments(world, &observation);
    let best = oracle::best_by_rank(&free_after_losses(world, &observation, &plan), &wishes);
    let expected: BTreeSet<SmolStr> = wishes
        .iter()
        .enumerate()
        .filter(|(index, _)| best >> index & 1 == 1)
        .map(|(_, wish)| wish.person.clone())
        .collect();
    prop_assert_eq!(admitted(&plan), expected);
    let waiting: BTreeSet<SmolStr> = plan.waiting.iter().map(|one| one.person.clone()).collect();
    let others: BTreeSet<SmolStr> = wishes
        .iter()
        .enumerate()
        .filter(|(index, _)| best >> index & 1 == 0)
        .map(|(_, wish)| wish.person.clone())
        .collect();
    prop_assert_eq!(waiting, others);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws_1_and_3_hold_in_every_reachable_state(world in random_tenants(ODD)) {
        let observation = world.observation();
        let plan = world.plan(&observation, 0);
        prop_assume!(plan.operations.len() <= 14);
        for state in oracle::states(&plan) {
            if let Err(why) = oracle::check_state(&world, &observation, &plan, state) {
                prop_assert!(false, "{}\n{:#?}", why, plan.operations);
            }
        }
    }

    #[test]
    fn plan_is_consistent_and_every_change_has_operations(world in random_tenants(ODD)) {
        let plan = world.plan(&world.observation(), 0);
        prop_assert_eq!(crate::plan::verify(&plan), Ok(()));
        let count = |effect| plan.changes.iter().filter(|change| change.effect == effect).count() as u64;
        let summary = &plan.summary;
        prop_assert_eq!(
            [count(Effect::Gain), count(Effect::Move), count(Effect::Loss)],
            [summary.gains, summary.moves, summary.losses]
        );
    }

    #[test]
    fn law_2_orders_the_operations_of_a_person(world in random_tenants(ODD)) {
        let observation = world.observation();
        let plan = world.plan(&observation, 0);
        let mut done: Vec<&crate::model::OperationId> = Vec::new();
        for operation in &plan.operations {
            prop_assert!(operation.after.iter().all(|id| done.contains(&id)), "written before what comes first");
            for other in plan.operations.iter().filter(|other| other.account == operation.account && other.kind < operation.kind) {
                let same = world.rules().family(&other.license) == world.rules().family(&operation.license);
                prop_assert!(!same || done.contains(&&other.id), "{:?} after {:?}", operation, other);
            }
            done.push(&operation.id);
        }
    }

    #[test]
    fn law_3_parks_the_fewest(world in random_tenants(PLAIN)) {
        check_parking(&world)?;
    }

    #[test]
    fn law_3_parks_the_fewest_where_pools_are_over(world in random_tenants(OVER)) {
        check_parking(&world)?;
    }

    #[test]
    fn law_4_admits_the_best_set_by_rank(world in random_tenants(PLAIN)) {
        check_admission(&world)?;
    }

    #[test]
    fn law_4_admits_the_best_set_where_pools_are_over(world in random_tenants(OVER)) {
        check_admission(&world)?;
    }

    #[test]
    fn law_5_takes_nothing_from_an_incomplete_observation(world in random_tenants(ODD)) {
        let world = RandomTenant { complete: false, ..world };
        let plan = world.plan(&world.observation(), 0);
        prop_assert!(plan.operations.iter().all(|one| one.effect != Effect::Loss));
        prop_assert_eq!(plan.summary.losses, 0);
    }

    #[test]
    fn law_6_leaves_alone_what_is_not_ours(world in random_tenants(ODD)) {
        let observation = world.observation();
        let plan = world.plan(&observation, 0);
        for operation in &plan.operations {
            let account = observation.accounts.iter().find(|one| one.id == operation.account).unwrap();
            prop_assert_eq!(&account.origin, &crate::model::AccountOrigin::Managed);
            if operation.kind == OperationKind::Assign || operation.parked || operation.kind == OperationKind::Restore {
                continue;
            }
            let parked = plan.operations.iter().any(|one| one.account == operation.account && one.parked);
            let held: Vec<_> = account.holdings.iter().filter(|one| one.license == operation.license).collect();
            prop_assert!(parked || held.iter().any(|one| one.origin == HoldingOrigin::Direct), "{:?}", operation);
            let index: usize = operation.license[1..].parse().unwrap();
            let human = &world.people[operation.person[1..2].parse::<usize>().unwrap()];
            let asked = human.desired.is_some() || human.absent == Some(index);
            let managed = world.pools[index].managed || world.people.iter().any(|human| human.desired == Some(index));
            prop_assert!(managed || asked, "{:?}", operation);
        }
    }

    #[test]
    fn law_7_planning_again_is_empty(world in random_tenants(ODD)) {
        let observation = world.observation();
        let plan = world.plan(&observation, 0);
        let after = apply(&world, &observation, &plan);
        let again = world.plan(&after, 0);
        prop_assert!(again.operations.is_empty(), "first {:#?}\nagain {:#?}", plan.operations, again.operations);
        for (index, pool) in plan.pools.iter().enumerate() {
            prop_assert_eq!(pool.used_after, again.pools[index].used_before, "{:?}", pool);
        }
    }

    #[test]
    fn law_8_order_changes_nothing(world in random_tenants(ODD), turn in 1..6usize) {
        let mut observation = world.observation();
        let plan = world.plan(&observation, 0);
        observation.accounts.reverse();
        observation.pools.reverse();
        for account in &mut observation.accounts {
            account.holdings.reverse();
        }
        let turned = world.plan(&observation, turn);
        prop_assert_eq!(&plan.operations, &turned.operations);
        prop_assert_eq!(&plan.waiting, &turned.waiting);
        prop_assert_eq!(&plan.content, &turned.content);
    }

    #[test]
    fn law_9_edges_are_linear(world in random_tenants(TenantScope { people: 20, ..ODD })) {
        let plan = world.plan(&world.observation(), 0);
        let edges: usize = plan.operations.iter().map(|one| one.after.len()).sum();
        prop_assert!(edges <= 4 * plan.operations.len(), "{} edges of {} operations", edges, plan.operations.len());
    }

    #[test]
    fn whoever_could_take_an_alternative_does_not_wait(world in random_tenants(TenantScope { alternatives: true, ..PLAIN })) {
        let observation = world.observation();
        let plan = world.plan(&observation, 0);
        let after: BTreeMap<_, _> = plan.pools.iter().map(|pool| (pool.license.clone(), pool)).collect();
        for waiting in &plan.waiting {
            let human = &world.people[waiting.person[1..2].parse::<usize>().unwrap()];
            if let Some(other) = human.alternative.filter(|other| !(world.has_floor() && *other == 0)) {
                let pool = after[&license(other)];
                let free = pool.total.map(|total| total.saturating_sub(pool.reserve + pool.used_after));
                prop_assert_eq!(free, Some(0), "{:?} waits beside {:?}", waiting, pool);
            }
        }
    }
}
