//! Runs on random worlds that are undone: everybody holds what they held, or a finding says why not.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use smol_str::SmolStr;

use super::{Certainty, UndoRequest, waiting_findings};
use crate::diagnostic::Finding;
use crate::model::{Account, HoldingState, Observation, OnFailure, Operation, OperationId, OperationKind, Plan};
use crate::plan::laws::random_tenant::{RandomTenant, TenantScope, random_tenants};
use crate::profile::Simulator;

const ODD: TenantScope = TenantScope { odd: true, alternatives: true, over: true, people: 6 };
const PLAIN: TenantScope = TenantScope { odd: false, alternatives: false, over: false, people: 6 };

/// What an account holds, leftovers of requests aside.
fn holds(account: &Account) -> BTreeSet<(SmolStr, String, String, bool)> {
    let is_there = |state: &HoldingState| !matches!(state, HoldingState::Cancelled | HoldingState::Error);
    let held = account.holdings.iter().filter(|one| is_there(&one.state));
    held.map(|one| (one.license.clone(), one.state.as_str().to_owned(), one.origin.to_string(), one.trial)).collect()
}

fn account<'a>(observation: &'a Observation, id: &str) -> &'a Account {
    observation.accounts.iter().find(|account| account.id == id).unwrap()
}

/// Carries out what is not masked, as an executor would: what depends on something else that failed is not sent, and
/// an old license is restored.
fn execute_unmasked(
    simulator: &mut Simulator,
    plan: &Plan,
    fails: impl Fn(usize) -> bool,
) -> BTreeMap<OperationId, Certainty> {
    let mut sent = BTreeMap::new();
    let mut done: BTreeSet<&OperationId> = BTreeSet::new();
    for (index, operation) in plan.operations.iter().enumerate() {
        let is_ready = operation.after.iter().all(|id| done.contains(id));
        if is_ready && !fails(index) && simulator.execute(operation, Timestamp::UNIX_EPOCH).is_ok() {
            sent.insert(operation.id.clone(), Certainty::Confirmed);
            done.insert(&operation.id);
        } else if operation.on_failure == Some(OnFailure::RollBack) {
            roll_back(simulator, plan, operation, &done);
        }
    }
    sent
}

fn roll_back(simulator: &mut Simulator, plan: &Plan, failed: &Operation, done: &BTreeSet<&OperationId>) {
    let removal = plan.operations.iter().find(|one| {
        one.kind == OperationKind::Remove && one.account == failed.account && failed.after.contains(&one.id)
    });
    if let Some(removal) = removal.filter(|removal| done.contains(&removal.id)) {
        let back = Operation { kind: OperationKind::Assign, ..removal.clone() };
        // Another person may use the seat by now.
        drop(simulator.execute(&back, Timestamp::UNIX_EPOCH));
    }
}

/// The plan that reverts what was sent, with all notes.
fn undo(
    world: &RandomTenant,
    plan: &Plan,
    sent: &BTreeMap<OperationId, Certainty>,
    now: &Observation,
) -> (Plan, Vec<Finding>) {
    let rules = BTreeMap::from([(SmolStr::from("t"), world.rules())]);
    let observations = BTreeMap::from([(SmolStr::from("t"), now.clone())]);
    let undoing = UndoRequest {
        run: "run-1",
        plan,
        sent,
        desired: &world.desired(0),
        rules: &rules,
        observations: &observations,
    };
    let undone = undoing.target();
    let made = world.plan_for(&undone.desired, now);
    let mut findings = undone.findings;
    findings.extend(waiting_findings("run-1", &made.waiting));
    (made, findings)
}

/// Everyone with a note, or whom the plan leaves out.
fn named(plan: &Plan, findings: &[Finding]) -> BTreeSet<SmolStr> {
    let blocked = plan.blocked.iter().map(|one| one.person.clone());
    let held = plan.held.iter().map(|one| one.person.clone());
    findings.iter().flat_map(|finding| finding.people.iter().cloned()).chain(blocked).chain(held).collect()
}

fn check(world: &RandomTenant, mask: u32, meddled: Option<usize>) -> Result<(), TestCaseError> {
    // A floor that was requested and cancelled is nothing that a vendor has.
    let floored = world.people.iter().flat_map(|human| &human.held).any(|held| held.license == 0 && held.state != 0);
    prop_assume!(!(world.has_floor() && floored));
    let before = world.observation();
    let plan = world.plan(&before, 0);
    let mut simulator = Simulator::new(world.rules(), Duration::ZERO, before.clone());
    let sent = execute_unmasked(&mut simulator, &plan, |index| mask >> (index % 32) & 1 == 1);
    if let Some(operation) = meddled.and_then(|index| plan.operations.get(index)) {
        let back = Operation { kind: OperationKind::Remove, to: None, ..operation.clone() };
        drop(simulator.execute(&back, Timestamp::UNIX_EPOCH));
    }
    let now = simulator.state().clone();
    let (undoing, findings) = undo(world, &plan, &sent, &now);
    let touched: BTreeSet<&SmolStr> =
        plan.operations.iter().filter(|one| sent.contains_key(&one.id)).map(|one| &one.account).collect();
    for operation in &undoing.operations {
        prop_assert!(touched.contains(&operation.account), "{:?} is of nobody whom the run changed", operation);
        let answer = simulator.execute(operation, Timestamp::UNIX_EPOCH);
        prop_assert!(answer.is_ok(), "{:?}: {:?}", operation, answer);
    }
    let after = simulator.state().clone();
    let named = named(&undoing, &findings);
    for account_before in &before.accounts {
        let (left, end) = (account(&now, &account_before.id), account(&after, &account_before.id));
        if touched.contains(&account_before.id) {
            let is_back = holds(end) == holds(account_before);
            let is_told = named.contains(&account_before.email);
            prop_assert!(
                is_back || is_told || meddled.is_some(),
                "{} held {:?}, was left with {:?}, and holds {:?}: {:?} {:#?}",
                account_before.id,
                holds(account_before),
                holds(left),
                holds(end),
                findings,
                plan.operations
            );
        } else {
            prop_assert_eq!(holds(left), holds(end), "nobody touched {}", account_before.id);
        }
    }
    let (again, _) = undo(world, &plan, &sent, &after);
    let waits: BTreeSet<&SmolStr> = undoing.waiting.iter().map(|one| &one.person).collect();
    let rest: Vec<_> = again.operations.iter().filter(|one| !waits.contains(&one.person)).collect();
    prop_assert!(rest.is_empty(), "undoing again would {:#?}", rest);
    Ok(())
}

proptest! {
    #[test]
    fn undone_run_leaves_everybody_with_what_they_held(world in random_tenants(PLAIN), mask in any::<u32>(), all in any::<bool>()) {
        check(&world, if all { 0 } else { mask }, None)?;
    }

    #[test]
    fn undone_run_of_an_odd_world_says_who_does_not_hold_what_they_held(
        world in random_tenants(ODD), mask in any::<u32>(), all in any::<bool>(),
    ) {
        check(&world, if all { 0 } else { mask & mask.rotate_left(7) }, None)?;
    }

    #[test]
    fn who_was_changed_by_somebody_else_since_is_left_alone(
        world in random_tenants(PLAIN), mask in any::<u32>(), meddled in 0usize..6,
    ) {
        check(&world, mask & mask.rotate_left(7), Some(meddled))?;
    }
}

#[test]
fn unconfirmed_operation_is_reported() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let told = (0..200).any(|_| {
        let world = random_tenants(PLAIN).new_tree(&mut runner).unwrap().current();
        let before = world.observation();
        let plan = world.plan(&before, 0);
        let sent = plan.operations.iter().take(1).map(|one| (one.id.clone(), Certainty::Unconfirmed)).collect();
        let (undoing, findings) = undo(&world, &plan, &sent, &before);
        assert!(undoing.operations.is_empty(), "nothing is to be seen of it, and so nothing is taken back");
        findings.iter().any(|finding| finding.code == crate::diagnostic::catalog::plan::UNDO_UNRESOLVED.id)
    });
    assert!(told, "no world has a plan");
}
