//! Tests of the audit trail.

use std::sync::Arc;

use super::storage::{TestStorage, on_every_database, on_every_storage};
use super::{now, operation, plan};
use crate::model::{AuditEvent, LimitUsage, Outcome, OutcomeSummary, RecordedReply, RunState};
use crate::store::{ExpectedHead, JournalEntry, LicenseUsage, Store, VerifiedChain};

on_every_storage!(
    records_name_operations_and_rollbacks,
    intact_chain_is_verified_and_ends_with_the_last_record,
    expected_head_detects_a_cut_end_and_a_rewritten_chain,
);

/// Tests that alter tables.
mod tables {
    use super::*;

    on_every_database!(verify_detects_every_alteration);
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
    let back = operation("op-1-roll-back");
    journal.record_rollback(JournalEntry::Sent(&back), now()).await.unwrap();
    let rolled_back =
        JournalEntry::Outcome { operation: &back.id, outcome: Outcome::Applied, message: None, usage: &[] };
    journal.record_rollback(rolled_back, now()).await.unwrap();
    let counts = LimitUsage { losses: 1, changes: 1 };
    // Unsorted, because the hash must not depend on the order in which a database returns them.
    let usage = ["X4", "X2"].map(|license| LicenseUsage { tenant: "phones".into(), license: license.into(), counts });
    let failed = JournalEntry::Outcome { operation: &first.id, outcome: Outcome::Failed, message: None, usage: &usage };
    journal.record(failed, now()).await.unwrap();
    journal.finish(RunState::Partial, &OutcomeSummary::default(), now()).await.unwrap();
}

async fn records_name_operations_and_rollbacks(storage: TestStorage) {
    let store = storage.open().await;
    run(&store).await;
    let records = store.records("run-20261122-021140-1").await.unwrap();
    let summaries: Vec<_> = records
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
        "sent op-1-roll-back true",
        "op-1-roll-back applied",
        "op-1 failed",
        "partial",
    ];
    assert_eq!(summaries, expected);
    assert!(records.iter().map(|record| record.seq).eq(1..=7));
    assert_eq!(store.audit(1, 100).await.unwrap(), records);
    assert_eq!(store.audit(4, 2).await.unwrap()[0].seq, 4);
    assert!(store.audit(8, 10).await.unwrap().is_empty());
    assert!(store.records("run-none").await.unwrap().is_empty());
}

async fn intact_chain_is_verified_and_ends_with_the_last_record(storage: TestStorage) {
    let store = storage.open().await;
    run(&store).await;
    let last = store.audit(7, 1).await.unwrap().remove(0);
    store.close().await.unwrap();
    let verified = storage.reader().await.verify(None).await.unwrap().unwrap();
    assert_eq!(verified, VerifiedChain { records: 7, hash: last.hash, runs: 1 });
}

async fn verify_detects_every_alteration(storage: TestStorage) {
    let hash_of_1 = "(select hash from reseat_records where seq = 1)";
    let alterations: [(String, (u64, u64)); 17] = [
        ("update reseat_records set message = 'no chair is free' where seq = 3".to_owned(), (3, 3)),
        ("update reseat_records set at = at + 1 where seq = 5".to_owned(), (5, 5)),
        ("update reseat_records set run = 4 where seq = 4".to_owned(), (4, 4)),
        ("update reseat_records set fence = 0 where seq = 4".to_owned(), (4, 4)),
        ("update reseat_records set event = 'lock' where seq = 7".to_owned(), (7, 7)),
        ("update reseat_records set event = 'x' where seq = 7".to_owned(), (7, 7)),
        ("update reseat_records set operation = 'op-2' where seq = 2".to_owned(), (2, 2)),
        ("update reseat_records set rollback = true where seq = 2".to_owned(), (2, 2)),
        ("update reseat_records set name = 'run-1' where seq = 1".to_owned(), (1, 1)),
        (format!("update reseat_records set hash = {hash_of_1} where seq = 2"), (2, 2)),
        ("delete from reseat_records where seq = 4".to_owned(), (4, 4)),
        ("delete from reseat_records where seq = 7".to_owned(), (7, 7)),
        (
            "update reseat_records set seq = 100 where seq = 3; update reseat_records set seq = 3 where seq = 4; \
             update reseat_records set seq = 4 where seq = 100"
                .to_owned(),
            (3, 3),
        ),
        ("update reseat_records set seq = 0 where seq = 1".to_owned(), (1, 1)),
        ("update reseat_usage set losses = 0".to_owned(), (6, 6)),
        ("update reseat_usage set seq = 5, losses = 0".to_owned(), (5, 5)),
        (format!("update reseat_plans set packed = {hash_of_1}"), (1, 1)),
    ];
    let tables = ["reseat_records", "reseat_usage", "reseat_plans"];
    let store = storage.open().await;
    run(&store).await;
    store.close().await.unwrap();
    let copies = tables.map(|table| format!("create table copy_of_{table} as select * from {table}"));
    storage.alter(&copies.join(";")).await;
    for (alteration, expected) in alterations {
        storage.alter(&alteration).await;
        let broken = storage.reader().await.verify(None).await.unwrap().expect_err(&alteration);
        assert_eq!((broken.first, broken.last), expected, "{alteration}: {}", broken.reason);
        let restored =
            tables.map(|table| format!("delete from {table}; insert into {table} select * from copy_of_{table}"));
        storage.alter(&restored.join(";")).await;
        assert!(storage.reader().await.verify(None).await.unwrap().is_ok());
    }
    storage.alter("insert into reseat_usage values (1, 99, 20000, 'phones', 'X2', 1, 1)").await;
    let broken = storage.reader().await.verify(None).await.unwrap().unwrap_err();
    assert!(broken.reason.contains("usage"), "{}", broken.reason);
}

async fn expected_head_detects_a_cut_end_and_a_rewritten_chain(storage: TestStorage) {
    let store = storage.open().await;
    run(&store).await;
    let records = store.audit(1, 100).await.unwrap();
    let expected = |seq: u64, hash: &str| ExpectedHead { seq, hash: hash.to_owned() };
    for record in &records {
        assert!(store.verify(Some(&expected(record.seq, &record.hash))).await.unwrap().is_ok());
    }
    let cut = store.verify(Some(&expected(9, &records[0].hash))).await.unwrap().unwrap_err();
    assert_eq!((cut.first, cut.last), (8, 9));
    let other = store.verify(Some(&expected(3, &records[0].hash))).await.unwrap().unwrap_err();
    assert_eq!((other.first, other.last), (3, 3));
}
