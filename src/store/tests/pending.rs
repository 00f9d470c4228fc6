//! Tests of operations in progress at vendors.

use jiff::SignedDuration;
use smol_str::SmolStr;

use super::storage::{TestStorage, on_every_storage};
use super::{now, operation, plan};
use crate::model::{OperationId, Outcome, OutcomeSummary, RecordedReply, RunState};
use crate::store::{JournalEntry, RunJournal};

on_every_storage!(
    accepted_operation_is_pending_until_a_run_sees_its_end,
    old_operation_or_one_without_a_handle_is_not_pending,
);

async fn accepted(journal: &RunJournal, id: &str, handle: Option<&str>) {
    let sent = operation(id);
    journal.record(JournalEntry::Sent(&sent), now()).await.unwrap();
    let reply = RecordedReply::Accepted;
    let answered =
        JournalEntry::Answered { operation: &sent.id, reply, status: None, message: None, body: None, handle };
    journal.record(answered, now()).await.unwrap();
}

async fn outcome(journal: &RunJournal, id: &str, outcome: Outcome) {
    let operation = OperationId(SmolStr::new(id));
    let entry = JournalEntry::Outcome { operation: &operation, outcome, message: None, usage: &[] };
    journal.record(entry, now()).await.unwrap();
}

async fn finish(journal: &RunJournal, pending: u64) {
    let summary = OutcomeSummary { pending, ..OutcomeSummary::default() };
    journal.finish(RunState::Partial, &summary, now()).await.unwrap();
}

async fn accepted_operation_is_pending_until_a_run_sees_its_end(storage: TestStorage) {
    let store = storage.open().await;
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    accepted(&journal, "op-1", Some("job-1")).await;
    accepted(&journal, "op-2", Some("job-2")).await;
    accepted(&journal, "op-3", Some("job-3")).await;
    outcome(&journal, "op-1", Outcome::Applied).await;
    outcome(&journal, "op-2", Outcome::Pending).await;
    let handles = async || {
        let found = storage.reader().await.pending_operations(now() - SignedDuration::from_hours(1)).await.unwrap();
        found.into_iter().map(|found| (found.handle.to_string(), found.operation.id.0.to_string())).collect::<Vec<_>>()
    };
    let open = [("job-2".to_owned(), "op-2".to_owned()), ("job-3".to_owned(), "op-3".to_owned())];
    assert_eq!(handles().await, open, "the run has not ended");
    outcome(&journal, "op-3", Outcome::Unknown).await;
    finish(&journal, 1).await;
    assert_eq!(handles().await, open);

    // A run of another plan changes nothing; a run of the same plan resolves what it saw.
    let other = store.begin(&plan("b"), "seats", &[], None, now()).await.unwrap();
    outcome(&other, "op-2", Outcome::Applied).await;
    finish(&other, 0).await;
    assert_eq!(handles().await, open);
    let later = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    outcome(&later, "op-2", Outcome::Already).await;
    outcome(&later, "op-3", Outcome::Skipped).await;
    finish(&later, 0).await;
    assert_eq!(handles().await, [open[1].clone()]);
}

async fn old_operation_or_one_without_a_handle_is_not_pending(storage: TestStorage) {
    let store = storage.open().await;
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    accepted(&journal, "op-1", Some("job-1")).await;
    accepted(&journal, "op-2", None).await;
    outcome(&journal, "op-1", Outcome::Pending).await;
    outcome(&journal, "op-2", Outcome::Pending).await;
    finish(&journal, 2).await;
    let reader = storage.reader().await;
    assert_eq!(reader.pending_operations(now()).await.unwrap().len(), 1);
    assert_eq!(reader.pending_operations(now() + SignedDuration::from_secs(1)).await.unwrap(), []);
}
