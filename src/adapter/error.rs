//! Errors of adapters, in vendor-independent terms.

use std::time::Duration;

use super::redact;
use crate::diagnostic::Finding;

/// The kind of an error. The set is closed, so that callers handle every kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The account or license does not exist.
    NotFound,
    /// The person or pool is not in the expected state.
    Conflict,
    /// No seat is free.
    NoSeat,
    /// The vendor never allows this change for this person.
    Forbidden,
    /// The credentials are missing, invalid or insufficient.
    AccessDenied,
    /// The vendor currently refuses changes.
    Busy,
    /// Too many requests.
    Throttled,
    /// The vendor or the adapter does not support this.
    Unsupported,
    /// The vendor is unreachable or did not respond in time.
    Unavailable,
    /// The response is invalid.
    Malformed,
    /// Reading or writing a local file failed.
    Io,
}

/// An error of an adapter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct AdapterError {
    /// The kind.
    pub kind: ErrorKind,
    /// One sentence in lower case.
    pub message: String,
    /// How to fix it, if known.
    pub help: Option<String>,
    /// Whether the call may have taken effect nevertheless.
    pub maybe_in_effect: bool,
    /// How long the vendor asks clients to pause.
    pub retry_after: Option<Duration>,
    /// The HTTP status of the response.
    pub status: Option<u16>,
    /// The vendor's response, truncated and without secrets.
    pub body: Option<String>,
    /// Every fault of a file that the adapter reads, each with its location; the message repeats the first.
    pub findings: Vec<Finding>,
}

impl AdapterError {
    /// Creates an error of a call that certainly had no effect.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            help: None,
            maybe_in_effect: false,
            retry_after: None,
            status: None,
            body: None,
            findings: Vec::new(),
        }
    }

    /// Whether a retry may succeed.
    pub(crate) fn is_transient(&self) -> bool {
        match self.kind {
            ErrorKind::Busy
            | ErrorKind::Throttled
            | ErrorKind::Unavailable
            | ErrorKind::AccessDenied
            | ErrorKind::Io => true,
            ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::NoSeat
            | ErrorKind::Forbidden
            | ErrorKind::Unsupported
            | ErrorKind::Malformed => false,
        }
    }

    /// Adds how to fix it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the vendor's response, without the given secrets.
    #[must_use]
    pub(crate) fn with_response(mut self, status: u16, body: &[u8], secrets: &[&str]) -> Self {
        self.status = Some(status);
        self.body = Some(redact::body(body, secrets)).filter(|body| !body.is_empty());
        self
    }

    /// Adds how long the vendor asks clients to pause.
    #[must_use]
    pub fn with_retry_after(mut self, pause: Option<Duration>) -> Self {
        self.retry_after = pause;
        self
    }
}
