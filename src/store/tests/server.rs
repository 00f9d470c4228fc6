//! What only a server can do: runners on several machines, leases, and a server that goes away half-way.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::place::Place;
use super::{now, operation, plan};
use crate::env::variable;
use crate::store::{JournalEntry, Store, StoreError, StoreUrl};

/// Where the process below finds the store, and where it says that it holds the lock.
const HOLD: &str = "RESEAT_TEST_HOLD";
/// A command that restarts the test server without letting it finish anything.
const RESTART: &str = "RESEAT_TEST_POSTGRES_RESTART";

#[tokio::test]
async fn second_runner_is_told_who_holds_the_lease_and_until_when() {
    let Some(place) = Place::server().await else { return };
    let held = place.open().await;
    let Err(StoreError::Locked { owner, since, until, fence }) = place.try_open().await else {
        panic!("the lock lets two in")
    };
    assert!(owner.unwrap().contains("(process "));
    let left = until.unwrap().duration_since(since.unwrap());
    assert!((29..=31).contains(&left.as_secs()), "{left:?}");
    assert_eq!(fence, 1);
    assert!(held.lease_left().unwrap() > Duration::from_secs(25));
    held.close().await.unwrap();
    assert!(place.try_open().await.is_ok(), "a lock that was let go of is free at once");
}

#[tokio::test]
async fn late_writer_is_refused_once_its_lease_was_taken() {
    let Some(place) = Place::server().await else { return };
    let first = place.open().await;
    let journal = first.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    place.alter("update reseat_store set until = 1").await;
    let second = place.open().await;
    let refused = journal.record(JournalEntry::Sent(&operation("op-1")), now()).await;
    assert!(matches!(refused, Err(StoreError::LockLost)) && first.is_fenced());
    let records = second.audit(1, 10).await.unwrap();
    assert_eq!(records.len(), 2, "a beginning, and that the lock was taken over");
    assert!(second.begin(&plan("b"), "seats", &[], None, now()).await.is_ok());
}

#[tokio::test]
async fn connection_that_is_cut_loses_nothing_and_writes_nothing_twice() {
    let Some(place) = Place::server().await else { return };
    let store = place.open().await;
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    for id in ["op-1", "op-2", "op-3"] {
        assert_eq!(place.cut_connections().await, 1);
        journal.record(JournalEntry::Sent(&operation(id)), now()).await.unwrap();
    }
    let records = store.records(journal.id()).await.unwrap();
    assert_eq!(records.len(), 4);
    assert!(store.verify(None).await.unwrap().is_ok());
}

#[tokio::test]
async fn server_that_cannot_be_reached_is_told_without_the_password() {
    let url = StoreUrl::parse("postgres://ana:s3cret@127.0.0.1:1/reseat").unwrap();
    let error = Store::open(&url, now()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreachable(..)));
    let told = format!("{error} {error:?} {:?}", error.finding());
    assert!(told.contains("127.0.0.1:1/reseat") && !told.contains("s3cret"), "{told}");
}

#[tokio::test]
async fn server_without_tls_is_not_talked_to_where_tls_is_asked_for() {
    let Some(place) = Place::server().await else { return };
    let url = StoreUrl::parse(&format!("{}&sslmode=require", place.address())).unwrap();
    let error = Store::open(&url, now()).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unreachable(_, why) if why.to_lowercase().contains("tls")), "{error:?}");
}

#[tokio::test]
async fn wrong_password_is_told_and_not_shown() {
    let Some(Place::Server { url, .. }) = Place::server().await else { return };
    let (before, rest) = url.split_once("//").unwrap();
    let (_, host) = rest.split_once('@').unwrap();
    let wrong = StoreUrl::parse(&format!("{before}//reseat:s3cret@{host}")).unwrap();
    let error = Store::open(&wrong, now()).await.unwrap_err();
    let told = format!("{error} {error:?} {:?}", error.finding());
    assert!(told.contains("authentication failed") && !told.contains("s3cret"), "{told}");
    assert!(told.contains(&wrong.to_string()) && told.contains("PGPASSWORD"), "{told}");
}

/// Started by the test below as a process of its own: it begins a run, sends something, says so and waits to be killed.
#[tokio::test]
async fn holder_for_the_test_below() {
    let Some((url, said)) =
        variable::read(HOLD).and_then(|text| text.split_once(' ').map(|(url, said)| (url.to_owned(), said.to_owned())))
    else {
        return;
    };
    let store = Arc::new(Store::open(&StoreUrl::parse(&url).unwrap(), now()).await.unwrap());
    let journal = store.begin(&plan("a"), "seats", &[], None, now()).await.unwrap();
    journal.record(JournalEntry::Sent(&operation("op-1")), now()).await.unwrap();
    std::fs::write(said, "").unwrap();
    tokio::time::sleep(Duration::from_secs(120)).await;
}

/// Another process that holds the lock.
async fn holder(place: &Place) -> Child {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("locked");
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::tests::server::holder_for_the_test_below"])
        .env(HOLD, format!("{} {}", place.address(), said.display()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !said.exists() {
        assert!(holder.try_wait().unwrap().is_none(), "the holder ended early");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    holder
}

#[tokio::test]
async fn lease_of_a_killed_runner_ends_within_thirty_seconds_and_not_before() {
    let Some(place) = Place::server().await else { return };
    let mut other = holder(&place).await;
    // It lives for longer than a lease: the lock is renewed while nothing is written.
    let lived = Instant::now();
    while lived.elapsed() < Duration::from_secs(35) {
        assert!(matches!(place.try_open().await, Err(StoreError::Locked { .. })));
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    other.kill().unwrap();
    other.wait().unwrap();
    let killed = Instant::now();
    let store = loop {
        match place.try_open().await {
            Ok(store) => break Arc::new(store),
            Err(StoreError::Locked { .. }) => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => panic!("{error}"),
        }
    };
    let waited = killed.elapsed();
    assert!(waited > Duration::from_secs(10) && waited < Duration::from_secs(31), "{waited:?}");
    let unfinished = store.unfinished_runs().await.unwrap();
    assert_eq!(unfinished[0].unresolved.len(), 1, "what the dead one sent is there to be settled");
}

#[tokio::test]
async fn run_outlives_a_server_that_breaks_down_and_comes_back() {
    let (Some(restart), Some(place)) = (variable::read(RESTART), Place::server().await) else { return };
    let store = place.open().await;
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
    assert_eq!(records.len(), written + 1, "each record once, and none is missing");
    assert!(store.verify(None).await.unwrap().is_ok() && !store.is_fenced());
}
