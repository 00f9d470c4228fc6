//! Vendors that refuse, forget, dawdle or break off.

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
async fn what_the_vendor_calls_done_and_is_not_to_be_seen_has_failed() {
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.tenant.fault("remove u-1 reader", Fault::Ignore);
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["failed"]);
    assert_eq!(message(&conclusion, 0), "the vendor reported success, but nothing changed");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_settled_by_reading_and_not_by_sending_again() {
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.tenant.fault("remove u-1 reader", Fault::LoseAnswer);
    world.tenant.fault("remove u-2 reader", Fault::LoseRequest);
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "failed"]);
    assert_eq!(message(&conclusion, 1), "no effect, and no clear answer: the connection broke");
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
async fn what_the_vendor_refused_is_sent_again_by_the_next_run_of_the_plan() {
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.tenant.fault("remove u-1 reader", Fault::Refuse);
    assert_eq!(outcome_names(&world.apply().await), ["failed"]);
    world.tenant.heal();
    assert_eq!(outcome_names(&world.apply().await), ["applied"]);
}

#[tokio::test]
async fn whoever_does_not_get_the_new_license_gets_the_old_one_back() {
    let mut world = Scenario::new(&READERS);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.tenant.fault("assign u-1 editor", Fault::Refuse);
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "failed"]);
    assert_eq!(message(&conclusion, 1), "the vendor says no; rolled back to `reader`");
    assert_eq!(world.tenant.holds("u-1"), ["reader"]);
    let reader = Store::open_existing(&world.url()).await.unwrap().unwrap();
    let record = reader.run(&conclusion.run.run).await.unwrap().unwrap();
    assert_eq!(record.run, conclusion.run, "the history tells the operations of the plan, and only those");
}

#[tokio::test]
async fn whoever_cannot_get_the_old_license_back_is_named() {
    let mut world = Scenario::new(&READERS);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.tenant.fault("assign u-1 editor", Fault::Refuse);
    world.tenant.fault("assign u-1 reader", Fault::Refuse);
    let conclusion = world.apply().await;
    assert_eq!(
        message(&conclusion, 1),
        "the vendor says no; u-1@acme.example is left without a license: the rollback to \
         `reader` failed: the vendor says no"
    );
    let stranded = &conclusion.stranded[0];
    assert_eq!((&*stranded.person, &*stranded.lost, &*stranded.wanted), ("u-1@acme.example", "reader", "editor"));
    assert!(world.events.lock().unwrap().contains(&Event::Stranded(stranded.clone())));
}

#[tokio::test]
async fn a_seat_that_is_given_back_is_not_given_to_the_next_one() {
    // `u-3` would get the seat that `u-1` leaves; the reader pool is full.
    let mut world = Scenario::new(&READERS);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.plan_move("u-3", "owner", "reader", &["op-2", "op-1"]);
    world.tenant.fault("assign u-1 editor", Fault::Refuse);
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "failed", "skipped", "skipped"]);
    assert_eq!(world.tenant.holds("u-1"), ["reader"]);
    assert_eq!(world.tenant.holds("u-3"), ["owner"]);
}

#[tokio::test]
async fn whoever_was_parked_for_a_move_that_fails_gets_the_old_license_back() {
    // `u-1` is parked; its new seat comes free when `u-3` leaves it.
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-3", "owner", &["op-1"]);
    world.plan(OperationKind::Assign, "u-1", "owner", &["op-1", "op-2"]).on_failure =
        Some(crate::model::OnFailure::RollBack);
    world.tenant.fault("remove u-3 owner", Fault::Refuse);
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "failed", "skipped"]);
    assert_eq!(message(&conclusion, 2), "not sent: depends on `op-2` (failed); rolled back to `reader`");
    assert_eq!(world.tenant.holds("u-1"), ["reader"]);
}

#[tokio::test]
async fn what_is_accepted_is_waited_for_and_then_pending() {
    let start = InitialState { delay: Duration::from_millis(150), ..READERS };
    let mut world = Scenario::new(&start);
    world.wait = Duration::from_secs(5);
    world.plan(OperationKind::Remove, "u-3", "owner", &[]);
    assert_eq!(outcome_names(&world.apply().await), ["applied"]);

    let start = InitialState { delay: Duration::from_secs(3600), ..READERS };
    let mut world = Scenario::new(&start);
    world.plan_move("u-1", "reader", "editor", &[]);
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["pending", "skipped"], "what follows a pending operation is not sent");
    assert!(conclusion.is_unfinished());
    let again = world.apply().await;
    assert_eq!(outcome_names(&again), ["pending", "skipped"]);
    assert_eq!(world.tenant.sent(), ["remove u-1 reader"], "a pending operation is never sent again");
}

#[tokio::test]
async fn a_busy_vendor_is_waited_for() {
    let mut world = Scenario::new(&READERS);
    world.wait = Duration::from_secs(5);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.tenant.set_busy(Some("user audit"));
    let (conclusion, ()) = tokio::join!(world.apply(), async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert!(world.tenant.sent().is_empty());
        world.tenant.set_busy(None);
    });
    assert_eq!(outcome_names(&conclusion), ["applied"]);
}

#[tokio::test]
async fn a_vendor_that_stays_busy_is_sent_nothing() {
    let mut world = Scenario::new(&READERS);
    world.plan_move("u-1", "reader", "editor", &[]);
    world.tenant.set_busy(Some("user audit"));
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["skipped", "skipped"]);
    assert_eq!(message(&conclusion, 0), "the vendor was busy until the wait ended: user audit");
    assert!(conclusion.is_unfinished() && !conclusion.has_failed());
    assert!(world.tenant.sent().is_empty());
}

#[tokio::test]
async fn a_vendor_that_gets_busy_on_the_way_is_sent_nothing_more() {
    let start = InitialState { latency: Duration::from_millis(60), ..READERS };
    let mut world = Scenario::new(&start);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.plan(OperationKind::Remove, "u-3", "owner", &[]);
    let (conclusion, ()) = tokio::join!(world.apply(), async {
        while world.tenant.sent().len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        world.tenant.set_busy(Some("user audit"));
    });
    assert_eq!(outcome_names(&conclusion), ["applied", "skipped", "skipped"]);
    assert!(conclusion.is_unfinished() && !conclusion.has_failed());
    assert_eq!(world.tenant.sent(), ["remove u-1 reader", "remove u-2 reader"]);
}

#[tokio::test]
async fn an_adapter_that_breaks_off_leaves_its_operation_unknown_and_the_run_alive() {
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.tenant.fault("remove u-1 reader", Fault::BreakOff);
    assert_eq!(outcome_names(&world.apply().await), ["unknown", "applied"]);
}

#[tokio::test]
async fn losses_that_took_effect_are_counted_for_the_removal_limit() {
    let mut world = Scenario::new(&READERS);
    world.plan(OperationKind::Remove, "u-1", "reader", &[]);
    world.plan(OperationKind::Remove, "u-2", "reader", &[]);
    world.tenant.fault("remove u-2 reader", Fault::Refuse);
    world.apply().await;
    world.apply().await;
    assert_eq!(recorded_usage(&world, "reader").await, (1, 1), "what was refused counts not, and nothing counts twice");
}
