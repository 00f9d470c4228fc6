//! The lock: one run at a time on a store.
//!
//! It is the system's lock on an open file, and so a holder that dies, however it dies, lets go at once. The text in
//! the file only tells people who holds it; it proves nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use jiff::Timestamp;

use super::StoreError;

/// Most of the owner's text that is read back.
const OWNER_MAX_BYTES: u64 = 200;

/// The lock of a run; dropping it lets go.
#[derive(Debug)]
pub(super) struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock, or says who has it.
    pub(super) fn take(path: &Path, now: Timestamp) -> Result<Self, StoreError> {
        let failed = |error| StoreError::File(path.to_owned(), error);
        // The file outlives every run: removing it would let two runs lock two files of the same name.
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Locked(owner(&mut file))),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        writeln!(file, "process {}, since {now:.0}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

/// Who says to hold the lock.
fn owner(file: &mut File) -> String {
    let mut text = String::new();
    // Some systems do not let a locked file be read; the lock holds all the same.
    let read = file.take(OWNER_MAX_BYTES).read_to_string(&mut text);
    let line = text.lines().next().unwrap_or_default().trim();
    if read.is_err() || line.is_empty() || line.chars().any(char::is_control) {
        "its owner is not known".to_owned()
    } else {
        line.to_owned()
    }
}
