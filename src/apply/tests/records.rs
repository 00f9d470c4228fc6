//! Runs that crash before and after every single record.

use std::time::Duration;

use super::scenario::{Fault, InitialState, Scenario, outcome_names};
use crate::apply::RunReport;
use crate::model::{OnFailure, OperationKind};

/// Two full pools with one person each, and one with free seats.
const RING: InitialState = InitialState {
    accounts: &[("a", &["reader"]), ("b", &["editor"]), ("c", &["reader"])],
    pools: &[("reader", 2), ("editor", 1), ("owner", 1)],
    delay: Duration::ZERO,
    latency: Duration::from_millis(20),
    concurrency: 2,
};

type Make = fn() -> Scenario;

/// A person moves to a pool with free seats.
fn moving() -> Scenario {
    let mut world = Scenario::in_memory(&RING);
    world.plan_move("a", "reader", "owner", &[]);
    world
}

/// One person is parked, so that two people can swap.
fn ring() -> Scenario {
    let mut world = Scenario::in_memory(&RING);
    world.plan(OperationKind::Remove, "a", "reader", &[]).parked = true;
    world.plan(OperationKind::Remove, "b", "editor", &["op-1"]);
    world.plan(OperationKind::Assign, "b", "reader", &["op-2"]).on_failure = Some(OnFailure::RollBack);
    world.plan(OperationKind::Assign, "a", "editor", &["op-1", "op-2"]).on_failure = Some(OnFailure::RollBack);
    world
}

/// The effect is delayed.
fn later() -> Scenario {
    let mut world = Scenario::in_memory(&InitialState { delay: Duration::from_secs(30), ..RING });
    world.plan_move("a", "reader", "owner", &[]);
    world.plan(OperationKind::Remove, "c", "reader", &[]);
    world
}

/// Changes are atomic; one person needs the seat of another.
fn exchanging() -> Scenario {
    let mut world = Scenario::atomic(&RING);
    world.plan_change("b", "editor", "owner", &[]);
    world.plan_change("a", "reader", "editor", &["op-1"]);
    world
}

/// Calls carry several operations.
fn together() -> Scenario {
    let mut world = moving();
    world.tenant.batch.store(8, std::sync::atomic::Ordering::SeqCst);
    world.plan(OperationKind::Remove, "c", "reader", &[]);
    world
}

/// The new license is refused.
fn giving_back() -> Scenario {
    let mut world = moving();
    world.tenant.fault("assign a owner", Fault::Refuse);
    world.plan(OperationKind::Remove, "c", "reader", &[]);
    world
}

/// Applies the plan until the crash, or to the end.
async fn apply_or_die(world: &Scenario) -> Option<RunReport> {
    tokio::select! {
        report = world.apply() => Some(report),
        () = world.memory().wait_until_stopped() => None,
    }
}

/// Crashes at a record, continues, and checks the result. Returns whether it crashed.
async fn survives(name: &str, make: Make, number: u64, before: bool) -> bool {
    let world = make();
    *world.dies_at.lock().unwrap() = Some((number, before));
    let died = apply_or_die(&world).await.is_none();
    let at = format!("{name}, {} record {number}", if before { "before" } else { "after" });
    let report = world.apply().await;
    let effects = world.tenant.effects();
    let mut once = effects.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), effects.len(), "{at}: something took effect twice: {effects:?}");
    for person in ["a", "b"] {
        let held = world.tenant.holds(person);
        assert_eq!(held.len(), 1, "{at}: {person} holds {held:?}: {effects:?} {report:#?}");
    }
    assert!(report.stranded.is_empty(), "{at}: {report:?}");
    assert!(!outcome_names(&report).contains(&"unknown"), "{at}: {report:?}");
    let before_it = effects.len();
    let again = world.apply().await;
    let more = world.tenant.effects();
    assert_eq!(more.len(), before_it, "{at}, died {died}: {report:?} and then {again:?} {more:?}");
    died
}

async fn every_record(name: &str, make: Make) {
    let world = make();
    world.apply().await;
    let records = world.memory().record_count();
    assert!(records >= 6, "{name} has only {records} records");
    for number in 1..=records {
        for before in [true, false] {
            // The last record ends the run, so a crash after it has no effect.
            assert!(survives(name, make, number, before).await || number == records, "{name} did not die at {number}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn move_survives_a_crash_at_every_record() {
    every_record("move", moving).await;
}

#[tokio::test(start_paused = true)]
async fn ring_survives_a_crash_at_every_record() {
    every_record("ring", ring).await;
}

#[tokio::test(start_paused = true)]
async fn exchange_survives_a_crash_at_every_record() {
    every_record("exchange", exchanging).await;
}

#[tokio::test(start_paused = true)]
async fn batch_survives_a_crash_at_every_record() {
    every_record("together", together).await;
}

#[tokio::test(start_paused = true)]
async fn delayed_effect_survives_a_crash_at_every_record() {
    every_record("later", later).await;
}

#[tokio::test(start_paused = true)]
async fn rollback_survives_a_crash_at_every_record() {
    every_record("roll back", giving_back).await;
}

#[tokio::test(start_paused = true)]
async fn next_plan_reports_people_whom_a_crash_left_between_two_licenses() {
    let mut world = moving();
    // Started, sent, answered and applied: it crashes before it requests the new license.
    *world.dies_at.lock().unwrap() = Some((5, true));
    assert!(apply_or_die(&world).await.is_none());
    assert_eq!(world.tenant.effects(), ["remove a reader"]);
    world = world.next();
    world.plan(OperationKind::Remove, "c", "reader", &[]);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied"]);
    let told: Vec<_> = report.stranded.iter().map(|stranded| (&*stranded.person, &*stranded.lost)).collect();
    assert_eq!(told, [("a@acme.example", "reader")]);
    assert!(report.has_failed());
    assert!(world.apply().await.stranded.is_empty(), "it is reported once");
}
