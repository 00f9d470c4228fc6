//! The operating-system lock on a file beside a SQLite database. It is released when its holder dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::StoreError;

/// The lock of a run, released on drop.
#[derive(Debug)]
pub(super) struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock; `None` while another process, or another store of this process, holds it.
    pub(super) fn take(path: &Path) -> Result<Option<Self>, StoreError> {
        let failed = |error| StoreError::io(path, error);
        // Never removed: two runs could otherwise lock two files of the same name.
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
