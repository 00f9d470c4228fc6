//! Writing the file so that one write can cover many operations.
//!
//! An operation changes the simulator in memory, draws a ticket and waits until the file holds all up to its ticket. Who
//! finds nobody writing writes all that there is; the others find themselves covered. What must hold: an operation
//! whose write failed, or that was built upon one, gets an error, and memory is forgotten.

use std::io;
use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::{Shared, stopped};
use crate::adapter::state::{self, Form, Spelling, Stamp};
use crate::adapter::{AdapterError, ErrorKind};
use crate::profile::Simulator;

/// A state file in memory.
pub(super) struct Loaded {
    pub(super) simulator: Simulator,
    pub(super) form: Form,
    pub(super) spelling: Spelling,
    /// Of the file that memory goes back to.
    pub(super) stamp: Stamp,
}

/// What is in memory, and how much of it is on disk.
#[derive(Default)]
pub(super) struct Live {
    pub(super) loaded: Option<Loaded>,
    /// The last ticket drawn.
    drawn: u64,
    /// The last ticket whose change is on disk, or is lost.
    settled: u64,
    /// Tickets that were lost, from and to, with what happened.
    lost: Vec<(u64, u64, AdapterError)>,
}

impl Live {
    /// Whether the file holds all that memory holds.
    pub(super) fn is_settled(&self) -> bool {
        self.drawn == self.settled
    }

    /// What is in memory; it was read just before.
    pub(super) fn loaded(&mut self) -> Result<&mut Loaded, AdapterError> {
        self.loaded.as_mut().ok_or_else(|| AdapterError::new(ErrorKind::Io, "the state file is not in memory"))
    }

    /// A ticket that is settled when the file holds all that memory holds now.
    pub(super) fn ticket(&mut self, changed: bool) -> u64 {
        self.drawn += u64::from(changed);
        self.drawn
    }

    fn fate(&self, ticket: u64) -> Option<Result<(), AdapterError>> {
        if let Some((_, _, error)) = self.lost.iter().find(|(from, to, _)| (*from..=*to).contains(&ticket)) {
            return Some(Err(error.clone()));
        }
        (ticket <= self.settled).then_some(Ok(()))
    }

    /// Forgets memory and everything that was built upon what could not be written.
    fn lose(&mut self, error: AdapterError) {
        self.lost.push((self.settled + 1, self.drawn, error));
        self.settled = self.drawn;
        self.loaded = None;
    }
}

impl Shared {
    /// Waits until the file holds all up to that ticket, and writes it if nobody else does.
    pub(super) async fn written(self: &Arc<Self>, ticket: u64) -> Result<(), AdapterError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let live = Arc::clone(&self.live).lock_owned().await;
        if let Some(fate) = live.fate(ticket) {
            return fate;
        }
        let shared = Arc::clone(self);
        // The turn goes along: should nobody wait any more, the write is finished all the same before the next.
        let writing = tokio::task::spawn_blocking(move || {
            shared.write(live);
            drop(turn);
        });
        writing.await.map_err(|error| stopped(&error))?;
        self.live.lock().await.fate(ticket).unwrap_or(Ok(()))
    }

    /// Writes all that memory holds.
    fn write(&self, mut live: OwnedMutexGuard<Live>) {
        let upto = live.drawn;
        let encoded = live.loaded().and_then(|loaded| {
            let text = state::encode(loaded.simulator.state(), self.clock.time(), &loaded.form, &loaded.spelling);
            text.map(|text| (text, loaded.stamp)).map_err(|error| AdapterError::new(ErrorKind::Io, error.to_string()))
        });
        // Others may look and change while the disk works.
        drop(live);
        let done = encoded.and_then(|(text, stamp)| self.put(&text, stamp));
        let mut live = self.live.blocking_lock();
        match done {
            Err(error) => live.lose(error),
            Ok(stamp) => {
                live.settled = upto;
                if let Some(loaded) = &mut live.loaded {
                    loaded.stamp = stamp;
                }
            }
        }
    }

    /// Puts the text in the place of the file, if that is still the one that was read.
    fn put(&self, text: &[u8], before: Stamp) -> Result<Stamp, AdapterError> {
        let failed = |error: io::Error| AdapterError::new(ErrorKind::Io, format!("the state file is gone: {error}"));
        state::replace(&self.path, text, || {
            if Stamp::of(&self.path).map_err(failed)? != before {
                let message = "somebody changed the state file at the same time; nothing was written";
                return Err(AdapterError::new(ErrorKind::Conflict, message).help("plan again"));
            }
            Ok(())
        })?;
        Stamp::of(&self.path).map_err(failed).map_err(|error| AdapterError { maybe_in_effect: true, ..error })
    }
}

impl From<state::WriteError> for AdapterError {
    fn from(error: state::WriteError) -> Self {
        Self { maybe_in_effect: error.maybe_written, ..Self::new(ErrorKind::Io, error.to_string()) }
    }
}
