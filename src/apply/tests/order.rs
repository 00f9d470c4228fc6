//! Which operations are sent, in which order, and how many at a time.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::scenario::{Fault, InitialState, Scenario, count, message, outcome_names};
use crate::apply::Event;
use crate::model::{OperationKind, Outcome};

const TWO_READERS: InitialState = InitialState {
    accounts: &[("u-1", &["reader"]), ("u-2", &["reader"]), ("u-3", &[])],
    pools: &[("reader", 9), ("editor", 9)],
    delay: Duration::ZERO,
    latency: Duration::ZERO,
    concurrency: 1,
};

#[tokio::test]
async fn assignment_follows_the_removal_of_the_same_person() {
    let mut world = Scenario::new(&TWO_READERS);
    // The plan lists both removals first; each person's gap is still short.
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.plan(OperationKind::Assign, "u-1", "editor", &["op-1"]);
    world.plan(OperationKind::Assign, "u-2", "editor", &["op-2"]);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied"; 4]);
    assert!(!report.has_failed() && !report.is_unfinished());
    assert_eq!(
        world.tenant.sent(),
        ["remove u-1 reader", "assign u-1 editor", "remove u-2 reader", "assign u-2 editor"]
    );
}

#[tokio::test]
async fn run_uses_the_whole_concurrency_and_no_more() {
    let start = InitialState {
        accounts: &[("a", &[]), ("b", &[]), ("c", &[]), ("d", &[]), ("e", &[]), ("f", &[]), ("g", &[])],
        pools: &[],
        latency: Duration::from_millis(40),
        concurrency: 3,
        ..InitialState::default()
    };
    let mut world = Scenario::new(&start);
    for account in ["a", "b", "c", "d", "e", "f", "g"] {
        world.plan(OperationKind::Assign, account, "reader", &[]);
    }
    let report = world.apply().await;
    assert_eq!(count(&report, Outcome::Applied), 7);
    assert_eq!(world.tenant.most_in_flight.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn changed_person_is_skipped_with_dependents_and_others_continue() {
    let mut world = Scenario::new(&TWO_READERS);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.plan(OperationKind::Assign, "u-3", "reader", &["op-1"]);
    world.plan_move("u-2", "reader", "editor", &[]);
    world.tenant.meddle(OperationKind::Remove, "u-1", "reader");
    world.tenant.meddle(OperationKind::Assign, "u-1", "owner");
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["skipped", "skipped", "skipped", "applied", "applied"]);
    assert_eq!(
        message(&report, 0),
        "u-1@acme.example changed since the plan: holds `owner` now, but the plan removes `reader`"
    );
    assert_eq!(message(&report, 2), "not sent: depends on `op-1` (skipped)");
    assert_eq!(world.tenant.holds("u-1"), ["owner"]);
    assert!(report.has_failed());
}

#[tokio::test]
async fn effect_that_this_plan_did_not_cause_is_stale() {
    let mut world = Scenario::new(&TWO_READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.tenant.meddle(OperationKind::Remove, "u-1", "reader");
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["skipped"]);
    assert_eq!(
        message(&report, 0),
        "u-1@acme.example changed since the plan: holds no license now, but the plan removes `reader`"
    );
}

#[tokio::test]
async fn applied_plan_sends_nothing_again() {
    let mut world = Scenario::new(&TWO_READERS);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.apply().await;
    let again = world.apply().await;
    assert_eq!(outcome_names(&again), ["already", "already"]);
    assert_eq!(world.tenant.sent().len(), 2);
    assert!(!again.has_failed());
}

#[tokio::test]
async fn stopped_run_closes_open_gaps_and_sends_nothing_new() {
    let start = InitialState { latency: Duration::from_millis(80), ..TWO_READERS };
    let mut world = Scenario::new(&start);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    let stop = world.stop.clone();
    let (report, ()) = tokio::join!(world.apply(), async {
        while world.tenant.sent().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.stop();
    });
    assert_eq!(outcome_names(&report), ["applied", "applied", "skipped"]);
    assert!(report.is_stopped && report.has_failed() && report.stranded.is_empty());
    assert_eq!(message(&report, 2), "the run was stopped");
    assert_eq!(world.tenant.sent(), ["remove u-1 reader", "assign u-1 editor"]);
}

#[tokio::test]
async fn run_emits_events_for_every_operation() {
    let mut world = Scenario::new(&TWO_READERS);
    world.plan(OperationKind::Assign, "u-3", "reader", &[]);
    let report = world.apply().await;
    let id = report.run.outcomes[0].id.clone();
    let expected = [
        Event::Started { run: report.run.run.clone(), operations: 1 },
        Event::Sent { operation: id.clone() },
        Event::Done { operation: id, outcome: Outcome::Applied, message: None },
    ];
    assert_eq!(*world.events.lock().unwrap(), expected);
}

#[tokio::test]
async fn tenants_do_not_block_each_other() {
    let mut world = Scenario::new(&TWO_READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan_move("u-2", "reader", "editor", &[]);
    world.operations().skip(1).for_each(|operation| operation.tenant = "notes".into());
    world.tenant.fault("remove u-1 reader", Fault::Hang);
    let ended = tokio::time::timeout(Duration::from_millis(400), world.apply()).await;
    assert!(ended.is_err(), "the other tenant was to hang");
    assert_eq!(world.notes.holds("u-2"), ["editor"]);
}

#[tokio::test]
async fn unreachable_tenant_gets_nothing_and_others_continue() {
    let mut world = Scenario::new(&TWO_READERS);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]).tenant = "notes".into();
    world.tenant.unreachable.store(true, Ordering::SeqCst);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["skipped", "skipped", "applied"]);
    let expected = "not sent: the tenant could not be read: nobody answers (look at the network)";
    assert_eq!(message(&report, 0), expected);
    assert!(report.unreachable.contains("wiki") && report.unreachable.len() == 1);
    assert!(world.tenant.sent().is_empty());
}
