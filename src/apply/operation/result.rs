//! The result of one operation.

use crate::adapter::{AdapterError, ErrorKind};
use crate::model::{Outcome, SkipReason};

/// Why an operation failed, as far as it matters to other operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureCause {
    /// The vendor was busy until the wait ended.
    Busy,
    /// The vendor could not be reached.
    Unreachable,
    /// The vendor denied access.
    AccessDenied,
    /// No seat was free.
    NoSeat,
    /// The vendor refused, or did something else.
    Refused,
    /// There was no clear answer, and no effect before the wait ended.
    Unconfirmed,
    /// An earlier run sent it, without effect.
    NoEffect,
}

/// The result of one operation.
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

    /// The result of an operation that was not sent.
    pub(crate) fn skipped(reason: SkipReason, message: impl Into<String>) -> Self {
        Self { outcome: Outcome::Skipped, message: Some(message.into()), cause: None, skip_reason: Some(reason) }
    }

    /// The result of an operation that was not sent because the run ended early.
    pub(crate) fn drained(reason: SkipReason) -> Self {
        let message = match reason {
            SkipReason::Deadline => "the deadline of the run has passed",
            _ => "the run was stopped",
        };
        Self::skipped(reason, message)
    }

    /// The result after an error without effect.
    pub(crate) fn from_error(prefix: &str, error: &AdapterError) -> Self {
        let cause = match error.kind {
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
        Self { outcome: Outcome::Failed, message, cause: Some(cause), skip_reason: None }
    }

    /// Appends a note to the message.
    pub(crate) fn with_note(mut self, note: &str) -> Self {
        self.message = Some(match self.message {
            Some(message) => format!("{message}; {note}"),
            None => note.to_owned(),
        });
        self
    }

    /// Whether the result counts as a failure of the tenant.
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

    /// Sets the cause.
    pub(crate) fn caused_by(mut self, cause: FailureCause) -> Self {
        self.cause = Some(cause);
        self
    }

    /// Whether it was sent, and counts as absent only because no effect appeared.
    pub(crate) fn is_presumed_absent(&self) -> bool {
        self.outcome == Outcome::Failed
            && matches!(self.cause, Some(FailureCause::Unconfirmed | FailureCause::NoEffect))
    }
}

/// Returns an adapter's error with its help, on one line.
pub(crate) fn message_with_help(error: &AdapterError) -> String {
    match &error.help {
        Some(help) => format!("{} ({help})", error.message),
        None => error.message.clone(),
    }
}
