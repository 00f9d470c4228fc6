//! Visits: order, completeness and number.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use super::visits::{VisitLocation, group_into_visits};
use super::*;
use crate::plan::laws::random_tenant::{RandomTenant, TenantScope, random_tenants};
use crate::profile::definition::VisitBy;
use crate::report::plan::tests::{operation, plan};

const WAYS: [VisitBy; 3] = [VisitBy::Person, VisitBy::PersonInSubscription, VisitBy::License];

/// Returns the minimal number of visits, by trying every order of locations.
fn fewest(operations: &[&Operation], by: VisitBy) -> usize {
    let paths: Vec<VisitLocation> = operations.iter().map(|operation| location_of(operation, by)).collect();
    let kinds: BTreeSet<&VisitLocation> = paths.iter().collect();
    let number = |id: &OperationId| operations.iter().position(|operation| operation.id == *id);
    let mut reached: BTreeSet<u32> = BTreeSet::from([0]);
    let all = (1_u32 << operations.len()) - 1;
    for visits in 0.. {
        if reached.contains(&all) {
            return visits;
        }
        let mut next = BTreeSet::new();
        for done in &reached {
            for kind in &kinds {
                let (mut now, mut before) = (*done, *done);
                for (index, operation) in operations.iter().enumerate().filter(|(index, _)| paths[*index] == **kind) {
                    if operation.after.iter().filter_map(number).all(|id| before & (1 << id) != 0) {
                        now |= 1 << index;
                    }
                    if kind.is_stepwise() {
                        before = now;
                    }
                }
                next.insert(now);
            }
        }
        reached = next;
    }
    unreachable!()
}

fn location_of(operation: &Operation, by: VisitBy) -> VisitLocation {
    group_into_visits(&[operation], by).remove(0).location
}

/// Carries out visits and reports violations.
fn check(world: &RandomTenant, plan: &Plan, by: VisitBy) -> Result<usize, String> {
    let operations: Vec<&Operation> = plan.operations.iter().collect();
    let groups = group_into_visits(&operations, by);
    let numbers: BTreeMap<&OperationId, usize> =
        operations.iter().enumerate().map(|(number, operation)| (&operation.id, number)).collect();
    let observation = world.observation();
    let mut used: BTreeMap<&str, i64> = BTreeMap::new();
    let mut most: BTreeMap<&str, i64> = BTreeMap::new();
    for pool in &plan.pools {
        used.insert(&pool.license, i64::try_from(pool.used_before).unwrap());
        if let Some(total) = pool.total {
            let limit = i64::try_from(total).unwrap() - i64::try_from(pool.reserve).unwrap();
            most.insert(&pool.license, limit);
        }
    }
    let mut done: BTreeSet<usize> = BTreeSet::new();
    for group in &groups {
        let before = done.clone();
        for number in &group.operations {
            let operation = operations[*number];
            let known = if group.location.is_stepwise() { &done } else { &before };
            if let Some(open) = operation.after.iter().find(|id| !known.contains(&numbers[id])) {
                return Err(format!("{} comes before {open}", operation.id));
            }
            if !done.insert(*number) {
                return Err(format!("{} is in two visits", operation.id));
            }
            let account = observation.accounts.iter().find(|account| account.id == operation.account).unwrap();
            let held = account.holdings.iter().any(|held| held.license == operation.license && held.uses_seat());
            for (license, seats) in seats::seat_changes(operation) {
                let seats = i64::try_from(seats).unwrap();
                if seats > 0 || held || operation.parked {
                    *used.entry(license).or_default() += seats;
                }
                let taken = used[license.as_str()];
                if seats > 0 && most.get(license.as_str()).is_some_and(|most| taken > *most) {
                    return Err(format!("{} overfills {license}", operation.id));
                }
            }
        }
    }
    if done.len() == operations.len() { Ok(groups.len()) } else { Err("an operation is missing".to_owned()) }
}

proptest! {
    #[test]
    fn visits_keep_the_order_of_the_plan_and_never_overfill_a_pool(
        world in random_tenants(TenantScope { odd: true, alternatives: true, over: true, people: 12 })
    ) {
        let plan = world.plan(&world.observation(), 0);
        for by in WAYS {
            check(&world, &plan, by).map_err(TestCaseError::fail)?;
        }
    }

    #[test]
    fn small_plans_get_the_minimal_number_of_visits(
        world in random_tenants(TenantScope { odd: false, alternatives: false, over: true, people: 6 })
    ) {
        let plan = world.plan(&world.observation(), 0);
        prop_assume!(plan.operations.len() <= 12);
        for by in WAYS {
            let operations: Vec<&Operation> = plan.operations.iter().collect();
            prop_assert_eq!(group_into_visits(&operations, by).len(), fewest(&operations, by), "{:?}", by);
        }
    }

    #[test]
    fn locations_without_circular_dependencies_are_visited_once(
        made in prop::collection::vec((0..3usize, 0..4usize, prop::collection::vec(0..12usize, 0..3)), 1..10)
    ) {
        let operations: Vec<Operation> = made.iter().enumerate().map(|(number, (to, person, after))| {
            let after: BTreeSet<usize> = after.iter().map(|at| at % (number + 1)).filter(|at| *at < number).collect();
            let after: Vec<String> = after.iter().map(|at| format!("op-{at}")).collect();
            let parts = json!({ "account": format!("u-{person}"), "license": format!("L{to}"), "after": after });
            serde_json::from_value(operation(&format!("op-{number}"), parts)).unwrap()
        }).collect();
        let operations: Vec<&Operation> = operations.iter().collect();
        for by in WAYS {
            let locations: BTreeSet<VisitLocation> = operations.iter().map(|one| location_of(one, by)).collect();
            if fewest(&operations, by) == locations.len() {
                prop_assert_eq!(group_into_visits(&operations, by).len(), locations.len(), "{:?}", by);
            }
        }
    }
}

#[test]
fn large_plan_is_grouped_quickly() {
    // Everyone exchanges a license with the next person, so no first visit can finish a page.
    let people = 20_000;
    let operations: Vec<Operation> = (0..2 * people)
        .map(|number| {
            let (person, is_second) = (number % people, number >= people);
            let after =
                if is_second { vec![format!("op-{person}"), format!("op-{}", (person + 1) % people)] } else { vec![] };
            let kind = if is_second { "assign" } else { "remove" };
            let parts = json!({ "kind": kind, "account": format!("u-{person}"), "after": after });
            serde_json::from_value(operation(&format!("op-{number}"), parts)).unwrap()
        })
        .collect();
    let operations: Vec<&Operation> = operations.iter().collect();
    let began = std::time::Instant::now();
    let visits = group_into_visits(&operations, VisitBy::Person);
    assert!(visits.len() <= 2 * people, "{}", visits.len());
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

fn settings() -> TenantSettings {
    TenantSettings { name: "phones".into(), ..crate::adapter::file::state::tests::settings("phones") }
}

fn shown(plan: &Plan) -> String {
    let settings = settings();
    let rules = Rules::resolve(&settings).unwrap();
    let at = "2026-11-21T12:00:00Z".parse().unwrap();
    markdown(&RunbookInput {
        plan,
        tenant: &settings,
        rules: &rules,
        open: None,
        pools: None,
        notes: BTreeMap::new(),
        run: Some("run-1"),
        export: Some("exports/phones.csv".to_owned()),
        command: "reseat resume".to_owned(),
        at,
    })
}

#[test]
fn external_names_are_escaped() {
    let plan = plan(json!({ "operations": [
        operation("op-1", json!({ "license": "**X**](http://evil) <img src=x>", "person": "a`b\u{202e}@acme.example" })),
    ] }));
    let text = shown(&plan);
    // Text after a backslash is literal.
    let obeyed = text.replace("\\](", "").replace("\\<", "");
    assert!(!obeyed.contains("<img") && !obeyed.contains("](http") && !text.contains('\u{202e}'), "{text}");
    assert!(text.contains("\\<img src=x>"), "{text}");
}

#[test]
fn document_identifies_its_plan_and_operations() {
    let one = plan(json!({ "operations": [operation("op-1", json!({}))] }));
    let two = plan(json!({ "operations": [operation("op-1", json!({})), operation("op-2", json!({}))] }));
    let (one, two) = (shown(&one), shown(&two));
    assert!(embedded_digest(&one).is_some_and(|digest| digest.starts_with("sha256:")));
    assert_ne!(embedded_digest(&one), embedded_digest(&two));
    assert_eq!(embedded_digest("# Notes\n"), None);
}
