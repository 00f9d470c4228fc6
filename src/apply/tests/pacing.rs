//! Times of operations, in virtual time: pauses, retries, breakers, deadlines.

use std::time::Duration;

use super::scenario::{Fault, InitialState, Scenario, message, outcome_names};
use crate::apply::{Event, RunError};
use crate::model::{OperationKind, RateLimit, SkipReason};
use crate::store::StoreError;

const SEVEN: InitialState = InitialState {
    accounts: &[
        ("a", &["reader"]),
        ("b", &["reader"]),
        ("c", &["reader"]),
        ("d", &["reader"]),
        ("e", &["reader"]),
        ("f", &[]),
        ("g", &[]),
    ],
    pools: &[],
    delay: Duration::ZERO,
    latency: Duration::ZERO,
    concurrency: 1,
};

/// A scenario in which these people lose their license.
fn removing(people: &[&str]) -> Scenario {
    let mut world = Scenario::in_memory(&SEVEN);
    for person in people {
        world.plan(OperationKind::Remove, person, "reader", &[]);
    }
    world
}

fn count_events(world: &Scenario, is_it: impl Fn(&Event) -> bool) -> usize {
    world.events.lock().unwrap().iter().filter(|event| is_it(event)).count()
}

#[tokio::test(start_paused = true)]
async fn run_waits_out_a_requested_pause_and_retries() {
    let world = removing(&["a", "b"]);
    world.tenant.fault("remove a reader", Fault::Throttle(30, 2));
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "applied"]);
    assert_eq!(world.tenant.sent(), ["remove a reader", "remove a reader", "remove a reader", "remove b reader"]);
    assert_eq!(world.tenant.times(), [0, 30_000, 60_000, 60_000]);
    assert_eq!(count_events(&world, |event| matches!(event, Event::Throttled { .. })), 2);
    assert_eq!(count_events(&world, |event| matches!(event, Event::Retry { attempt: 2 | 3, of: 8, .. })), 2);
    let reader = world.kept.reader().await;
    let records = reader.records(&report.run.run).await.unwrap();
    let entries = serde_json::to_string(&records).unwrap();
    assert_eq!(entries.matches("\"sent\"").count(), 4, "each attempt is in the journal: {entries}");
}

#[tokio::test(start_paused = true)]
async fn unavailable_vendor_is_retried_with_backoff_and_a_limit() {
    let world = removing(&["a"]);
    world.tenant.fault("remove a reader", Fault::Unreachable(99));
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["failed"]);
    assert_eq!(message(&report, 0), "nobody is at home; gave up after 8 attempts");
    assert!(report.unreachable.contains("wiki"));
    let times = world.tenant.times();
    assert_eq!(times.len(), 8);
    for (pair, whole) in times.windows(2).zip([500, 1000, 2000, 4000, 8000, 16_000, 32_000]) {
        let pause = pair[1] - pair[0];
        assert!((whole / 2..=whole).contains(&pause), "{times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn pause_longer_than_the_wait_defers_all_operations() {
    let mut world = removing(&["a", "b"]);
    world.wait = Duration::from_secs(60);
    world.tenant.fault("remove a reader", Fault::Throttle(3600, 1));
    let report = world.apply().await;
    assert!(world.tenant.holds("a") == ["reader"] && world.tenant.holds("b") == ["reader"]);
    assert_eq!(world.tenant.sent(), ["remove a reader"], "{report:?}");
    assert!(report.busy.contains("wiki"), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn tenant_rates_spread_all_requests() {
    let mut world = removing(&["a", "b"]);
    world.settings.rates = vec![RateLimit { requests: 1, seconds: 10 }];
    world.wait = Duration::from_secs(1);
    assert_eq!(outcome_names(&world.apply().await), ["applied", "applied"], "rates use no wait budget");
    // One request for the busy state; then a check, the removal and a read-back for each.
    assert_eq!(world.tenant.times(), [20_000, 50_000]);
}

#[tokio::test(start_paused = true)]
async fn stopped_run_sends_nothing_that_waits_for_a_permit() {
    let mut world = removing(&["a", "b"]);
    world.settings.rates = vec![RateLimit { requests: 1, seconds: 10 }];
    let stop = world.stop.clone();
    // The account of `a` was read, and its removal waits for a token.
    let stopped = async {
        tokio::time::sleep(Duration::from_secs(15)).await;
        stop.stop();
    };
    let (report, ()) = tokio::join!(world.apply(), stopped);
    assert_eq!(outcome_names(&report), ["skipped", "skipped"]);
    assert_eq!((message(&report, 0), report.skipped_because(SkipReason::Stopped)), ("the run was stopped", 2));
    assert!(report.is_stopped && world.tenant.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn stopped_run_still_sends_the_assignment_that_closes_a_gap() {
    let mut world = Scenario::in_memory(&SEVEN);
    world.plan_move("a", "reader", "editor", &[]);
    world.settings.rates = vec![RateLimit { requests: 1, seconds: 10 }];
    let stop = world.stop.clone();
    // The removal was read back, and the assignment waits for a token.
    let stopped = async {
        tokio::time::sleep(Duration::from_secs(35)).await;
        stop.stop();
    };
    let (report, ()) = tokio::join!(world.apply(), stopped);
    assert_eq!(outcome_names(&report), ["applied", "applied"]);
    assert_eq!(world.tenant.times(), [20_000, 40_000]);
}

#[tokio::test(start_paused = true)]
async fn consecutive_failures_stop_removals_before_additions() {
    let mut world = removing(&["a", "b", "c", "d"]);
    world.plan(OperationKind::Assign, "f", "editor", &[]);
    world.plan(OperationKind::Assign, "g", "editor", &[]);
    for operation in ["remove a reader", "remove b reader", "remove c reader", "assign f editor", "assign g editor"] {
        world.tenant.fault(operation, Fault::Refuse);
    }
    let report = world.apply().await;
    let sent = world.tenant.sent();
    assert_eq!(sent[..3], ["remove a reader", "remove b reader", "remove c reader"]);
    assert_eq!(sent[3..], ["assign f editor", "assign g editor", "remove d reader"], "{report:?}");
    assert_eq!(world.tenant.times(), [0, 0, 0, 0, 0, 30_000]);
    assert_eq!(
        count_events(&world, |event| matches!(event, Event::BreakerOpened { removals_only: true, failures: 3, .. })),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn successful_probe_closes_the_breaker() {
    let world = removing(&["a", "b", "c", "d", "e"]);
    for person in ["a", "b", "c"] {
        world.tenant.fault(&format!("remove {person} reader"), Fault::Refuse);
    }
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["failed", "failed", "failed", "applied", "applied"]);
    assert_eq!(world.tenant.times(), [0, 0, 0, 30_000, 30_000]);
    assert_eq!(count_events(&world, |event| matches!(event, Event::BreakerClosed { .. })), 1);
}

#[tokio::test(start_paused = true)]
async fn run_gives_up_a_tenant_that_keeps_failing() {
    let start = InitialState { accounts: CROWD, ..SEVEN };
    let mut world = Scenario::in_memory(&start);
    world.wait = Duration::from_secs(3600);
    for (person, _) in CROWD {
        world.plan(OperationKind::Remove, person, "reader", &[]);
        world.tenant.fault(&format!("remove {person} reader"), Fault::Refuse);
    }
    let report = world.apply().await;
    assert!(report.skipped_because(SkipReason::Failing) > 0, "{:?}", outcome_names(&report));
    assert!(world.tenant.sent().len() < CROWD.len());
}

const CROWD: &[(&str, &[&str])] = &[
    ("p0", &["reader"]),
    ("p1", &["reader"]),
    ("p2", &["reader"]),
    ("p3", &["reader"]),
    ("p4", &["reader"]),
    ("p5", &["reader"]),
    ("p6", &["reader"]),
    ("p7", &["reader"]),
    ("p8", &["reader"]),
    ("p9", &["reader"]),
    ("q0", &["reader"]),
    ("q1", &["reader"]),
    ("q2", &["reader"]),
    ("q3", &["reader"]),
    ("q4", &["reader"]),
    ("q5", &["reader"]),
    ("q6", &["reader"]),
    ("q7", &["reader"]),
    ("q8", &["reader"]),
    ("q9", &["reader"]),
];

#[tokio::test(start_paused = true)]
async fn run_sends_nothing_new_after_its_deadline() {
    let start = InitialState { latency: Duration::from_secs(10), ..SEVEN };
    let mut world = Scenario::in_memory(&start);
    world.plan(OperationKind::Remove, "a", "reader", &[]);
    world.plan(OperationKind::Remove, "b", "reader", &[]);
    world.plan(OperationKind::Remove, "c", "reader", &[]);
    world.deadline = Some(Duration::from_secs(15));
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "applied", "skipped"]);
    assert_eq!(message(&report, 2), "the deadline of the run has passed");
    assert!(report.is_stopped && report.skipped_because(SkipReason::Deadline) == 1);
}

#[tokio::test(start_paused = true)]
async fn run_without_access_sends_nothing_more_and_rolls_back() {
    let mut world = Scenario::in_memory(&SEVEN);
    world.plan_move("a", "reader", "editor", &[]);
    world.plan(OperationKind::Remove, "b", "reader", &[]);
    world.tenant.fault("assign a editor", Fault::Deny);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "failed", "skipped"]);
    assert_eq!(message(&report, 1), "the key was revoked; rolled back to `reader`");
    assert_eq!(message(&report, 2), "not sent: `wiki` denied access: the key was revoked; rolled back to `reader`");
    assert_eq!((world.tenant.holds("a"), report.stranded.len()), (vec!["reader".to_owned()], 0));
    assert!(report.unreachable.contains("wiki"));
}

#[tokio::test(start_paused = true)]
async fn run_without_any_access_reports_stranded_people() {
    let mut world = Scenario::in_memory(&SEVEN);
    world.plan_move("a", "reader", "editor", &[]);
    world.plan_move("b", "reader", "editor", &[]);
    for operation in ["assign a editor", "assign a reader"] {
        world.tenant.fault(operation, Fault::Deny);
    }
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "failed", "skipped", "skipped"]);
    assert_eq!((report.stranded.len(), world.tenant.holds("b")), (1, vec!["reader".to_owned()]));
    assert_eq!(&*report.stranded[0].person, "a@acme.example");
}

#[tokio::test(start_paused = true)]
async fn run_that_lost_the_lock_sends_and_records_nothing() {
    let start = InitialState { latency: Duration::from_secs(10), ..SEVEN };
    let mut world = Scenario::in_memory(&start);
    world.plan(OperationKind::Remove, "a", "reader", &[]);
    world.plan(OperationKind::Remove, "b", "reader", &[]);
    let ((), ended) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            world.memory().steal_lock("another process");
        },
        world.try_apply()
    );
    assert!(matches!(ended, Err(RunError::Store(StoreError::LockLost))), "{ended:?}");
    assert_eq!(world.tenant.sent(), ["remove a reader"]);
    // The next run reads the operation back.
    assert_eq!(outcome_names(&world.apply().await), ["already", "applied"]);
    assert_eq!(world.tenant.effects(), ["remove a reader", "remove b reader"]);
}
