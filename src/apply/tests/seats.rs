//! Pools that changed since the plan, batches, and restored memberships.

use std::time::Duration;

use smol_str::SmolStr;

use super::scenario::{Fault, InitialState, Scenario, message, outcome_names};
use crate::apply::Event;
use crate::model::{OperationId, OperationKind, SkipReason};

const SHORT: InitialState = InitialState {
    accounts: &[("a", &["reader"]), ("b", &["reader"]), ("c", &["reader"]), ("x", &[]), ("y", &[])],
    pools: &[("reader", 9), ("editor", 3)],
    delay: Duration::ZERO,
    latency: Duration::ZERO,
    concurrency: 1,
};

/// Three people move to `editor`, which had three free seats.
fn moving() -> Scenario {
    let mut world = Scenario::in_memory(&SHORT);
    for person in ["a", "b", "c"] {
        world.plan_move(person, "reader", "editor", &[]);
    }
    world.plan_pool("editor", 3, 0);
    world.plan_pool("reader", 9, 3);
    world
}

#[tokio::test(start_paused = true)]
async fn lost_seats_leave_the_lowest_ranked_people_waiting() {
    let world = moving();
    world.tenant.meddle(OperationKind::Assign, "x", "editor");
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "applied", "applied", "applied", "skipped", "skipped"]);
    let moved = "pool `editor` changed since the plan: 1 of 3 seats used, the plan expected 0";
    assert_eq!((message(&report, 4), message(&report, 5)), (moved, moved));
    assert_eq!(report.skipped_because(SkipReason::Waiting), 2);
    assert_eq!(world.tenant.holds("c"), ["reader"]);
    assert!(world.tenant.sent().iter().all(|sent| !sent.contains(" c ")));
    let is_told = |event: &Event| matches!(event, Event::PoolShort { waiting: 1, .. });
    assert_eq!(world.events.lock().unwrap().iter().filter(|event| is_told(event)).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn seats_lost_during_the_run_leave_others_waiting() {
    let world = moving();
    world.tenant.fault("assign a editor", Fault::Steal("x", "y"));
    let report = world.apply().await;
    // `a` gets the last seat; `b` gets none and is rolled back; `c` gives up nothing.
    assert_eq!(outcome_names(&report), ["applied", "applied", "applied", "failed", "skipped", "skipped"], "{report:?}");
    assert_eq!(message(&report, 5), "pool `editor` changed since the plan: 3 of 3 seats used, the plan expected 1");
    assert_eq!((world.tenant.holds("b"), world.tenant.holds("c")), (vec!["reader".into()], vec!["reader".to_owned()]));
    assert!(report.stranded.is_empty());
}

#[tokio::test(start_paused = true)]
async fn unchanged_pool_leaves_nobody_waiting() {
    assert_eq!(outcome_names(&moving().apply().await), ["applied"; 6]);
}

#[tokio::test(start_paused = true)]
async fn rollback_restores_memberships() {
    let mut world = Scenario::in_memory(&SHORT);
    world.plan_move("a", "reader", "editor", &[]);
    world.plan(OperationKind::Restore, "a", "editor", &[]).memberships = vec!["sales".into()];
    world.operations().last().unwrap().after = vec![OperationId(SmolStr::new("op-2"))];
    world.tenant.join("a", "sales");
    world.tenant.fault("assign a editor", Fault::Refuse);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "failed", "skipped"]);
    assert_eq!(message(&report, 1), "the vendor says no; rolled back to `reader`; memberships restored");
    assert_eq!(
        (world.tenant.holds("a"), world.tenant.memberships("a")),
        (vec!["reader".into()], vec!["sales".to_owned()])
    );
}

#[tokio::test(start_paused = true)]
async fn batch_adapter_gets_operations_in_one_call() {
    let world = moving();
    world.tenant.batch.store(10, std::sync::atomic::Ordering::SeqCst);
    world.tenant.fault("remove b reader", Fault::Refuse);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "applied", "failed", "skipped", "applied", "applied"]);
    let requests = world.tenant.requests.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(requests, 2, "the removals, and then what follows them");
}

#[tokio::test(start_paused = true)]
async fn only_rejected_operations_of_a_batch_are_retried() {
    let world = moving();
    world.tenant.batch.store(10, std::sync::atomic::Ordering::SeqCst);
    world.tenant.fault("remove b reader", Fault::Unreachable(2));
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied"; 6]);
    let sent = world.tenant.sent();
    assert_eq!(sent.iter().filter(|sent| *sent == "remove b reader").count(), 3);
    assert_eq!(sent.iter().filter(|sent| *sent == "remove a reader").count(), 1);
}
