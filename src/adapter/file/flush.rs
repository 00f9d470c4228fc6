//! Writing the file so that one write can cover many operations.
//!
//! An operation changes the simulator in memory, draws a ticket and waits until the file holds all up to its ticket. Who
//! finds nobody writing writes all that there is; the others find themselves covered. What must hold: an operation
//! whose write failed, or that was built upon one, gets an error, and memory is forgotten.

use std::io;
use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::{SharedFile, task_error};
use crate::adapter::state::{self, FileVersion, LicenseSpelling, StateFileEncoding};
use crate::adapter::{AdapterError, ErrorKind};
use crate::profile::Simulator;

/// A state file in memory.
pub(super) struct LoadedFile {
    pub(super) simulator: Simulator,
    pub(super) encoding: StateFileEncoding,
    pub(super) spelling: LicenseSpelling,
    /// Of the file that memory goes back to.
    pub(super) version: FileVersion,
}

/// What is in memory, and how much of it is on disk.
#[derive(Default)]
pub(super) struct FileMemory {
    pub(super) loaded: Option<LoadedFile>,
    /// The last ticket drawn.
    issued: u64,
    /// The last ticket whose change is on disk, or is lost.
    flushed: u64,
    /// Tickets that were lost, from and to, with what happened.
    failed: Vec<(u64, u64, AdapterError)>,
}

impl FileMemory {
    /// Whether the file holds all that memory holds.
    pub(super) fn is_flushed(&self) -> bool {
        self.issued == self.flushed
    }

    /// What is in memory; it was read just before.
    pub(super) fn loaded(&mut self) -> Result<&mut LoadedFile, AdapterError> {
        self.loaded.as_mut().ok_or_else(|| AdapterError::new(ErrorKind::Io, "the state file is not in memory"))
    }

    /// A ticket that is settled when the file holds all that memory holds now.
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

    /// Forgets memory and everything that was built upon what could not be written.
    fn discard(&mut self, error: AdapterError) {
        self.failed.push((self.flushed + 1, self.issued, error));
        self.flushed = self.issued;
        self.loaded = None;
    }
}

impl SharedFile {
    /// Waits until the file holds all up to that ticket, and writes it if nobody else does.
    pub(super) async fn wait_until_flushed(self: &Arc<Self>, ticket: u64) -> Result<(), AdapterError> {
        let turn = Arc::clone(&self.write_lock).lock_owned().await;
        let live = Arc::clone(&self.memory).lock_owned().await;
        if let Some(fate) = live.flush_result(ticket) {
            return fate;
        }
        let shared = Arc::clone(self);
        // The turn goes along: should nobody wait any more, the write is finished all the same before the next.
        let writing = tokio::task::spawn_blocking(move || {
            shared.write(live);
            drop(turn);
        });
        writing.await.map_err(|error| task_error(&error))?;
        self.memory.lock().await.flush_result(ticket).unwrap_or(Ok(()))
    }

    /// Writes all that memory holds.
    fn write(&self, mut live: OwnedMutexGuard<FileMemory>) {
        let upto = live.issued;
        let encoded = live.loaded().and_then(|loaded| {
            let text = state::encode(loaded.simulator.state(), self.clock.time(), &loaded.encoding, &loaded.spelling);
            text.map(|text| (text, loaded.version)).map_err(|error| AdapterError::new(ErrorKind::Io, error.to_string()))
        });
        // Others may look and change while the disk works.
        drop(live);
        let done = encoded.and_then(|(text, stamp)| self.replace_file(&text, stamp));
        let mut live = self.memory.blocking_lock();
        match done {
            Err(error) => live.discard(error),
            Ok(stamp) => {
                live.flushed = upto;
                if let Some(loaded) = &mut live.loaded {
                    loaded.version = stamp;
                }
            }
        }
    }

    /// Puts the text in the place of the file, if that is still the one that was read.
    fn replace_file(&self, text: &[u8], before: FileVersion) -> Result<FileVersion, AdapterError> {
        let failed = |error: io::Error| AdapterError::new(ErrorKind::Io, format!("the state file is gone: {error}"));
        state::replace_file(&self.path, text, || {
            if FileVersion::read(&self.path).map_err(failed)? != before {
                let message = "somebody changed the state file at the same time; nothing was written";
                return Err(AdapterError::new(ErrorKind::Conflict, message).help("plan again"));
            }
            Ok(())
        })?;
        FileVersion::read(&self.path).map_err(failed).map_err(|error| AdapterError { maybe_in_effect: true, ..error })
    }
}

impl From<state::FileWriteError> for AdapterError {
    fn from(error: state::FileWriteError) -> Self {
        Self { maybe_in_effect: error.maybe_written, ..Self::new(ErrorKind::Io, error.to_string()) }
    }
}
