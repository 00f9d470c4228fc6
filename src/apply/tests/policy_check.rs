//! Plans that are denied under the lock although they passed when they were made.

use std::time::Duration;

use super::scenario::{Fault, InitialState, Scenario, outcome_names, recorded_usage};
use crate::apply::RunError;
use crate::model::{ChangeLimit, OperationKind, RollingWindow};

const START: InitialState = InitialState {
    accounts: &[("u-1", &["reader"]), ("u-2", &["reader"]), ("u-3", &["reader"])],
    pools: &[("reader", 3), ("editor", 3)],
    delay: Duration::ZERO,
    latency: Duration::ZERO,
    concurrency: 1,
};

/// A scenario that allows two losses a week.
fn world() -> Scenario {
    let mut world = Scenario::new(&START);
    world.policy.organization.losses =
        ChangeLimit { window: Some(RollingWindow { days: 7, count: 2 }), ..ChangeLimit::default() };
    world
}

/// Returns the codes of the findings that deny the plan.
async fn refused(world: &Scenario) -> Vec<String> {
    match world.try_apply().await {
        Err(RunError::Denied(findings)) => findings.into_iter().map(|finding| finding.code.to_string()).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn plan_that_exceeds_a_rolling_limit_with_others_sends_nothing() {
    let mut world = world();
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    assert_eq!(outcome_names(&world.apply().await), ["applied", "applied"]);
    let mut next = world.next();
    next.plan(OperationKind::Assign, "u-1", "editor", &[]);
    next.plan(OperationKind::Remove, "u-3", "reader", &[]);
    assert_eq!(refused(&next).await, ["P102"]);
    assert_eq!(next.tenant.sent().len(), 2);
    assert_eq!(recorded_usage(&next, "reader").await, (2, 2));
}

#[tokio::test]
async fn plan_without_a_loss_passes_an_exhausted_limit() {
    let mut world = world();
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.apply().await;
    let mut next = world.next();
    next.plan(OperationKind::Assign, "u-1", "editor", &[]);
    assert_eq!(outcome_names(&next.apply().await), ["applied"]);
}

#[tokio::test]
async fn resumed_plan_counts_once() {
    let mut world = world();
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.tenant.fault("remove u-2 reader", Fault::Refuse);
    assert_eq!(outcome_names(&world.apply().await), ["applied", "failed"]);
    world.tenant.heal();
    // One is done and one is left: two losses, not three.
    assert_eq!(outcome_names(&world.apply().await), ["already", "applied"]);
    assert_eq!(outcome_names(&world.apply().await), ["already", "already"], "what is done is not refused either");
}

#[tokio::test]
async fn recovered_operations_count_before_the_policy_check() {
    let mut world = world();
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.tenant.fault("remove u-2 reader", Fault::Hang);
    let ended = tokio::time::timeout(Duration::from_millis(200), world.apply()).await;
    assert!(ended.is_err(), "the run was to hang");
    tokio::time::sleep(Duration::from_millis(20)).await;
    world.tenant.heal();
    let mut next = world.next();
    next.plan(OperationKind::Remove, "u-3", "reader", &[]);
    assert_eq!(refused(&next).await, ["P102"]);
}
