//! Tests of PostgreSQL: several runners, leases, and a server that restarts.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::storage::TestStorage;
use super::{now, operation, plan};
use crate::env::variable;
use crate::store::{JournalEntry, Store, StoreError, StoreUrl};

/// The store of the process below, and the file that it creates when it holds the lock.
const HOLD: &str = "RESEAT_TEST_HOLD";
/// A command that restarts the test server immediately.
const RESTART: &str = "RESEAT_TEST_POSTGRES_RESTART";

#[tokio::test]
async fn second_runner_sees_who_holds_the_lease_and_until_when() {
    let Some(storage) = TestStorage::server().await else { return };
    let held = storage.open().await;
    let Err(StoreError::Locked { owner, since, until, fence }) = storage.try_open().await else {
        panic!("the lock lets two in")
    };
    assert!(owner.unwrap().contains("(process "));
    let left = until.unwrap().duration_since(since.unwrap());
    assert!((29..=31).contains(&left.as_secs()), "{left:?}");
    assert_eq!(fence, 1);
    assert!(held.lease_left().unwrap() > Duration::from_secs(25));
    held.close().await.unwrap();
    assert!(storage.try_open().await.is_ok(), "a released lock is free");
}

#[tokio::test]
async fn writer_is_refused_after_its_lease_was_taken() {
    let Some(storage) = TestStorage::server().await else { return };
    let first = storage.open().await;
    let journal = first.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    storage.alter("update reseat_store set until = 1").await;
    let second = storage.open().await;
    let refused = journal.record(JournalEntry::Sent(&operation("op-1")), now()).await;
    assert!(matches!(refused, Err(StoreError::LockLost)) && first.is_fenced());
    let records = second.audit(1, 10).await.unwrap();
    assert_eq!(records.len(), 2, "the beginning of the run, and the takeover of the lock");
    assert!(second.begin(&plan("b"), "seats", &[], None, now()).await.is_ok());
}

#[tokio::test]
async fn broken_connection_loses_no_record_and_writes_none_twice() {
    let Some(storage) = TestStorage::server().await else { return };
    let store = storage.open().await;
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    for id in ["op-1", "op-2", "op-3"] {
        assert_eq!(storage.cut_connections().await, 1);
        journal.record(JournalEntry::Sent(&operation(id)), now()).await.unwrap();
    }
    let records = store.records(journal.id()).await.unwrap();
    assert_eq!(records.len(), 4);
    assert!(store.verify(None).await.unwrap().is_ok());
}

#[tokio::test]
async fn unreachable_server_is_reported_without_the_password() {
    let url = StoreUrl::parse("postgres://ana:s3cret@127.0.0.1:1/reseat").unwrap();
    let error = Store::open(&url, now()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable(..)));
    let output = format!("{error} {error:?} {:?}", error.finding());
    assert!(output.contains("127.0.0.1:1/reseat") && !output.contains("s3cret"), "{output}");
}

#[tokio::test]
async fn server_without_tls_is_refused_if_tls_is_required() {
    let Some(storage) = TestStorage::server().await else { return };
    let url = StoreUrl::parse(&format!("{}&sslmode=require", storage.address())).unwrap();
    let error = Store::open(&url, now()).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unreachable(_, why) if why.to_lowercase().contains("tls")), "{error:?}");
}

#[tokio::test]
async fn wrong_password_is_reported_and_not_shown() {
    let Some(TestStorage::Server { url, .. }) = TestStorage::server().await else { return };
    let (before, rest) = url.split_once("//").unwrap();
    let (_, host) = rest.split_once('@').unwrap();
    let wrong = StoreUrl::parse(&format!("{before}//reseat:s3cret@{host}")).unwrap();
    let error = Store::open(&wrong, now()).await.unwrap_err();
    let output = format!("{error} {error:?} {:?}", error.finding());
    assert!(output.contains("authentication failed") && !output.contains("s3cret"), "{output}");
    assert!(output.contains(&wrong.to_string()) && output.contains("PGPASSWORD"), "{output}");
}

/// Runs as a separate process for the test below: begins a run, records an operation, reports it, and waits to be killed.
#[tokio::test]
async fn lease_holder_process() {
    let Some((url, ready)) = variable::read(HOLD)
        .and_then(|text| text.split_once(' ').map(|(url, ready)| (url.to_owned(), ready.to_owned())))
    else {
        return;
    };
    let store = Arc::new(Store::open(&StoreUrl::parse(&url).unwrap(), now()).await.unwrap());
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    journal.record(JournalEntry::Sent(&operation("op-1")), now()).await.unwrap();
    std::fs::write(ready, "").unwrap();
    tokio::time::sleep(Duration::from_secs(120)).await;
}

/// Starts another process that holds the lock.
async fn holder(storage: &TestStorage) -> Child {
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("locked");
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::tests::server::lease_holder_process"])
        .env(HOLD, format!("{} {}", storage.address(), ready.display()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !ready.exists() {
        assert!(holder.try_wait().unwrap().is_none(), "the holder ended early");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    holder
}

#[tokio::test]
async fn lease_of_a_killed_runner_expires_within_thirty_seconds_and_not_before() {
    let Some(storage) = TestStorage::server().await else { return };
    let mut other = holder(&storage).await;
    // The process lives longer than a lease, which is renewed without writes.
    let lived = Instant::now();
    while lived.elapsed() < Duration::from_secs(35) {
        assert!(matches!(storage.try_open().await, Err(StoreError::Locked { .. })));
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    other.kill().unwrap();
    other.wait().unwrap();
    let killed = Instant::now();
    let store = loop {
        match storage.try_open().await {
            Ok(store) => break Arc::new(store),
            Err(StoreError::Locked { .. }) => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => panic!("{error}"),
        }
    };
    let waited = killed.elapsed();
    assert!(waited > Duration::from_secs(10) && waited < Duration::from_secs(31), "{waited:?}");
    let unfinished = store.unfinished_runs().await.unwrap();
    assert_eq!(unfinished[0].unresolved.len(), 1, "the dead run's operation is unresolved");
}

#[tokio::test]
async fn run_outlives_a_server_restart() {
    let (Some(restart), Some(storage)) = (variable::read(RESTART), TestStorage::server().await) else { return };
    let store = storage.open().await;
    let journal = Arc::new(store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap());
    let writing = {
        let journal = Arc::clone(&journal);
        tokio::spawn(async move {
            let mut written = 0_usize;
            let started = Instant::now();
            while started.elapsed() < Duration::from_secs(8) {
                journal.record(JournalEntry::Sent(&operation(&format!("op-{}", written % 10 + 1))), now()).await?;
                written += 1;
            }
            Ok::<_, StoreError>(written)
        })
    };
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        assert!(Command::new("sh").args(["-c", &restart]).stdout(Stdio::null()).status().unwrap().success());
    }
    let written = writing.await.unwrap().unwrap();
    let records = store.records(journal.id()).await.unwrap();
    assert_eq!(records.len(), written + 1, "every record once");
    assert!(store.verify(None).await.unwrap().is_ok() && !store.is_fenced());
}
