//! Journaling and sending operations, and the first read-back.

use tokio::time::Instant;

use super::{Evidence, FreshAccount, InFlight, OperationResult, ReadBack, StepResult, message_with_help};
use crate::adapter::{AdapterError, OperationHandle, Receipt};
use crate::apply::Event;
use crate::apply::pacing::Permit;
use crate::apply::run::context::RunContext;
use crate::apply::tenant::TenantClient;
use crate::model::{Operation, OperationKind, Outcome, RecordedReply};
use crate::store::{JournalEntry, StoreError};

/// What the vendor answered: evidence that the operation may be in effect, or an error that it is not.
type SendResult = Result<(Evidence, Option<OperationHandle>), AdapterError>;

impl RunContext {
    /// Journals operations, sends them in one call, and journals the answers. The caller has reserved the call.
    pub(crate) async fn journal_and_send(
        &self,
        permit: &mut Permit,
        client: &TenantClient,
        operations: &[&Operation],
        is_rollback: bool,
    ) -> Result<Vec<SendResult>, StoreError> {
        if operations.is_empty() {
            return Ok(Vec::new());
        }
        permit.release_while(self.journal_sent(operations, is_rollback)).await?;
        // Another run may have taken the lock while the record was written.
        self.check_lock()?;
        if !is_rollback {
            for operation in operations {
                self.control.events.emit(&Event::Sent { operation: operation.id.clone() });
            }
        }
        let answers = client.execute(operations).await;
        let mut results = Vec::with_capacity(answers.len());
        for (operation, answer) in operations.iter().zip(answers) {
            self.journal_answer(operation, &answer, is_rollback)?;
            results.push(match answer {
                Ok(Receipt::Done) => Ok((Evidence::ReportedDone, None)),
                Ok(Receipt::Accepted(handle)) => Ok((Evidence::Accepted, handle)),
                Ok(Receipt::Already) => Ok((Evidence::ReportedAlready, None)),
                Err(error) if error.maybe_in_effect => Ok((Evidence::Uncertain(message_with_help(&error)), None)),
                Err(error) => Err(error),
            });
        }
        Ok(results)
    }

    /// Journals operations that are about to be sent; the records are durable when this returns.
    async fn journal_sent(&self, operations: &[&Operation], is_rollback: bool) -> Result<(), StoreError> {
        let at = self.control.clock.time();
        match operations {
            [operation] if is_rollback => self.journal.record_rollback(JournalEntry::Sent(operation), at).await,
            operations => {
                let entries: Vec<JournalEntry<'_>> =
                    operations.iter().map(|operation| JournalEntry::Sent(operation)).collect();
                self.journal.record_all(&entries, at).await
            }
        }
    }

    fn journal_answer(
        &self,
        operation: &Operation,
        answer: &Result<Receipt, AdapterError>,
        is_rollback: bool,
    ) -> Result<(), StoreError> {
        let error = answer.as_ref().err();
        let reply = match error {
            None => RecordedReply::Accepted,
            Some(error) if error.maybe_in_effect => RecordedReply::Doubtful,
            Some(_) => RecordedReply::Refused,
        };
        let text = error.map(message_with_help);
        let entry = JournalEntry::Answered {
            operation: &operation.id,
            reply,
            status: error.and_then(|error| error.status),
            message: text.as_deref(),
            body: error.and_then(|error| error.body.as_deref()),
            handle: match answer {
                Ok(Receipt::Accepted(handle)) => handle.as_ref().map(OperationHandle::as_str),
                Ok(Receipt::Done | Receipt::Already) | Err(_) => None,
            },
        };
        self.append(entry, is_rollback)
    }

    /// Reads an operation back right after the answer.
    pub(super) async fn first_read_back(
        &self,
        permit: &mut Permit,
        client: &TenantClient,
        operation: &Operation,
        in_flight: InFlight,
    ) -> StepResult {
        if in_flight.handle.is_some() {
            // An asynchronous operation takes a while.
            return StepResult::InFlight(in_flight);
        }
        if operation.kind == OperationKind::Release {
            return StepResult::done(match in_flight.evidence {
                Evidence::Uncertain(why) => {
                    OperationResult::new(Outcome::Unknown, format!("a release cannot be read back: {why}"))
                }
                _ => OperationResult::new(Outcome::Applied, None),
            });
        }
        match client.read_back(permit, operation, &in_flight).await {
            ReadBack::Certain(result, account) => {
                StepResult::Done(result, account.map(|account| FreshAccount { account, read_at: Instant::now() }))
            }
            ReadBack::Undecided(_) | ReadBack::Unreadable(_) => StepResult::InFlight(in_flight),
        }
    }
}
