//! Tests of the file lock.

use std::path::Path;
use std::process::Command;

use super::{now, open};
use crate::store::{Store, StoreError, StoreUrl};

#[tokio::test]
async fn second_run_sees_who_holds_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::default_for(folder.path());
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

/// Runs as a separate process for the test below: takes the lock, reports it, and waits to be killed.
#[tokio::test]
async fn lock_holder_process() {
    let Some(folder) = crate::env::variable::read("RESEAT_TEST_LOCK_FOLDER") else { return };
    let _store = open(Path::new(&folder)).await;
    std::fs::write(Path::new(&folder).join("locked"), "").unwrap();
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[tokio::test]
async fn lock_is_released_when_its_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::default_for(folder.path());
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::tests::lock::lock_holder_process"])
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
