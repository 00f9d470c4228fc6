//! When operations are sent, in virtual time: rests, attempts, breakers, deadlines.

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

/// A world in which so many people are to lose what they hold.
fn removing(people: &[&str]) -> Scenario {
    let mut world = Scenario::in_memory(&SEVEN);
    for person in people {
        world.plan(OperationKind::Remove, person, "reader", &[]);
    }
    world
}

fn told(world: &Scenario, is_it: impl Fn(&Event) -> bool) -> usize {
    world.events.lock().unwrap().iter().filter(|event| is_it(event)).count()
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_asks_for_a_rest_is_left_alone_so_long_and_then_asked_again() {
    let world = removing(&["a", "b"]);
    world.tenant.fault("remove a reader", Fault::Throttle(30, 2));
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "applied"]);
    assert_eq!(world.tenant.sent(), ["remove a reader", "remove a reader", "remove a reader", "remove b reader"]);
    assert_eq!(world.tenant.times(), [0, 30_000, 60_000, 60_000]);
    assert_eq!(told(&world, |event| matches!(event, Event::Throttled { .. })), 2);
    assert_eq!(told(&world, |event| matches!(event, Event::Retry { attempt: 2 | 3, of: 8, .. })), 2);
    let reader = world.kept.reader().await;
    let records = reader.records(&conclusion.run.run).await.unwrap();
    let told = serde_json::to_string(&records).unwrap();
    assert_eq!(told.matches("\"sent\"").count(), 4, "each attempt is in the journal: {told}");
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_sent_is_sent_again_later_and_later_and_not_for_ever() {
    let world = removing(&["a"]);
    world.tenant.fault("remove a reader", Fault::Unreachable(99));
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["failed"]);
    assert_eq!(message(&conclusion, 0), "nobody is at home; gave up after 8 attempts");
    assert!(conclusion.unreachable.contains("wiki"));
    let times = world.tenant.times();
    assert_eq!(times.len(), 8);
    for (pair, whole) in times.windows(2).zip([500, 1000, 2000, 4000, 8000, 16_000, 32_000]) {
        let pause = pair[1] - pair[0];
        assert!((whole / 2..=whole).contains(&pause), "{times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rest_that_is_longer_than_the_wait_defers_the_rest() {
    let mut world = removing(&["a", "b"]);
    world.wait = Duration::from_secs(60);
    world.tenant.fault("remove a reader", Fault::Throttle(3600, 1));
    let conclusion = world.apply().await;
    assert!(world.tenant.holds("a") == ["reader"] && world.tenant.holds("b") == ["reader"]);
    assert_eq!(world.tenant.sent(), ["remove a reader"], "{conclusion:?}");
    assert!(conclusion.busy.contains("wiki"), "{conclusion:?}");
}

#[tokio::test(start_paused = true)]
async fn rates_of_the_tenant_spread_all_requests() {
    let mut world = removing(&["a", "b"]);
    world.settings.rates = vec![RateLimit { requests: 1, seconds: 10 }];
    world.wait = Duration::from_secs(1);
    assert_eq!(outcome_names(&world.apply().await), ["applied", "applied"], "a pace costs no patience");
    // Whether it is busy; then a look, the removal, and a look for each.
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
async fn after_some_failures_nothing_is_taken_away_and_what_gives_goes_on() {
    let mut world = removing(&["a", "b", "c", "d"]);
    world.plan(OperationKind::Assign, "f", "editor", &[]);
    world.plan(OperationKind::Assign, "g", "editor", &[]);
    for operation in ["remove a reader", "remove b reader", "remove c reader", "assign f editor", "assign g editor"] {
        world.tenant.fault(operation, Fault::Refuse);
    }
    let conclusion = world.apply().await;
    let sent = world.tenant.sent();
    assert_eq!(sent[..3], ["remove a reader", "remove b reader", "remove c reader"]);
    assert_eq!(sent[3..], ["assign f editor", "assign g editor", "remove d reader"], "{conclusion:?}");
    assert_eq!(world.tenant.times(), [0, 0, 0, 0, 0, 30_000]);
    assert_eq!(told(&world, |event| matches!(event, Event::BreakerOpened { removals_only: true, failures: 3, .. })), 1);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_works_again_closes_its_breaker() {
    let world = removing(&["a", "b", "c", "d", "e"]);
    for person in ["a", "b", "c"] {
        world.tenant.fault(&format!("remove {person} reader"), Fault::Refuse);
    }
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["failed", "failed", "failed", "applied", "applied"]);
    assert_eq!(world.tenant.times(), [0, 0, 0, 30_000, 30_000]);
    assert_eq!(told(&world, |event| matches!(event, Event::BreakerClosed { .. })), 1);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_never_works_is_given_up() {
    let start = InitialState { accounts: CROWD, ..SEVEN };
    let mut world = Scenario::in_memory(&start);
    world.wait = Duration::from_secs(3600);
    for (person, _) in CROWD {
        world.plan(OperationKind::Remove, person, "reader", &[]);
        world.tenant.fault(&format!("remove {person} reader"), Fault::Refuse);
    }
    let conclusion = world.apply().await;
    assert!(conclusion.skipped_because(SkipReason::Failing) > 0, "{:?}", outcome_names(&conclusion));
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
async fn a_run_that_took_its_time_sends_nothing_new() {
    let start = InitialState { latency: Duration::from_secs(10), ..SEVEN };
    let mut world = Scenario::in_memory(&start);
    world.plan(OperationKind::Remove, "a", "reader", &[]);
    world.plan(OperationKind::Remove, "b", "reader", &[]);
    world.plan(OperationKind::Remove, "c", "reader", &[]);
    world.deadline = Some(Duration::from_secs(15));
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "applied", "skipped"]);
    assert_eq!(message(&conclusion, 2), "the deadline of the run has passed");
    assert!(conclusion.is_stopped && conclusion.skipped_because(SkipReason::Deadline) == 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_let_in_sends_nothing_more_and_gives_back_what_they_can() {
    let mut world = Scenario::in_memory(&SEVEN);
    world.plan_move("a", "reader", "editor", &[]);
    world.plan(OperationKind::Remove, "b", "reader", &[]);
    world.tenant.fault("assign a editor", Fault::Deny);
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "failed", "skipped"]);
    assert_eq!(message(&conclusion, 1), "the key was revoked; rolled back to `reader`");
    assert_eq!(message(&conclusion, 2), "not sent: `wiki` denied access: the key was revoked; rolled back to `reader`");
    assert_eq!((world.tenant.holds("a"), conclusion.stranded.len()), (vec!["reader".to_owned()], 0));
    assert!(conclusion.unreachable.contains("wiki"));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_let_in_at_all_says_who_is_left_without_a_license() {
    let mut world = Scenario::in_memory(&SEVEN);
    world.plan_move("a", "reader", "editor", &[]);
    world.plan_move("b", "reader", "editor", &[]);
    for operation in ["assign a editor", "assign a reader"] {
        world.tenant.fault(operation, Fault::Deny);
    }
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "failed", "skipped", "skipped"]);
    assert_eq!((conclusion.stranded.len(), world.tenant.holds("b")), (1, vec!["reader".to_owned()]));
    assert_eq!(&*conclusion.stranded[0].person, "a@acme.example");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_lost_the_lock_sends_nothing_more_and_writes_nothing() {
    let start = InitialState { latency: Duration::from_secs(10), ..SEVEN };
    let mut world = Scenario::in_memory(&start);
    world.plan(OperationKind::Remove, "a", "reader", &[]);
    world.plan(OperationKind::Remove, "b", "reader", &[]);
    let ((), ended) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            world.memory().steal_lock("somebody else");
        },
        world.try_apply()
    );
    assert!(matches!(ended, Err(RunError::Store(StoreError::LockLost))), "{ended:?}");
    assert_eq!(world.tenant.sent(), ["remove a reader"]);
    // Whoever comes next reads what came of it.
    assert_eq!(outcome_names(&world.apply().await), ["already", "applied"]);
    assert_eq!(world.tenant.effects(), ["remove a reader", "remove b reader"]);
}
