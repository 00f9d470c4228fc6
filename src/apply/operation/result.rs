//! The fate of one operation, with what the rest of the run must know of it.

use crate::adapter::{AdapterError, ErrorKind};
use crate::model::{Outcome, SkipReason};

/// What was in the way, where it says something beyond the one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureCause {
    /// The vendor took no changes until the wait was over.
    Busy,
    /// The vendor could not be reached.
    Unreachable,
    /// The vendor did not let us in.
    AccessDenied,
    /// No seat was free.
    NoSeat,
    /// The vendor refused, or gave something else.
    Refused,
    /// There was no clear answer, and nothing came of it while there was patience.
    Unconfirmed,
    /// An earlier run sent it, and nothing came of it.
    NoEffect,
}

/// The fate of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OperationResult {
    pub(crate) outcome: Outcome,
    pub(crate) message: Option<String>,
    pub(crate) cause: Option<FailureCause>,
    /// Why it was skipped, if it was.
    pub(crate) skip_reason: Option<SkipReason>,
}

impl OperationResult {
    pub(crate) fn new(outcome: Outcome, message: impl Into<Option<String>>) -> Self {
        Self { outcome, message: message.into(), cause: None, skip_reason: None }
    }

    /// The fate of what was not sent.
    pub(crate) fn skipped(reason: SkipReason, message: impl Into<String>) -> Self {
        Self { outcome: Outcome::Skipped, message: Some(message.into()), cause: None, skip_reason: Some(reason) }
    }

    /// The fate after an error that surely had no effect.
    pub(crate) fn from_error(prefix: &str, error: &AdapterError) -> Self {
        let trouble = match error.kind {
            ErrorKind::Unavailable => FailureCause::Unreachable,
            ErrorKind::AccessDenied => FailureCause::AccessDenied,
            ErrorKind::NoSeat => FailureCause::NoSeat,
            ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::Forbidden
            | ErrorKind::Busy
            | ErrorKind::Throttled
            | ErrorKind::Unsupported
            | ErrorKind::Malformed
            | ErrorKind::Io => FailureCause::Refused,
        };
        let message = Some(format!("{prefix}{}", message_with_help(error)));
        Self { outcome: Outcome::Failed, message, cause: Some(trouble), skip_reason: None }
    }

    /// The same fate with one thing more to say.
    pub(crate) fn with_note(mut self, more: &str) -> Self {
        self.message = Some(match self.message {
            Some(message) => format!("{message}; {more}"),
            None => more.to_owned(),
        });
        self
    }

    /// Whether it says that the tenant does not do what it should.
    pub(crate) fn counts_against_tenant(&self) -> bool {
        match self.outcome {
            Outcome::Failed => {
                matches!(
                    self.cause,
                    Some(
                        FailureCause::Unreachable
                            | FailureCause::AccessDenied
                            | FailureCause::Refused
                            | FailureCause::Unconfirmed
                    )
                )
            }
            Outcome::Unknown => true,
            Outcome::Applied | Outcome::Already | Outcome::Pending | Outcome::Skipped => false,
        }
    }

    /// The same fate, with what was in the way.
    pub(crate) fn caused_by(mut self, trouble: FailureCause) -> Self {
        self.cause = Some(trouble);
        self
    }

    /// Whether it was sent, and counts as absent only because nothing came of it.
    pub(crate) fn is_presumed_absent(&self) -> bool {
        self.outcome == Outcome::Failed
            && matches!(self.cause, Some(FailureCause::Unconfirmed | FailureCause::NoEffect))
    }
}

/// An adapter's error with how to mend it, on one line.
pub(crate) fn message_with_help(error: &AdapterError) -> String {
    match &error.help {
        Some(help) => format!("{} ({help})", error.message),
        None => error.message.clone(),
    }
}
