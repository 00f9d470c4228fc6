//! Tests of reading runs back.

use std::sync::Arc;

use smol_str::SmolStr;

use super::storage::{TestStorage, on_every_storage};
use super::{now, operation, plan};
use crate::model::{OperationId, Outcome, OutcomeSummary, RecordedReply, RunState};
use crate::store::{JournalEntry, RunLinks};

on_every_storage!(
    names_of_runs_in_one_second_are_sortable,
    reader_reads_a_finished_run,
    sent_operation_without_an_outcome_is_unresolved,
    plan_is_stored_once_and_read_back,
    links_between_runs_are_stored,
);

async fn names_of_runs_in_one_second_are_sortable(storage: TestStorage) {
    let store = storage.open().await;
    let first = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    let second = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    assert_eq!((first.id().as_str(), second.id().as_str()), ("run-20261122-021140-1", "run-20261122-021140-2"));
    let newest_first: Vec<_> = store.runs(10).await.unwrap().into_iter().map(|record| record.run.run).collect();
    assert_eq!(newest_first, [second.id().clone(), first.id().clone()]);
    assert_eq!(store.runs(1).await.unwrap().len(), 1);
}

async fn reader_reads_a_finished_run(storage: TestStorage) {
    let store = storage.open().await;
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    let ids: Vec<_> = ["op-1", "op-10", "op-2"].iter().map(|id| OperationId(SmolStr::new(id))).collect();
    for id in &ids {
        let entry =
            JournalEntry::Outcome { operation: id, outcome: Outcome::Failed, message: Some("no seat"), usage: &[] };
        journal.record(entry, now()).await.unwrap();
    }
    let summary = OutcomeSummary { failed: 3, ..OutcomeSummary::default() };
    journal.finish(RunState::Partial, &summary, now()).await.unwrap();

    let reader = storage.reader().await;
    let record = reader.run("run-20261122-021140-1").await.unwrap().unwrap();
    let order: Vec<_> = record.run.outcomes.iter().map(|outcome| outcome.id.0.as_str()).collect();
    assert_eq!(order, ["op-1", "op-2", "op-10"]);
    assert_eq!(record.run.summary, summary);
    assert_eq!(record.run.outcomes[0].message.as_deref(), Some("no seat"));
    assert_eq!((record.state, record.finished, record.manifest.as_str()), (RunState::Partial, Some(now()), "seats"));
    assert!(reader.run("run-none").await.unwrap().is_none());
    assert!(Arc::new(reader).begin(&plan("b"), "seats", &[], None, now()).await.is_err(), "a reader begins no run");
}

async fn sent_operation_without_an_outcome_is_unresolved(storage: TestStorage) {
    let store = storage.open().await;
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    for id in ["op-1", "op-2", "op-3"] {
        journal.record(JournalEntry::Sent(&operation(id)), now()).await.unwrap();
    }
    let (first, second) = (OperationId("op-1".into()), OperationId("op-2".into()));
    let done = JournalEntry::Outcome { operation: &first, outcome: Outcome::Applied, message: None, usage: &[] };
    journal.record(done, now()).await.unwrap();
    let refused = JournalEntry::Answered {
        operation: &second,
        reply: RecordedReply::Refused,
        status: Some(409),
        message: Some("no seat is free"),
        body: None,
        handle: None,
    };
    journal.record(refused, now()).await.unwrap();

    let unfinished = store.unfinished_runs().await.unwrap();
    assert_eq!(unfinished.len(), 1);
    let open: Vec<_> =
        unfinished[0].unresolved.iter().map(|open| (open.operation.id.0.as_str(), open.refusal.as_deref())).collect();
    assert_eq!(open, [("op-2", Some("no seat is free")), ("op-3", None)]);
    let earlier = store.previous_attempts(&plan("a").digest).await.unwrap();
    assert_eq!(earlier.get(&first).map(|earlier| earlier.outcome), Some(Some(Outcome::Applied)));
    assert_eq!(earlier.get(&second), None, "a refusal leaves nothing in doubt");
    assert!(store.previous_attempts(&plan("b").digest).await.unwrap().is_empty());
}

async fn plan_is_stored_once_and_read_back(storage: TestStorage) {
    let store = storage.open().await;
    let made = plan("a");
    store.begin(&made, "seats", &[], None, now()).await.unwrap();
    store.begin(&made, "seats", &[], None, now()).await.unwrap();
    let reader = storage.reader().await;
    assert_eq!(reader.plan(&made.digest).await.unwrap().unwrap(), made);
    assert!(reader.plan(&plan("b").digest).await.unwrap().is_none());
}

async fn links_between_runs_are_stored(storage: TestStorage) {
    let store = storage.open().await;
    let first = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap().id().clone();
    store.begin(&plan("a"), "seats", &[], Some(&first), now()).await.unwrap();
    let undo = RunLinks { resumes: None, undoes: Some(&first) };
    store.begin_linked(&plan("b"), "seats", &[], undo, now()).await.unwrap();
    let runs = store.runs(10).await.unwrap();
    assert_eq!((runs[0].undoes.as_ref(), runs[0].resumes.as_ref()), (Some(&first), None));
    assert_eq!((runs[1].undoes.as_ref(), runs[1].resumes.as_ref()), (None, Some(&first)));
    assert_eq!(runs[2].actor, store.owner());
}
