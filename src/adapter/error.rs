//! What can go wrong between us and a vendor, in words that no vendor owns.

use std::fmt;
use std::time::Duration;

use super::redact;
use crate::diagnostic::Finding;

/// The kinds of errors; closed, so that whoever handles them handles all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no such account or license.
    NotFound,
    /// The person or pool is not as expected.
    Conflict,
    /// No seat is free.
    NoSeat,
    /// The vendor does not allow this change for this person, now or ever.
    Forbidden,
    /// The credentials are missing, wrong or not allowed to do this.
    AccessDenied,
    /// The vendor takes no changes just now.
    Busy,
    /// Too many requests.
    Throttled,
    /// The vendor, or this adapter, cannot do this.
    Unsupported,
    /// It could not be reached, or did not answer in time.
    Unavailable,
    /// The answer makes no sense.
    Malformed,
    /// Reading or writing a local file failed.
    Io,
}

/// An error of an adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterError {
    /// The kind.
    pub kind: ErrorKind,
    /// One sentence in lower case.
    pub message: String,
    /// How to mend it, if that is known.
    pub help: Option<String>,
    /// Whether the call may have taken effect all the same.
    pub maybe_in_effect: bool,
    /// How long the vendor asks us to send nothing; see [`throttle`](super::throttle).
    pub retry_after: Option<Duration>,
    /// The status of the answer, where the vendor speaks HTTP.
    pub status: Option<u16>,
    /// What the vendor answered, without secrets and cut; see [`answered`](Self::answered).
    pub body: Option<String>,
    /// What is wrong with a file that the adapter reads, each with its place; the message tells the first.
    pub findings: Vec<Finding>,
}

impl AdapterError {
    /// An error of that kind that surely had no effect.
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

    /// Whether it says nothing of the matter: somebody who asks again may get another answer.
    pub fn is_transient(&self) -> bool {
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

    /// The same error with how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error with the vendor's own answer; `secrets` are those that the adapter knows.
    #[must_use]
    pub fn with_response(mut self, status: u16, body: &[u8], secrets: &[&str]) -> Self {
        self.status = Some(status);
        self.body = Some(redact::body(body, secrets)).filter(|body| !body.is_empty());
        self
    }

    /// The same error, with how long the vendor asks us to send nothing.
    #[must_use]
    pub fn with_retry_after(mut self, pause: Option<Duration>) -> Self {
        self.retry_after = pause;
        self
    }
}

impl fmt::Display for AdapterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AdapterError {}
