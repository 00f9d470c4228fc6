//! How a run is told to end.

use std::sync::Arc;

use tokio::sync::watch;

/// The wish that a run ends soon: nothing new is sent, and what was sent is awaited. Clones share it.
#[derive(Clone, Debug)]
pub struct StopSignal(Arc<watch::Sender<bool>>);

impl StopSignal {
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
    pub(crate) async fn stopped(&self) {
        // The sender lives as long as `self`, so that the wait cannot fail.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }
}

impl Default for StopSignal {
    fn default() -> Self {
        Self::new()
    }
}
