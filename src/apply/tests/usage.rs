//! What a run counts toward the rolling limits.

use std::time::Duration;

use super::scenario::{Fault, InitialState, Scenario, outcome_names, recorded_usage};
use crate::model::{Effect, OperationKind, PoolSettings};

const START: InitialState = InitialState {
    accounts: &[("u-1", &["reader"]), ("u-2", &["reader"])],
    pools: &[("reader", 2), ("editor", 2)],
    delay: Duration::ZERO,
    latency: Duration::ZERO,
    concurrency: 1,
};

/// A scenario in which two people move from `reader` to `editor`.
fn moving() -> Scenario {
    let mut world = Scenario::new(&START);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.plan_move("u-2", "reader", "editor", &[]);
    for operation in world.operations() {
        operation.effect = Effect::Move;
    }
    world
}

#[tokio::test]
async fn move_counts_as_a_change_of_both_licenses() {
    let world = moving();
    assert_eq!(outcome_names(&world.apply().await), ["applied"; 4]);
    assert_eq!((recorded_usage(&world, "reader").await, recorded_usage(&world, "editor").await), ((0, 2), (0, 2)));
}

#[tokio::test]
async fn rollback_counts_as_no_loss_and_a_stranded_person_as_one() {
    let world = moving();
    for account in ["u-1", "u-2"] {
        world.tenant.fault(&format!("assign {account} editor"), Fault::Refuse);
    }
    world.tenant.fault("assign u-2 reader", Fault::Refuse);
    assert_eq!(outcome_names(&world.apply().await), ["applied", "failed", "applied", "failed"]);
    assert_eq!((world.tenant.holds("u-1"), world.tenant.holds("u-2")), (vec!["reader".to_owned()], Vec::new()));
    assert_eq!(recorded_usage(&world, "reader").await, (1, 2));
    assert_eq!(recorded_usage(&world, "editor").await, (0, 0));
    world.apply().await;
    assert_eq!(recorded_usage(&world, "reader").await, (1, 2), "the same plan counts once");
}

#[tokio::test]
async fn stopped_run_leaves_nobody_without_a_license() {
    let world = moving();
    let run = world.apply();
    let stop = async {
        while world.tenant.sent().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        world.stop.stop();
    };
    let (report, ()) = tokio::join!(run, stop);
    assert_eq!((world.tenant.holds("u-1").len(), world.tenant.holds("u-2").len()), (1, 1), "{report:?}");
    assert_eq!(recorded_usage(&world, "reader").await.0, 0, "{report:?}");
}

#[tokio::test]
async fn license_counts_under_the_name_of_the_vendor() {
    let mut world = Scenario::new(&START);
    world
        .settings
        .pools
        .insert("reader".into(), PoolSettings { name: Some("SKU-1".into()), ..PoolSettings::default() });
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    assert_eq!(outcome_names(&world.apply().await), ["applied"]);
    assert_eq!((recorded_usage(&world, "SKU-1").await, recorded_usage(&world, "reader").await), ((1, 1), (0, 0)));
}

#[tokio::test]
async fn unknown_operation_counts() {
    let mut world = Scenario::new(&START);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.tenant.fault("remove u-1 reader", Fault::BreakOff);
    assert_eq!(outcome_names(&world.apply().await), ["unknown"]);
    assert_eq!(recorded_usage(&world, "reader").await, (1, 1));
}
