//! What a run tells while it goes on, and how it is told to stop.

use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;
use tokio::sync::watch;

use crate::model::{OperationId, Outcome};

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A run that died left operations open, and they are being settled by reading.
    Settling {
        /// The interrupted run.
        run: SmolStr,
        /// How many operations it left open.
        operations: usize,
    },
    /// An operation that an interrupted run left open was settled by reading.
    Settled {
        /// The interrupted run.
        run: SmolStr,
        /// The operation in that run's plan.
        operation: OperationId,
        /// The person it was for.
        person: SmolStr,
        /// What came of it.
        outcome: Outcome,
        /// Why.
        message: Option<String>,
    },
    /// The run began.
    Started {
        /// Its name.
        run: SmolStr,
        /// How many operations the plan has.
        operations: usize,
    },
    /// An operation is about to be sent.
    Sent(OperationId),
    /// An operation was accepted, and its effect is waited for.
    Waiting(OperationId),
    /// A tenant takes no changes just now, and is waited for.
    Busy {
        /// The tenant.
        tenant: SmolStr,
        /// Why, as the vendor says it.
        reason: String,
    },
    /// The fate of an operation is known.
    Done {
        /// The operation.
        operation: OperationId,
        /// Its fate.
        outcome: Outcome,
        /// Why.
        message: Option<String>,
    },
}

/// Whoever wants to be told of events; it is called from several threads and must not block.
#[derive(Clone)]
pub struct Watch(Arc<dyn Fn(&Event) + Send + Sync>);

impl Watch {
    /// Calls that function with each event.
    pub fn new(watch: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(watch))
    }

    /// Tells nobody.
    pub fn nobody() -> Self {
        Self::new(|_| {})
    }

    pub(super) fn tell(&self, event: &Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

/// The wish that a run ends soon: nothing new is sent, and what was sent is awaited. Clones share it.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    /// Nobody wishes it yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Wishes it, for good.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is wished.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Ends when it is wished.
    pub(super) async fn stopped(&self) {
        // The sender lives as long as `self`, so that the wait cannot fail.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}
