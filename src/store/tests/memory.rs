//! Tests of the journal in memory.

use std::sync::Arc;
use std::time::Duration;

use super::{now, operation, plan};
use crate::model::{OutcomeSummary, RunState};
use crate::store::{JournalEntry, MemoryStorage, Store, StoreError};

async fn open(memory: &MemoryStorage) -> Arc<Store> {
    Arc::new(Store::open_in_memory(memory, "sim", now()).await.unwrap())
}

/// A run that sends three operations, each record waited for.
async fn send(store: Arc<Store>) -> Result<(), StoreError> {
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await?;
    for id in ["op-1", "op-2", "op-3"] {
        journal.record(JournalEntry::Sent(&operation(id)), now()).await?;
    }
    journal.finish(RunState::Complete, &OutcomeSummary::default(), now()).await
}

#[tokio::test(start_paused = true)]
async fn world_stops_before_or_after_any_record() {
    // The beginning, three operations, the end.
    for seq in 1..=5 {
        for after in [false, true] {
            let memory = MemoryStorage::new();
            let store = open(&memory).await;
            if after {
                memory.stop_after(seq)
            } else {
                memory.stop_before(seq)
            }
            tokio::select! {
                _ = send(store) => panic!("the run was to stop at record {seq}"),
                () = memory.wait_until_stopped() => {}
            }
            let written = memory.record_count();
            assert_eq!(written, if after { seq } else { seq - 1 });
            let store = open(&memory).await;
            assert!(!memory.is_stopped());
            let unfinished = store.unfinished_runs().await.unwrap();
            let sent = written.saturating_sub(1).min(3);
            let has_ended = seq == 5 && after;
            assert_eq!(unfinished.is_empty(), written == 0 || has_ended, "{seq} {after}");
            if let Some(run) = unfinished.first() {
                assert_eq!(u64::try_from(run.unresolved.len()).unwrap(), sent);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn runner_that_lost_its_lock_cannot_write() {
    let memory = MemoryStorage::new();
    let store = open(&memory).await;
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    memory.steal_lock("another runner");
    let refused = journal.record(JournalEntry::Sent(&operation("op-1")), now()).await;
    assert!(matches!(refused, Err(StoreError::LockLost)) && store.is_fenced());
    assert_eq!(memory.record_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn records_before_a_full_disk_are_found_by_the_next_run() {
    let memory = MemoryStorage::new();
    let store = open(&memory).await;
    memory.fail_writes_from(3);
    assert!(matches!(send(store).await, Err(StoreError::Io(..))));
    let store = open(&memory).await;
    assert_eq!(store.unfinished_runs().await.unwrap()[0].unresolved.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn idle_writer_renews_its_lease_and_notices_its_loss() {
    let memory = MemoryStorage::new();
    memory.set_lease(Duration::from_secs(30));
    let store = open(&memory).await;
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert!(!store.is_fenced() && store.lease_left().unwrap() >= Duration::from_secs(20));
    memory.steal_lock("another runner");
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert!(store.is_fenced());
}

#[tokio::test(start_paused = true)]
async fn enqueued_records_are_written_before_later_ones() {
    let memory = MemoryStorage::new();
    let store = open(&memory).await;
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    journal.enqueue(JournalEntry::Sent(&operation("op-1")), now()).unwrap();
    journal.enqueue(JournalEntry::Sent(&operation("op-2")), now()).unwrap();
    journal.record(JournalEntry::Sent(&operation("op-3")), now()).await.unwrap();
    drop(journal);
    let sent = store.unfinished_runs().await.unwrap().remove(0).unresolved;
    let names: Vec<_> = sent.iter().map(|open| open.operation.id.0.as_str()).collect();
    assert_eq!(names, ["op-1", "op-2", "op-3"]);
}
