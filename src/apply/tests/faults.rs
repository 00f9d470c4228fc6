//! Vendors that refuse, lose requests, delay or crash.

use std::time::Duration;

use super::scenario::{Fault, InitialState, Scenario, message, outcome_names, recorded_usage};
use crate::apply::Event;
use crate::model::OperationKind;
use crate::store::Store;

const READERS: InitialState = InitialState {
    accounts: &[("u-1", &["reader"]), ("u-2", &["reader"]), ("u-3", &["owner"])],
    pools: &[("reader", 2), ("editor", 1), ("owner", 1)],
    delay: Duration::ZERO,
    latency: Duration::ZERO,
    concurrency: 1,
};

#[tokio::test]
async fn operation_reported_as_done_without_effect_fails() {
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.tenant.fault("remove u-1 reader", Fault::Ignore);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["failed"]);
    assert_eq!(message(&report, 0), "the vendor reported success, but nothing changed");
}

#[tokio::test]
async fn operation_with_a_lost_answer_is_read_back_and_not_sent_again() {
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.tenant.fault("remove u-1 reader", Fault::LoseAnswer);
    world.tenant.fault("remove u-2 reader", Fault::LoseRequest);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "failed"]);
    assert_eq!(message(&report, 1), "no effect, and no clear answer: the connection broke");
    assert_eq!(world.tenant.sent().len(), 2);
    world.tenant.heal();
    let again = world.apply().await;
    assert_eq!(
        outcome_names(&again),
        ["already", "failed"],
        "what may have been in effect is not sent by this plan again"
    );
    assert_eq!(world.tenant.sent().len(), 2);
}

#[tokio::test]
async fn next_run_of_the_plan_sends_a_refused_operation_again() {
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.tenant.fault("remove u-1 reader", Fault::Refuse);
    assert_eq!(outcome_names(&world.apply().await), ["failed"]);
    world.tenant.heal();
    assert_eq!(outcome_names(&world.apply().await), ["applied"]);
}

#[tokio::test]
async fn failed_assignment_is_rolled_back() {
    let mut world = Scenario::new(&READERS);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.tenant.fault("assign u-1 editor", Fault::Refuse);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "failed"]);
    assert_eq!(message(&report, 1), "the vendor says no; rolled back to `reader`");
    assert_eq!(world.tenant.holds("u-1"), ["reader"]);
    let reader = Store::open_existing(&world.url()).await.unwrap().unwrap();
    let record = reader.run(&report.run.run).await.unwrap().unwrap();
    assert_eq!(record.run, report.run, "the history tells the operations of the plan, and only those");
}

#[tokio::test]
async fn person_is_reported_as_stranded_when_the_rollback_fails() {
    let mut world = Scenario::new(&READERS);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.tenant.fault("assign u-1 editor", Fault::Refuse);
    world.tenant.fault("assign u-1 reader", Fault::Refuse);
    let report = world.apply().await;
    assert_eq!(
        message(&report, 1),
        "the vendor says no; u-1@acme.example is left without a license: the rollback to \
         `reader` failed: the vendor says no"
    );
    let stranded = &report.stranded[0];
    assert_eq!((&*stranded.person, &*stranded.lost, &*stranded.wanted), ("u-1@acme.example", "reader", "editor"));
    assert!(world.events.lock().unwrap().contains(&Event::Stranded(stranded.clone())));
}

#[tokio::test]
async fn rolled_back_seat_is_not_assigned_to_the_next_person() {
    // `u-3` needs the seat of `u-1`, because the reader pool is full.
    let mut world = Scenario::new(&READERS);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.plan_move("u-3", "owner", "reader", &["op-2", "op-1"]);
    world.tenant.fault("assign u-1 editor", Fault::Refuse);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "failed", "skipped", "skipped"]);
    assert_eq!(world.tenant.holds("u-1"), ["reader"]);
    assert_eq!(world.tenant.holds("u-3"), ["owner"]);
}

#[tokio::test]
async fn parked_person_is_rolled_back_when_the_move_fails() {
    // `u-1` is parked until `u-3` leaves the new seat.
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-3", "owner", &["op-1"]);
    world.plan(OperationKind::Assign, "u-1", "owner", &["op-1", "op-2"]).on_failure =
        Some(crate::model::OnFailure::RollBack);
    world.tenant.fault("remove u-3 owner", Fault::Refuse);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "failed", "skipped"]);
    assert_eq!(message(&report, 2), "not sent: depends on `op-2` (failed); rolled back to `reader`");
    assert_eq!(world.tenant.holds("u-1"), ["reader"]);
}

#[tokio::test]
async fn accepted_operation_is_awaited_and_then_pending() {
    let start = InitialState { delay: Duration::from_millis(150), ..READERS };
    let mut world = Scenario::new(&start);
    world.wait = Duration::from_secs(5);
    world.plan(OperationKind::Remove, "u-3", "owner", &[]);
    assert_eq!(outcome_names(&world.apply().await), ["applied"]);

    let start = InitialState { delay: Duration::from_secs(3600), ..READERS };
    let mut world = Scenario::new(&start);
    world.plan_move("u-1", "reader", "editor", &[]);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["pending", "skipped"], "what follows a pending operation is not sent");
    assert!(report.is_unfinished());
    let again = world.apply().await;
    assert_eq!(outcome_names(&again), ["pending", "skipped"]);
    assert_eq!(world.tenant.sent(), ["remove u-1 reader"], "a pending operation is never sent again");
}

#[tokio::test]
async fn run_waits_for_a_busy_vendor() {
    let mut world = Scenario::new(&READERS);
    world.wait = Duration::from_secs(5);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.tenant.set_busy(Some("user audit"));
    let (report, ()) = tokio::join!(world.apply(), async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert!(world.tenant.sent().is_empty());
        world.tenant.set_busy(None);
    });
    assert_eq!(outcome_names(&report), ["applied"]);
}

#[tokio::test]
async fn run_sends_nothing_to_a_vendor_that_stays_busy() {
    let mut world = Scenario::new(&READERS);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.tenant.set_busy(Some("user audit"));
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["skipped", "skipped"]);
    assert_eq!(message(&report, 0), "the vendor was busy until the wait ended: user audit");
    assert!(report.is_unfinished() && !report.has_failed());
    assert!(world.tenant.sent().is_empty());
}

#[tokio::test]
async fn run_sends_nothing_more_to_a_vendor_that_becomes_busy() {
    let start = InitialState { latency: Duration::from_millis(60), ..READERS };
    let mut world = Scenario::new(&start);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.plan(OperationKind::Remove, "u-3", "owner", &[]);
    let (report, ()) = tokio::join!(world.apply(), async {
        while world.tenant.sent().len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        world.tenant.set_busy(Some("user audit"));
    });
    assert_eq!(outcome_names(&report), ["applied", "skipped", "skipped"]);
    assert!(report.is_unfinished() && !report.has_failed());
    assert_eq!(world.tenant.sent(), ["remove u-1 reader", "remove u-2 reader"]);
}

#[tokio::test]
async fn adapter_panic_leaves_its_operation_unknown_and_the_run_continues() {
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.tenant.fault("remove u-1 reader", Fault::BreakOff);
    assert_eq!(outcome_names(&world.apply().await), ["unknown", "applied"]);
}

#[tokio::test]
async fn effective_losses_count_toward_the_removal_limit() {
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.tenant.fault("remove u-2 reader", Fault::Refuse);
    world.apply().await;
    world.apply().await;
    assert_eq!(recorded_usage(&world, "reader").await, (1, 1), "what was refused counts not, and nothing counts twice");
}
