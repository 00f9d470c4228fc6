//! Stores that are deleted, damaged, foreign, or taken over.

use std::path::Path;
use std::sync::Arc;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::{now, open, operation, plan};
use crate::store::{JournalEntry, Store, StoreError, StoreUrl};

/// Runs a statement on a separate connection.
async fn beside(path: &Path, statement: &'static str) {
    let mut connection = SqliteConnectOptions::new().filename(path).create_if_missing(true).connect().await.unwrap();
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
}

fn code(error: Option<StoreError>) -> String {
    error.expect("an error").finding().code.to_string()
}

#[tokio::test]
async fn deleted_or_replaced_store_refuses_records() {
    for replaced in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
        journal.record(JournalEntry::Sent(&operation("op-1")), now()).await.unwrap();
        let path = folder.path().join(".reseat/store.db");
        if replaced {
            let other = folder.path().join("other.db");
            std::fs::copy(&path, &other).unwrap();
            std::fs::rename(&other, &path).unwrap();
        } else {
            std::fs::remove_dir_all(folder.path().join(".reseat")).unwrap();
        }
        let refused = journal.record(JournalEntry::Sent(&operation("op-2")), now()).await;
        assert_eq!(code(refused.err()), "X106");
        let refused = journal.record(JournalEntry::Sent(&operation("op-3")), now()).await;
        assert_eq!(code(refused.err()), "X106", "the first failure is final");
    }
}

#[tokio::test]
async fn writer_is_refused_after_another_run_took_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path()).await;
    let journal = first.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    journal.record(JournalEntry::Sent(&operation("op-1")), now()).await.unwrap();
    // Someone deleted the lock file, so the second run locks another one.
    std::fs::remove_file(folder.path().join(".reseat/lock")).unwrap();
    let second = open(folder.path()).await;
    assert!(!first.is_fenced());
    let refused = journal.record(JournalEntry::Sent(&operation("op-2")), now()).await;
    assert_eq!(code(refused.err()), "X105");
    assert!(first.is_fenced() && !second.is_fenced());
    let sent = second.previous_attempts(&plan("a").digest).await.unwrap();
    assert_eq!(sent.len(), 1, "the refused record is not in the journal");
}

#[tokio::test]
async fn files_of_other_versions_and_programs_are_refused_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    beside(&file("newer.db"), "create table reseat_store (version bigint); insert into reseat_store values (99)").await;
    beside(&file("older.db"), "create table reseat_store (version bigint); insert into reseat_store values (1)").await;
    beside(&file("first.db"), "create table runs (id text); create table journal (id text)").await;
    beside(&file("other.db"), "create table songs (name text)").await;
    std::fs::write(file("notes.txt"), "call Bo back\n").unwrap();
    std::fs::create_dir(file("folder.db")).unwrap();
    for (name, expected) in [
        ("newer.db", "X104"),
        ("older.db", "X104"),
        ("first.db", "X104"),
        ("other.db", "X103"),
        ("notes.txt", "X103"),
        ("folder.db", "X103"),
    ] {
        let url = StoreUrl::parse(&format!("sqlite:{}", file(name).display())).unwrap();
        let before = std::fs::read(file(name)).ok();
        assert_eq!(code(Store::open_existing(&url).await.err()), expected, "{name}");
        assert_eq!(code(Store::open(&url, now()).await.err()), expected, "{name}");
        assert_eq!(std::fs::read(file(name)).ok(), before, "{name}");
    }
}

#[tokio::test]
async fn takeover_of_an_unreleased_lock_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path()).await;
    let journal = first.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    journal.record(JournalEntry::Sent(&operation("op-1")), now()).await.unwrap();
    std::fs::remove_file(folder.path().join(".reseat/lock")).unwrap();
    let second = Arc::new(Store::open(&StoreUrl::default_for(folder.path()), now()).await.unwrap());
    let records = second.audit(1, 100).await.unwrap();
    let record = serde_json::to_value(records.last().unwrap()).unwrap();
    assert_eq!((&record["event"], &record["fence"]), (&"lock-taken-over".into(), &2.into()));
    assert!(record["from"].as_str().unwrap().ends_with(&format!("(process {})", std::process::id())));
}

#[tokio::test]
async fn reading_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Store::open_existing(&StoreUrl::default_for(folder.path())).await.unwrap().is_none());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn git_ignores_the_default_folder() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).await;
    assert_eq!(std::fs::read_to_string(folder.path().join(".reseat/.gitignore")).unwrap(), "*\n");
}

#[tokio::test]
async fn database_with_a_log_cut_at_any_byte_opens_intact() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    for id in ["op-1", "op-2", "op-3"] {
        journal.record(JournalEntry::Sent(&operation(id)), now()).await.unwrap();
    }
    let file = |name: &str| std::fs::read(folder.path().join(".reseat").join(name)).unwrap();
    let (database, log) = (file("store.db"), file("store.db-wal"));
    let mut seen = 0;
    for cut in (0..log.len()).step_by(1531).chain([log.len()]) {
        let copy = tempfile::tempdir().unwrap();
        let inside = copy.path().join(".reseat");
        std::fs::create_dir(&inside).unwrap();
        std::fs::write(inside.join("store.db"), &database).unwrap();
        std::fs::write(inside.join("store.db-wal"), &log[..cut]).unwrap();
        let after = open(copy.path()).await;
        let sent = after.previous_attempts(&plan("a").digest).await.unwrap().len();
        assert!(sent >= seen, "a longer log has at least as many records");
        seen = sent;
        assert!(after.verify(None).await.unwrap().is_ok(), "cut at {cut}");
        let next = after.begin(&plan("b"), "seats", &[], None, now()).await.unwrap();
        next.record(JournalEntry::Sent(&operation("op-1")), now()).await.unwrap();
    }
    assert_eq!(seen, 3);
}

#[tokio::test]
async fn garbage_in_the_database_is_an_error() {
    for at in [0, 20, 100, 4096, 2 * 4096, 3 * 4096 + 2] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
        store.close().await.unwrap();
        drop(store);
        let path = folder.path().join(".reseat/store.db");
        // Waits until the log is moved into the database.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let mut bytes = std::fs::read(&path).unwrap();
        let end = bytes.len().min(at + 600);
        bytes[at.min(end)..end].fill(0xa5);
        std::fs::write(&path, bytes).unwrap();
        let url = StoreUrl::default_for(folder.path());
        if let Ok(Some(reader)) = Store::open_existing(&url).await {
            let results = (reader.runs(10).await.err(), reader.verify(None).await);
            assert!(results.0.is_some() || !matches!(results.1, Ok(Ok(_))), "damage at {at} is not detected");
        }
        if let Ok(store) = Store::open(&url, now()).await {
            drop(Arc::new(store).unfinished_runs().await);
        }
    }
}
