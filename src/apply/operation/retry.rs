//! Whether and when an operation that had no effect is retried.

use tokio::time::{Instant, sleep};

use super::{FailureCause, OperationResult, Rejection, message_with_help};
use crate::adapter::{AdapterError, ErrorKind};
use crate::apply::Event;
use crate::apply::pacing::{MAX_ATTEMPTS, RequestPriority, RetryState};
use crate::apply::run::context::RunContext;
use crate::apply::tenant::RunControl;
use crate::model::{Operation, OperationId, SkipReason};

/// Whether a request may be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryDecision {
    /// Retry now.
    Retry,
    /// Give up after that many attempts.
    GiveUp(u32),
    /// The run was stopped.
    Stopped,
}

impl RunContext {
    /// Waits until an operation without effect may be sent again. Returns its result if it may not.
    pub(crate) async fn retry_or_fail(
        &self,
        operation: &Operation,
        priority: RequestPriority,
        retries: &mut RetryState,
        rejection: &Rejection,
    ) -> Option<OperationResult> {
        let Rejection { error, was_sent } = rejection;
        let failed = |attempts: u32| {
            let prefix = if *was_sent { "" } else { "not sent: the account could not be read: " };
            let result = OperationResult::from_error(prefix, error);
            if attempts > 1 { result.with_note(&format!("gave up after {attempts} attempts")) } else { result }
        };
        match error.kind {
            ErrorKind::Busy => {
                let client = self.tenants.get(&operation.tenant)?;
                let is_available = client.wait_until_available(&error.message).await;
                (!is_available).then(|| busy_result(&self.control, &error.message))
            }
            ErrorKind::Throttled | ErrorKind::Unavailable => {
                match self.back_off(&operation.id, priority, retries, error).await {
                    RetryDecision::Retry => None,
                    RetryDecision::GiveUp(attempts) => Some(failed(attempts)),
                    RetryDecision::Stopped => {
                        let message = format!("the run was stopped before a retry; {}", message_with_help(error));
                        Some(OperationResult::skipped(SkipReason::Stopped, message))
                    }
                }
            }
            ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::NoSeat
            | ErrorKind::Forbidden
            | ErrorKind::AccessDenied
            | ErrorKind::Unsupported
            | ErrorKind::Malformed
            | ErrorKind::Io => Some(failed(1)),
        }
    }

    /// Waits until a request without effect may be retried, if it may.
    pub(crate) async fn back_off(
        &self,
        id: &OperationId,
        priority: RequestPriority,
        retries: &mut RetryState,
        error: &AdapterError,
    ) -> RetryDecision {
        let RunControl { wait_budget, events, .. } = &*self.control;
        let attempts = retries.attempt();
        if !matches!(error.kind, ErrorKind::Throttled | ErrorKind::Unavailable) {
            return RetryDecision::GiveUp(attempts);
        }
        let Some(pause) = retries.next_pause(Instant::now(), error.retry_after) else {
            return RetryDecision::GiveUp(attempts);
        };
        if wait_budget.remaining() < pause {
            return RetryDecision::GiveUp(attempts);
        }
        events.emit(&Event::Retry {
            operation: id.clone(),
            attempt: retries.attempt(),
            of: MAX_ATTEMPTS,
            pause,
            reason: message_with_help(error),
        });
        let waited = async {
            tokio::select! {
                biased;
                () = sleep(pause) => RetryDecision::Retry,
                () = wait_budget.exhausted() => RetryDecision::GiveUp(attempts),
            }
        };
        match priority {
            // A person is between two licenses, so the operation is sent even after a stop.
            RequestPriority::ClosesGap | RequestPriority::Returning => waited.await,
            RequestPriority::Normal => {
                let index = self.index_of(id);
                self.unless_drained(index.as_slice(), waited).await.unwrap_or(RetryDecision::Stopped)
            }
        }
    }
}

/// The result of an operation that was not sent because the vendor refused changes.
pub(crate) fn busy_result(control: &RunControl, reason: &str) -> OperationResult {
    let until = if control.stop.is_stopped() { "the run was stopped" } else { "the wait ended" };
    OperationResult::skipped(SkipReason::Busy, format!("the vendor was busy until {until}: {reason}"))
        .caused_by(FailureCause::Busy)
}
