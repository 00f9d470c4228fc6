//! Tests of the status of a store.

use super::now;
use crate::store::{Store, StoreError, StoreUrl, inspect};

#[tokio::test]
async fn status_shows_a_missing_a_locked_and_a_free_store() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::default_for(folder.path());
    let before = inspect(&url, now()).await.unwrap();
    assert!(before.version.is_none() && before.lock_error.is_none() && before.write_error.is_none(), "{before:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "inspecting creates nothing");
    let store = Store::open(&url, now()).await.unwrap();
    let during = inspect(&url, now()).await.unwrap();
    assert!(matches!(during.lock_error, Some(StoreError::Locked { .. })), "{during:?}");
    store.close().await.unwrap();
    drop(store);
    let after = inspect(&url, now()).await.unwrap();
    assert!(after.version.is_some() && after.lock_error.is_none(), "{after:?}");
    // Inspecting holds no lock.
    Store::open(&url, now()).await.unwrap();
}
