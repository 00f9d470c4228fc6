//! The fate of one operation, with what the rest of the run must know of it.

use crate::adapter::{AdapterError, ErrorKind};
use crate::model::{Outcome, SkipReason};

/// What was in the way, where it says something about the whole tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The vendor took no changes until the wait was over.
    Busy,
    /// The vendor could not be reached, or did not let us in.
    Unreachable,
}

/// The fate of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) outcome: Outcome,
    pub(super) message: Option<String>,
    pub(super) trouble: Option<Trouble>,
    /// Why it was skipped, if it was.
    pub(super) skip: Option<SkipReason>,
}

impl Fate {
    pub(super) fn new(outcome: Outcome, message: impl Into<Option<String>>) -> Self {
        Self { outcome, message: message.into(), trouble: None, skip: None }
    }

    /// The fate of what was not sent.
    pub(super) fn skipped(reason: SkipReason, message: impl Into<String>) -> Self {
        Self { outcome: Outcome::Skipped, message: Some(message.into()), trouble: None, skip: Some(reason) }
    }

    /// The fate after an error that surely had no effect.
    pub(super) fn refused(prefix: &str, error: &AdapterError) -> Self {
        let trouble = match error.kind {
            ErrorKind::Unavailable | ErrorKind::Denied => Some(Trouble::Unreachable),
            ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::NoSeat
            | ErrorKind::Forbidden
            | ErrorKind::Busy
            | ErrorKind::Throttled
            | ErrorKind::Unsupported
            | ErrorKind::Malformed
            | ErrorKind::Io => None,
        };
        let message = Some(format!("{prefix}{}", full_text(error)));
        Self { outcome: Outcome::Failed, message, trouble, skip: None }
    }

    /// The same fate with one thing more to say.
    pub(super) fn and(mut self, more: &str) -> Self {
        self.message = Some(match self.message {
            Some(message) => format!("{message}; {more}"),
            None => more.to_owned(),
        });
        self
    }
}

/// An adapter's error with how to mend it, on one line.
pub(super) fn full_text(error: &AdapterError) -> String {
    match &error.help {
        Some(help) => format!("{} ({help})", error.message),
        None => error.message.clone(),
    }
}
