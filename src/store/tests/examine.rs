//! A store is looked at from outside.

use super::now;
use crate::store::{Store, StoreError, StoreUrl, examine};

#[tokio::test]
async fn a_store_is_none_then_locked_then_free() {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::beside(folder.path());
    let before = examine(&url, now()).await.unwrap();
    assert!(before.version.is_none() && before.locked.is_none() && before.unwritable.is_none(), "{before:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "looking makes nothing");
    let store = Store::open(&url, now()).await.unwrap();
    let during = examine(&url, now()).await.unwrap();
    assert!(matches!(during.locked, Some(StoreError::Locked { .. })), "{during:?}");
    store.close().await.unwrap();
    drop(store);
    let after = examine(&url, now()).await.unwrap();
    assert!(after.version.is_some() && after.locked.is_none(), "{after:?}");
    // Looking kept no lock.
    Store::open(&url, now()).await.unwrap();
}
