//! What was asked of an emulator.

use jiff::Timestamp;
use serde::Serialize;

/// The most requests that are remembered; of more, the first are forgotten.
pub(super) const LOG_CAPACITY: usize = 100_000;

/// One request, and what it was answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    /// Its number, from 1.
    pub number: u64,
    /// When it came, by the emulator's clock.
    pub at: Timestamp,
    /// The method.
    pub method: String,
    /// The path as it was sent, with the query, without what the interface's own address ends with.
    pub path: String,
    /// Whether it bore a key; the key itself is not kept.
    pub key: bool,
    /// The status of the answer; null where the connection ended without one.
    pub status: Option<u16>,
}
