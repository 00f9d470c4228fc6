//! Tests of the rolling limits.

use std::sync::Arc;

use jiff::Timestamp;

use super::plan;
use super::storage::{TestStorage, on_every_storage};
use crate::model::{LimitUsage, OperationId, Outcome};
use crate::store::{JournalEntry, LicenseUsage, Store};

on_every_storage!(
    losses_are_counted_by_day_and_once_per_operation,
    clock_that_is_set_back_hides_no_usage,
    operation_with_more_usage_later_adds_the_difference,
);

/// Counts one loss of `phones/X2` by an operation of a plan at that moment.
async fn lose(store: &Arc<Store>, content: &str, id: &str, at: &str) {
    let at: Timestamp = at.parse().unwrap();
    let journal = store.begin(&plan(content), "seats", &[], None, at).await.unwrap();
    let touched = LimitUsage { losses: 1, changes: 1 };
    let usage = [LicenseUsage { tenant: "phones".into(), license: "X2".into(), counts: touched }];
    let operation = OperationId(id.into());
    let entry =
        JournalEntry::Outcome { operation: &operation, outcome: Outcome::Applied, message: None, usage: &usage };
    journal.record(entry, at).await.unwrap();
}

async fn losses(store: &Store, first: &str, without: Option<&str>) -> u64 {
    let without = without.map(|content| plan(content).digest.clone());
    let past = store.usage_since(first.parse().unwrap(), without.as_ref()).await.unwrap();
    past.within("phones", "X2", "2026-11-22".parse().unwrap(), 10_000).losses
}

async fn losses_are_counted_by_day_and_once_per_operation(storage: TestStorage) {
    let store = storage.open().await;
    lose(&store, "a", "op-1", "2026-11-20T23:59:59Z").await;
    lose(&store, "a", "op-2", "2026-11-22T01:00:00Z").await;
    lose(&store, "a", "op-2", "2026-11-22T03:00:00Z").await;
    lose(&store, "b", "op-2", "2026-11-23T00:00:00Z").await;
    assert_eq!(losses(&store, "2026-11-20", None).await, 3);
    assert_eq!(losses(&store, "2026-11-21", None).await, 2);
    assert_eq!(losses(&store, "2026-11-20", Some("a")).await, 1, "the usage of one plan can be excluded");
    assert_eq!(losses(&store, "2026-11-20", Some("c")).await, 3);
}

async fn clock_that_is_set_back_hides_no_usage(storage: TestStorage) {
    let store = storage.open().await;
    lose(&store, "a", "op-1", "2026-11-22T01:00:00Z").await;
    lose(&store, "b", "op-1", "2020-01-01T01:00:00Z").await;
    assert_eq!(losses(&store, "2026-11-22", None).await, 2);
}

async fn operation_with_more_usage_later_adds_the_difference(storage: TestStorage) {
    let store = storage.open().await;
    let at: Timestamp = "2026-11-22T01:00:00Z".parse().unwrap();
    let journal = store.begin(&plan("a"), "seats", &[], None, at).await.unwrap();
    let operation = OperationId("op-1".into());
    for losses in [0, 1, 1] {
        let touched = LimitUsage { losses, changes: 1 };
        let usage = [LicenseUsage { tenant: "phones".into(), license: "X2".into(), counts: touched }];
        let outcome = Outcome::Applied;
        let entry = JournalEntry::Outcome { operation: &operation, outcome, message: None, usage: &usage };
        journal.record(entry, at).await.unwrap();
    }
    let past = store.usage_since("2026-11-22".parse().unwrap(), None).await.unwrap();
    assert_eq!(past.within("phones", "X2", "2026-11-22".parse().unwrap(), 1), LimitUsage { losses: 1, changes: 1 });
}
