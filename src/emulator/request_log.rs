//! The request log.

use jiff::Timestamp;
use serde::Serialize;

/// The most entries of the log; the oldest are dropped.
pub(super) const LOG_CAPACITY: usize = 100_000;

/// A request and the status of its response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    /// The number, from 1.
    pub number: u64,
    /// The time of the emulator's clock.
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// The path and query below the base URL.
    pub path: String,
    /// Whether it carried a key. The key itself is not logged.
    pub key: bool,
    /// The status; null if the connection ended without a response.
    pub status: Option<u16>,
}
