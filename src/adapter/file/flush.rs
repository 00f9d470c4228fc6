//! Group commit: one write of the file covers all operations that wait for it.
//!
//! An operation changes the simulator in memory, takes a ticket, and waits until the file contains all changes up to its
//! ticket. If no write is running, it writes all changes in memory. If a write fails, all operations that depend on it fail
//! and the memory is discarded.

use std::io;
use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::state::{self, FileVersion, StateFileEncoding};
use super::{SharedFile, task_error};
use crate::adapter::validate::LicenseSpelling;
use crate::adapter::{AdapterError, ErrorKind};
use crate::profile::Simulator;

/// A state file in memory.
pub(super) struct LoadedFile {
    pub(super) simulator: Simulator,
    pub(super) encoding: StateFileEncoding,
    pub(super) spelling: LicenseSpelling,
    /// The version of the file that was read or written last.
    pub(super) version: FileVersion,
}

/// The content in memory, and how much of it is on disk.
#[derive(Default)]
pub(super) struct FileMemory {
    pub(super) loaded: Option<LoadedFile>,
    /// The last ticket issued.
    issued: u64,
    /// The last ticket whose change is on disk or discarded.
    flushed: u64,
    /// Discarded tickets: first, last and error.
    failed: Vec<(u64, u64, AdapterError)>,
}

impl FileMemory {
    /// Whether the file contains all changes in memory.
    pub(super) fn is_flushed(&self) -> bool {
        self.issued == self.flushed
    }

    /// Returns the content that [`SharedFile::current`] loaded.
    pub(super) fn loaded(&mut self) -> Result<&mut LoadedFile, AdapterError> {
        self.loaded.as_mut().ok_or_else(|| AdapterError::new(ErrorKind::Io, "the state file is not in memory"))
    }

    /// Issues a ticket that is flushed once the file contains all changes so far.
    pub(super) fn ticket(&mut self, changed: bool) -> u64 {
        self.issued += u64::from(changed);
        self.issued
    }

    fn flush_result(&self, ticket: u64) -> Option<Result<(), AdapterError>> {
        if let Some((_, _, error)) = self.failed.iter().find(|(from, to, _)| (*from..=*to).contains(&ticket)) {
            return Some(Err(error.clone()));
        }
        (ticket <= self.flushed).then_some(Ok(()))
    }

    /// Discards the memory and all changes that are not on disk.
    fn discard(&mut self, error: AdapterError) {
        self.failed.push((self.flushed + 1, self.issued, error));
        self.flushed = self.issued;
        self.loaded = None;
    }
}

impl SharedFile {
    /// Waits until the file contains all changes up to the ticket, and writes them if no other task does.
    pub(super) async fn wait_until_flushed(self: &Arc<Self>, ticket: u64) -> Result<(), AdapterError> {
        let write_lock = Arc::clone(&self.write_lock).lock_owned().await;
        let memory = Arc::clone(&self.memory).lock_owned().await;
        if let Some(result) = memory.flush_result(ticket) {
            return result;
        }
        let shared = Arc::clone(self);
        // The blocking task owns the lock, so that a write finishes before the next one even if this future is dropped.
        let writing = tokio::task::spawn_blocking(move || {
            shared.write(memory);
            drop(write_lock);
        });
        writing.await.map_err(|error| task_error(&error))?;
        self.memory.lock().await.flush_result(ticket).unwrap_or(Ok(()))
    }

    /// Writes all changes in memory.
    fn write(&self, mut memory: OwnedMutexGuard<FileMemory>) {
        let last = memory.issued;
        let encoded = memory.loaded().and_then(|loaded| {
            let text = state::encode(loaded.simulator.state(), self.clock.time(), &loaded.encoding, &loaded.spelling);
            text.map(|text| (text, loaded.version)).map_err(|error| AdapterError::new(ErrorKind::Io, error.to_string()))
        });
        // Let other tasks read and change the memory during the write.
        drop(memory);
        let written = encoded.and_then(|(text, version)| self.replace_file(&text, version));
        let mut memory = self.memory.blocking_lock();
        match written {
            Err(error) => memory.discard(error),
            Ok(version) => {
                memory.flushed = last;
                if let Some(loaded) = &mut memory.loaded {
                    loaded.version = version;
                }
            }
        }
    }

    /// Replaces the file if it still has the given version.
    fn replace_file(&self, text: &[u8], expected: FileVersion) -> Result<FileVersion, AdapterError> {
        let missing = |error: io::Error| AdapterError::new(ErrorKind::Io, format!("the state file is gone: {error}"));
        state::replace_file(&self.path, text, || {
            if FileVersion::read(&self.path).map_err(missing)? != expected {
                let message = "another process changed the state file; nothing was written";
                return Err(AdapterError::new(ErrorKind::Conflict, message).help("plan again"));
            }
            Ok(())
        })?;
        FileVersion::read(&self.path).map_err(|error| AdapterError { maybe_in_effect: true, ..missing(error) })
    }
}

impl From<state::FileWriteError> for AdapterError {
    fn from(error: state::FileWriteError) -> Self {
        Self { maybe_in_effect: error.maybe_written, ..Self::new(ErrorKind::Io, error.to_string()) }
    }
}
