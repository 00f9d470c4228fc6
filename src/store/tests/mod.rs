//! The store: what is written is there after a crash, and only one run writes.

mod audit;
mod faults;
mod memory;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::{Entry, Reply, RunState, Store, StoreError, StoreUrl, Touch};
use crate::model::{
    Digest, Effect, Expects, Inputs, Operation, OperationId, OperationKind, Outcome, OutcomeSummary, Plan, Summary,
    Touched,
};

fn now() -> Timestamp {
    "2026-11-22T02:11:40Z".parse().unwrap()
}

fn operation(id: &str) -> Operation {
    Operation {
        id: OperationId(SmolStr::new(id)),
        kind: OperationKind::Remove,
        effect: Effect::Loss,
        tenant: "phones".into(),
        person: "ana@acme.example".into(),
        account: "u-1".into(),
        license: "X2".into(),
        to: None,
        after: Vec::new(),
        parked: false,
        loses: Vec::new(),
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        memberships: Vec::new(),
        expects: Expects { holdings: Digest::of_bytes(b"") },
        on_failure: None,
        why: String::new(),
        source: None,
    }
}

fn plan(content: &str) -> Arc<Plan> {
    Arc::new(Plan {
        format: Plan::FORMAT.into(),
        digest: Digest::of_bytes(content.as_bytes()),
        content: Digest::of_bytes(content.as_bytes()),
        created_at: now(),
        tool: "reseat".to_owned(),
        at: "2026-11-22".parse().unwrap(),
        inputs: Inputs {
            allow_removals: None,
            author: None,
            manifest: Digest::of_bytes(b"m"),
            policy: Digest::of_bytes(b"p"),
            observations: Default::default(),
        },
        summary: Summary::default(),
        operations: (1..=10).map(|number| operation(&format!("op-{number}"))).collect(),
        blocked: Vec::new(),
        waiting: Vec::new(),
        held: Vec::new(),
        pools: Vec::new(),
        findings: Vec::new(),
    })
}

async fn open(folder: &Path) -> Arc<Store> {
    Arc::new(Store::open(&StoreUrl::beside(folder), now()).await.unwrap())
}

#[tokio::test]
async fn reading_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Store::open_existing(&StoreUrl::beside(folder.path())).await.unwrap().is_none());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn default_folder_is_kept_out_of_git() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await;
    assert_eq!(std::fs::read_to_string(folder.path().join(".reseat/.gitignore")).unwrap(), "*\n");
}

#[tokio::test]
async fn runs_of_one_second_have_names_that_sort() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let first = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    let second = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    assert_eq!((first.id().as_str(), second.id().as_str()), ("run-20261122-021140-1", "run-20261122-021140-2"));
    let newest_first: Vec<_> = store.runs(10).await.unwrap().into_iter().map(|record| record.run.run).collect();
    assert_eq!(newest_first, [second.id().clone(), first.id().clone()]);
    assert_eq!(store.runs(1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_finished_run_is_read_back_whole_by_a_reader() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    let ids: Vec<_> = ["op-1", "op-10", "op-2"].iter().map(|id| OperationId(SmolStr::new(id))).collect();
    for id in &ids {
        let entry = Entry::Outcome { operation: id, outcome: Outcome::Failed, message: Some("no seat"), touches: &[] };
        journal.record(entry, now()).await.unwrap();
    }
    let summary = OutcomeSummary { failed: 3, ..OutcomeSummary::default() };
    journal.finish(RunState::Partial, &summary, now()).await.unwrap();

    let reader = Store::open_existing(&StoreUrl::beside(folder.path())).await.unwrap().unwrap();
    let record = reader.run("run-20261122-021140-1").await.unwrap().unwrap();
    let order: Vec<_> = record.run.outcomes.iter().map(|outcome| outcome.id.0.as_str()).collect();
    assert_eq!(order, ["op-1", "op-2", "op-10"]);
    assert_eq!(record.run.summary, summary);
    assert_eq!(record.run.outcomes[0].message.as_deref(), Some("no seat"));
    assert_eq!((record.state, record.finished, record.manifest.as_str()), (RunState::Partial, Some(now()), "seats"));
    assert!(reader.run("run-none").await.unwrap().is_none());
    assert!(Arc::new(reader).begin(&plan("b"), "seats", &[], None, now()).await.is_err(), "a reader begins no run");
}

#[tokio::test]
async fn what_was_sent_without_an_outcome_is_found_open() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    for id in ["op-1", "op-2", "op-3"] {
        journal.record(Entry::Sent(&operation(id)), now()).await.unwrap();
    }
    let (first, second) = (OperationId("op-1".into()), OperationId("op-2".into()));
    let done = Entry::Outcome { operation: &first, outcome: Outcome::Applied, message: None, touches: &[] };
    journal.record(done, now()).await.unwrap();
    let refused = Entry::Answered {
        operation: &second,
        reply: Reply::Refused,
        status: Some(409),
        message: Some("no seat is free"),
        body: None,
    };
    journal.record(refused, now()).await.unwrap();

    let unfinished = store.unfinished().await.unwrap();
    assert_eq!(unfinished.len(), 1);
    let open: Vec<_> =
        unfinished[0].unanswered.iter().map(|open| (open.operation.id.0.as_str(), open.refused.as_deref())).collect();
    assert_eq!(open, [("op-2", Some("no seat is free")), ("op-3", None)]);
    let earlier = store.earlier(&plan("a").digest).await.unwrap();
    assert_eq!(earlier.get(&first).map(|earlier| earlier.outcome), Some(Some(Outcome::Applied)));
    assert_eq!(earlier.get(&second), None, "a refusal leaves nothing in doubt");
    assert!(store.earlier(&plan("b").digest).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_second_run_is_told_who_holds_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::beside(folder.path());
    let held = Store::open(&url, now()).await.unwrap();
    let Err(StoreError::Locked { owner, since, until, fence }) = Store::open(&url, now()).await else {
        panic!("the lock lets two in")
    };
    assert!(owner.unwrap().ends_with(&format!(" (process {})", std::process::id())));
    assert_eq!((since, until, fence), (Some(now()), None, 1));
    assert!(Store::open_existing(&url).await.unwrap().is_some(), "reading needs no lock");
    held.close().await.unwrap();
    assert!(Store::open(&url, now()).await.is_ok());
}

/// Started by the test below as a process of its own: it takes the lock, says so and waits to be killed.
#[tokio::test]
async fn lock_holder_for_the_test_below() {
    let Some(folder) = crate::env::variable::read("RESEAT_TEST_LOCK_FOLDER") else { return };
    let _store = open(Path::new(&folder)).await;
    std::fs::write(Path::new(&folder).join("locked"), "").unwrap();
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[tokio::test]
async fn the_lock_dies_with_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::beside(folder.path());
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::tests::lock_holder_for_the_test_below"])
        .env("RESEAT_TEST_LOCK_FOLDER", folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !folder.path().join("locked").exists() {
        assert!(holder.try_wait().unwrap().is_none(), "the holder ended early");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(matches!(Store::open(&url, now()).await, Err(StoreError::Locked { .. })));
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(Store::open(&url, now()).await.is_ok());
}

#[tokio::test]
async fn what_is_no_database_is_an_error_and_not_an_empty_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    std::fs::write(&path, "this is a text and was never a database, whatever its name says".repeat(20)).unwrap();
    let url = StoreUrl::parse(&format!("sqlite:{}", path.display())).unwrap();
    assert!(matches!(Store::open_existing(&url).await, Err(StoreError::Foreign(..))));
    assert!(Store::open(&url, now()).await.is_err());
}

/// Counts one loss of `phones/X2` by an operation of a plan at that moment.
async fn lose(store: &Arc<Store>, content: &str, id: &str, at: &str) {
    let at: Timestamp = at.parse().unwrap();
    let journal = store.begin(&plan(content), "seats", &[], None, at).await.unwrap();
    let touched = Touched { losses: 1, changes: 1 };
    let touches = [Touch { tenant: "phones".into(), license: "X2".into(), touched }];
    let operation = OperationId(id.into());
    let entry = Entry::Outcome { operation: &operation, outcome: Outcome::Applied, message: None, touches: &touches };
    journal.record(entry, at).await.unwrap();
}

async fn losses(store: &Store, first: &str, without: Option<&str>) -> u64 {
    let without = without.map(|content| plan(content).digest.clone());
    let past = store.past(first.parse().unwrap(), without.as_ref()).await.unwrap();
    past.within("phones", "X2", "2026-11-22".parse().unwrap(), 10_000).losses
}

#[tokio::test]
async fn losses_are_counted_by_day_and_each_operation_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    lose(&store, "a", "op-1", "2026-11-20T23:59:59Z").await;
    lose(&store, "a", "op-2", "2026-11-22T01:00:00Z").await;
    lose(&store, "a", "op-2", "2026-11-22T03:00:00Z").await;
    lose(&store, "b", "op-2", "2026-11-23T00:00:00Z").await;
    assert_eq!(losses(&store, "2026-11-20", None).await, 3);
    assert_eq!(losses(&store, "2026-11-21", None).await, 2);
    assert_eq!(losses(&store, "2026-11-20", Some("a")).await, 1, "a plan can be asked for without its own");
    assert_eq!(losses(&store, "2026-11-20", Some("c")).await, 3);
}

#[tokio::test]
async fn clock_that_is_set_back_hides_nothing_from_the_days_to_come() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    lose(&store, "a", "op-1", "2026-11-22T01:00:00Z").await;
    lose(&store, "b", "op-1", "2020-01-01T01:00:00Z").await;
    assert_eq!(losses(&store, "2026-11-22", None).await, 2);
}
