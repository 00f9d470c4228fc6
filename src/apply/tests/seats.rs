//! Pools that moved since the plan, batches, and what is given back beside a license.

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

/// Three people are to move to editor, of which three seats were free.
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
async fn seats_that_somebody_took_since_the_plan_leave_the_last_ones_waiting_with_what_they_have() {
    let world = moving();
    world.tenant.meddle(OperationKind::Assign, "x", "editor");
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "applied", "applied", "applied", "skipped", "skipped"]);
    let moved = "pool `editor` changed since the plan: 1 of 3 seats used, the plan expected 0";
    assert_eq!((message(&conclusion, 4), message(&conclusion, 5)), (moved, moved));
    assert_eq!(conclusion.skipped_because(SkipReason::Waiting), 2);
    assert_eq!(world.tenant.holds("c"), ["reader"]);
    assert!(world.tenant.sent().iter().all(|sent| !sent.contains(" c ")));
    let is_told = |event: &Event| matches!(event, Event::PoolShort { waiting: 1, .. });
    assert_eq!(world.events.lock().unwrap().iter().filter(|event| is_told(event)).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn seats_that_somebody_takes_on_the_way_leave_the_others_waiting() {
    let world = moving();
    world.tenant.fault("assign a editor", Fault::Steal("x", "y"));
    let conclusion = world.apply().await;
    // `a` gets the last seat; the vendor has none for `b`, who gets the old one back; `c` gives up nothing.
    assert_eq!(
        outcome_names(&conclusion),
        ["applied", "applied", "applied", "failed", "skipped", "skipped"],
        "{conclusion:?}"
    );
    assert_eq!(message(&conclusion, 5), "pool `editor` changed since the plan: 3 of 3 seats used, the plan expected 1");
    assert_eq!((world.tenant.holds("b"), world.tenant.holds("c")), (vec!["reader".into()], vec!["reader".to_owned()]));
    assert!(conclusion.stranded.is_empty());
}

#[tokio::test(start_paused = true)]
async fn pool_that_is_as_the_plan_counted_on_leaves_nobody_waiting() {
    assert_eq!(outcome_names(&moving().apply().await), ["applied"; 6]);
}

#[tokio::test(start_paused = true)]
async fn memberships_are_given_back_with_the_old_license() {
    let mut world = Scenario::in_memory(&SHORT);
    world.plan_move("a", "reader", "editor", &[]);
    world.plan(OperationKind::Restore, "a", "editor", &[]).memberships = vec!["sales".into()];
    world.operations().last().unwrap().after = vec![OperationId(SmolStr::new("op-2"))];
    world.tenant.join("a", "sales");
    world.tenant.fault("assign a editor", Fault::Refuse);
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "failed", "skipped"]);
    assert_eq!(message(&conclusion, 1), "the vendor says no; rolled back to `reader`; memberships restored");
    assert_eq!(
        (world.tenant.holds("a"), world.tenant.memberships("a")),
        (vec!["reader".into()], vec!["sales".to_owned()])
    );
}

#[tokio::test(start_paused = true)]
async fn operations_go_together_where_the_adapter_takes_them_so() {
    let world = moving();
    world.tenant.batch.store(10, std::sync::atomic::Ordering::SeqCst);
    world.tenant.fault("remove b reader", Fault::Refuse);
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "applied", "failed", "skipped", "applied", "applied"]);
    let requests = world.tenant.requests.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(requests, 2, "the removals, and then what follows them");
}

#[tokio::test(start_paused = true)]
async fn of_what_went_together_only_what_had_no_effect_is_sent_again() {
    let world = moving();
    world.tenant.batch.store(10, std::sync::atomic::Ordering::SeqCst);
    world.tenant.fault("remove b reader", Fault::Unreachable(2));
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied"; 6]);
    let sent = world.tenant.sent();
    assert_eq!(sent.iter().filter(|sent| *sent == "remove b reader").count(), 3);
    assert_eq!(sent.iter().filter(|sent| *sent == "remove a reader").count(), 1);
}
