//! The signal that ends a run early.

use std::sync::Arc;

use tokio::sync::watch;

/// Ends a run early: it sends nothing new, and awaits what is in flight. Clones share the signal.
#[derive(Clone, Debug)]
pub struct StopSignal(Arc<watch::Sender<bool>>);

impl StopSignal {
    /// Creates a signal that is not set.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Sets the signal, for good.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether the signal is set.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the signal is set.
    pub(crate) async fn stopped(&self) {
        // The sender lives as long as `self`, so the wait cannot fail.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }
}

impl Default for StopSignal {
    fn default() -> Self {
        Self::new()
    }
}
