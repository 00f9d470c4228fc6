//! Runs that crash, and the runs after them.

use std::time::Duration;

use super::scenario::{Fault, InitialState, Scenario, message, outcome_names, recorded_usage};
use crate::apply::{Event, RunError};
use crate::model::{OperationKind, Outcome};
use crate::store::{RunState, Store, StoreError};

const READER: InitialState = InitialState {
    accounts: &[("u-1", &["reader"]), ("u-2", &["reader"])],
    pools: &[("reader", 9), ("editor", 9)],
    delay: Duration::ZERO,
    latency: Duration::ZERO,
    concurrency: 1,
};

/// Applies the plan, and crashes while the first operation is in flight.
async fn die_in_flight(world: &Scenario, fault: Fault) {
    world.tenant.fault("remove u-1 reader", fault);
    let ended = tokio::time::timeout(Duration::from_millis(200), world.apply()).await;
    assert!(ended.is_err(), "the run was to hang");
    // The tasks of the crashed run release the store one by one.
    tokio::time::sleep(Duration::from_millis(20)).await;
    world.tenant.heal();
}

#[tokio::test]
async fn operation_sent_before_a_crash_is_read_back_and_never_sent_twice() {
    let mut world = Scenario::new(&READER);
    world.plan_move("u-1", "reader", "editor", &[]);
    die_in_flight(&world, Fault::Hang).await;
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["already", "applied"], "{report:?}");
    assert_eq!(message(&report, 0), "sent by `run-20261121-100000-1`");
    assert_eq!(world.tenant.sent(), ["remove u-1 reader", "assign u-1 editor"]);

    let settled = world.events.lock().unwrap().iter().any(|event| {
        matches!(event, Event::Recovered { run, outcome: Outcome::Applied, .. } if run == "run-20261121-100000-1")
    });
    assert!(settled);
    let reader = Store::open_existing(&world.url()).await.unwrap().unwrap();
    let died = reader.run("run-20261121-100000-1").await.unwrap().unwrap();
    assert_eq!((died.state, died.run.summary.applied), (RunState::Interrupted, 1));
    assert!(died.finished.is_some());
    assert_eq!(recorded_usage(&world, "reader").await, (1, 1), "what an interrupted run did counts once");
}

#[tokio::test]
async fn operation_that_never_arrived_before_a_crash_fails() {
    let mut world = Scenario::new(&READER);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    die_in_flight(&world, Fault::HangBefore).await;
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["failed", "skipped", "applied"]);
    assert_eq!(message(&report, 0), "sent by `run-20261121-100000-1` without effect; plan again");
    assert_eq!(world.tenant.sent(), ["remove u-1 reader", "remove u-2 reader"]);
    assert_eq!(world.tenant.holds("u-1"), ["reader"]);
}

#[tokio::test]
async fn active_run_locks_others_out() {
    let mut world = Scenario::new(&READER);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.tenant.fault("remove u-1 reader", Fault::Hang);
    tokio::select! {
        _ = world.apply() => panic!("the run was to hang"),
        () = async {
            while world.tenant.sent().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            assert!(matches!(world.try_apply().await, Err(RunError::Store(StoreError::Locked { .. }))));
        } => {}
    }
}

#[tokio::test]
async fn recovery_does_not_wait_for_an_immediate_tenant() {
    // An operation that never arrived is sent.
    for (fault, expected) in [(Fault::Hang, ["already", "applied"]), (Fault::HangBefore, ["applied", "applied"])] {
        let mut world = Scenario::new(&READER);
        world.wait = Duration::from_secs(600);
        world.tenant.settled.store(true, std::sync::atomic::Ordering::SeqCst);
        world.plan_move("u-1", "reader", "editor", &[]);
        die_in_flight(&world, fault).await;
        let applied = tokio::time::timeout(Duration::from_secs(3), world.apply()).await;
        assert_eq!(outcome_names(&applied.expect("it waited")), expected);
    }
}
