//! The audit trail: told with all names, and whole or not.

use std::sync::Arc;

use super::place::{Place, on_every_database, on_every_place};
use super::{now, operation, plan};
use crate::model::{AuditEvent, Outcome, OutcomeSummary, RecordedReply, RunState};
use crate::store::{ExpectedHead, JournalEntry, Store, VerifiedChain};

on_every_place!(
    records_tell_operations_and_remedies_by_name,
    chain_that_nobody_touched_is_whole_and_its_head_is_that_of_the_last_record,
    head_that_was_kept_shows_a_cut_tail_and_another_past,
);

/// What only a database lets happen.
mod tables {
    use super::*;

    on_every_database!(every_way_to_alter_the_journal_is_found);
}

/// A run of one operation with a remedy, written record by record.
async fn run(store: &Arc<Store>) {
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    let first = operation("op-1");
    journal.record(JournalEntry::Sent(&first), now()).await.unwrap();
    let answered = JournalEntry::Answered {
        operation: &first.id,
        reply: RecordedReply::Refused,
        status: Some(409),
        message: Some("no seat is free"),
        body: Some("{\"error\":\"no seat\"}"),
        handle: None,
    };
    journal.record(answered, now()).await.unwrap();
    let back = operation("op-1-give-back");
    journal.record_rollback(JournalEntry::Sent(&back), now()).await.unwrap();
    let gave = JournalEntry::Outcome { operation: &back.id, outcome: Outcome::Applied, message: None, touches: &[] };
    journal.record_rollback(gave, now()).await.unwrap();
    let failed = JournalEntry::Outcome { operation: &first.id, outcome: Outcome::Failed, message: None, touches: &[] };
    journal.record(failed, now()).await.unwrap();
    journal.finish(RunState::Partial, &OutcomeSummary::default(), now()).await.unwrap();
}

async fn records_tell_operations_and_remedies_by_name(place: Place) {
    let store = place.open().await;
    run(&store).await;
    let records = store.records("run-20261122-021140-1").await.unwrap();
    let told: Vec<_> = records
        .iter()
        .map(|record| match &record.event {
            AuditEvent::LockTakenOver { .. } => "lock".to_owned(),
            AuditEvent::RunBegan { operations, .. } => format!("began {operations}"),
            AuditEvent::Sent { operation } => format!("sent {} {}", operation.id, operation.remedy),
            AuditEvent::Answered { operation, reply, status, body, .. } => {
                format!("{} {} {status:?} {}", operation.person, reply.as_str(), body.as_deref().unwrap_or_default())
            }
            AuditEvent::Outcome { operation, outcome, .. } => format!("{} {}", operation.id, outcome.as_str()),
            AuditEvent::RunEnded { state, .. } => state.as_str().to_owned(),
        })
        .collect();
    let expected = [
        "began 10",
        "sent op-1 false",
        "ana@acme.example refused Some(409) {\"error\":\"no seat\"}",
        "sent op-1-give-back true",
        "op-1-give-back applied",
        "op-1 failed",
        "partial",
    ];
    assert_eq!(told, expected);
    assert!(records.iter().map(|record| record.seq).eq(1..=7));
    assert_eq!(store.audit(1, 100).await.unwrap(), records);
    assert_eq!(store.audit(4, 2).await.unwrap()[0].seq, 4);
    assert!(store.audit(8, 10).await.unwrap().is_empty());
    assert!(store.records("run-none").await.unwrap().is_empty());
}

async fn chain_that_nobody_touched_is_whole_and_its_head_is_that_of_the_last_record(place: Place) {
    let store = place.open().await;
    run(&store).await;
    let last = store.audit(7, 1).await.unwrap().remove(0);
    store.close().await.unwrap();
    let verified = place.reader().await.verify(None).await.unwrap().unwrap();
    assert_eq!(verified, VerifiedChain { records: 7, hash: last.hash, runs: 1 });
}

async fn every_way_to_alter_the_journal_is_found(place: Place) {
    let ways: [(&str, (u64, u64)); 11] = [
        ("update reseat_journal set records = replace(records, 'no seat', 'no chair') where first = 3", (3, 3)),
        ("update reseat_journal set records = replace(records, '\"at\":1', '\"at\":2') where first = 5", (5, 5)),
        ("update reseat_journal set run = 4 where first = 4", (4, 4)),
        ("update reseat_journal set fence = 0 where first = 4", (4, 4)),
        ("update reseat_journal set mark = 0 where first = 7", (7, 7)),
        ("update reseat_journal set day = 20000 where first = 1", (1, 1)),
        ("update reseat_journal set hash = (select hash from reseat_journal where first = 1) where first = 2", (2, 2)),
        ("delete from reseat_journal where first = 4", (4, 4)),
        ("delete from reseat_journal where first = 7", (7, 7)),
        (
            "update reseat_journal set first = 100, last = 100 where first = 3; \
             update reseat_journal set first = 3, last = 3 where first = 4; \
             update reseat_journal set first = 4, last = 4 where first = 100",
            (3, 3),
        ),
        ("update reseat_plans set packed = (select hash from reseat_journal where first = 1)", (1, 1)),
    ];
    let store = place.open().await;
    run(&store).await;
    store.close().await.unwrap();
    let before =
        ["reseat_journal", "reseat_plans"].map(|table| format!("create table kept_{table} as select * from {table}"));
    place.alter(&before.join(";")).await;
    for (way, expected) in ways {
        place.alter(way).await;
        let reader = place.reader().await;
        let broken = reader.verify(None).await.unwrap().expect_err(way);
        assert_eq!((broken.first, broken.last), expected, "{way}: {}", broken.reason);
        let back = ["reseat_journal", "reseat_plans"]
            .map(|table| format!("delete from {table}; insert into {table} select * from kept_{table}"));
        place.alter(&back.join(";")).await;
        assert!(place.reader().await.verify(None).await.unwrap().is_ok());
    }
}

async fn head_that_was_kept_shows_a_cut_tail_and_another_past(place: Place) {
    let store = place.open().await;
    run(&store).await;
    let records = store.audit(1, 100).await.unwrap();
    let kept = |seq: u64, hash: &str| ExpectedHead { seq, hash: hash.to_owned() };
    for record in &records {
        assert!(store.verify(Some(&kept(record.seq, &record.hash))).await.unwrap().is_ok());
    }
    let cut = store.verify(Some(&kept(9, &records[0].hash))).await.unwrap().unwrap_err();
    assert_eq!((cut.first, cut.last), (8, 9));
    let other = store.verify(Some(&kept(3, &records[0].hash))).await.unwrap().unwrap_err();
    assert_eq!((other.first, other.last), (3, 3));
}
