//! The system's lock on a file beside a SQLite database: one run at a time.
//!
//! A holder that dies, however it dies, lets go at once. Who it is stands in the database; the file holds nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::StoreError;

/// The lock of a run; dropping it lets go.
#[derive(Debug)]
pub(super) struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock; `None` while another process, or another store of this one, has it.
    pub(super) fn take(path: &Path) -> Result<Option<Self>, StoreError> {
        let failed = |error| StoreError::file(path, error);
        // The file outlives every run: removing it would let two runs lock two files of the same name.
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
