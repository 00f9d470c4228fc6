//! One operation from check to outcome: check the account, journal, send, verify, retry, roll back.

mod check;
mod effect;
mod result;
mod retry;
mod roll_back;
mod send;
mod verify;

use tokio::time::Instant;

use crate::adapter::AdapterError;
use crate::apply::pacing::{RequestPriority, RetryState};
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::OperationIndex;
use crate::model::{Account, Operation, SkipReason};
use crate::store::StoreError;

pub(crate) use self::check::changed_since_plan;
pub(crate) use self::effect::{ObservedEffect, describe_holdings, observe_effect};
pub(crate) use self::result::{FailureCause, OperationResult, message_with_help};
pub(crate) use self::retry::{RetryDecision, busy_result};
pub(crate) use self::roll_back::{RollbackRequest, RollbackResult, rollback_operation, stranded_person};
pub(crate) use self::verify::{Evidence, InFlight, READ_BACK_WINDOW, ReadBack};

/// A person's account as it was read a moment ago.
#[derive(Clone, Debug)]
pub(crate) struct FreshAccount {
    pub(crate) account: Account,
    pub(crate) read_at: Instant,
}

/// An operation that had no effect.
#[derive(Clone, Debug)]
pub(crate) struct Rejection {
    pub(crate) error: AdapterError,
    /// Whether the request was sent.
    pub(crate) was_sent: bool,
}

/// What one attempt at an operation came to.
#[derive(Debug)]
pub(crate) enum StepResult {
    /// The result, with the account as it was last read.
    Done(OperationResult, Option<FreshAccount>),
    /// It was sent, and its effect is not visible yet.
    InFlight(InFlight),
    /// It had no effect, and may be retried alone.
    Rejected(Rejection),
}

impl StepResult {
    fn done(result: OperationResult) -> Self {
        Self::Done(result, None)
    }
}

impl RunContext {
    /// Executes one operation, with retries, until it has a result or is in flight. `rejected` is the failure of an
    /// earlier attempt in a batch.
    pub(crate) async fn execute_with_retry(
        &self,
        index: OperationIndex,
        priority: RequestPriority,
        mut fresh: Option<FreshAccount>,
        mut rejected: Option<Rejection>,
    ) -> Result<StepResult, StoreError> {
        let operation = self.operation(index);
        let mut retries = RetryState::new(self.control.seed, index, Instant::now());
        loop {
            if let Some(rejection) = rejected.take()
                && let Some(result) = self.retry_or_fail(operation, priority, &mut retries, &rejection).await
            {
                return Ok(StepResult::done(result));
            }
            match self.attempt(&[index], priority, fresh.take()).await?.pop() {
                Some((_, StepResult::Rejected(rejection))) => rejected = Some(rejection),
                Some((_, result)) => return Ok(result),
                None => return Ok(StepResult::done(OperationResult::skipped(SkipReason::Stopped, "not sent"))),
            }
        }
    }

    /// Sends operations of one tenant in one call, once.
    pub(crate) async fn attempt(
        &self,
        indices: &[OperationIndex],
        priority: RequestPriority,
        fresh: Option<FreshAccount>,
    ) -> Result<Vec<(OperationIndex, StepResult)>, StoreError> {
        let mut results = Vec::with_capacity(indices.len());
        let Some(first) = indices.first().map(|index| self.operation(*index)) else { return Ok(results) };
        let Some(client) = self.tenants.get(&first.tenant) else {
            let message = format!("the manifest has no tenant `{}`", first.tenant);
            let result = OperationResult::skipped(SkipReason::Unreachable, message);
            results.extend(indices.iter().map(|index| (*index, StepResult::done(result.clone()))));
            return Ok(results);
        };
        let prepare = async {
            let mut permit = client.acquire(priority).await;
            let (ready, results) = self.check_all(&mut permit, client, indices, priority, fresh).await;
            let reserved = if ready.is_empty() { Ok(()) } else { client.reserve_execute(&mut permit).await };
            (permit, ready, results, reserved)
        };
        let Some((mut permit, mut ready, checked, reserved)) = self.unless_drained(indices, prepare).await else {
            return Ok(indices.iter().map(|index| (*index, self.drained_step())).collect());
        };
        results.extend(checked);
        if let Err(error) = reserved {
            let rejected =
                |(index, _)| (index, StepResult::Rejected(Rejection { error: error.clone(), was_sent: false }));
            results.extend(ready.into_iter().map(rejected));
            return Ok(results);
        }
        ready.retain(|(index, _)| {
            let is_admitted = self.admit(*index);
            if !is_admitted {
                results.push((*index, self.drained_step()));
            }
            is_admitted
        });
        let operations: Vec<&Operation> = ready.iter().map(|(index, _)| self.operation(*index)).collect();
        let answers = self.journal_and_send(&mut permit, client, &operations, false).await?;
        for (((index, before), operation), answer) in ready.into_iter().zip(operations).zip(answers) {
            let result = match answer {
                Ok((evidence, handle)) => {
                    let in_flight = InFlight { holdings_before: Some(before), evidence, handle };
                    self.first_read_back(&mut permit, client, operation, in_flight).await
                }
                Err(error) => StepResult::Rejected(Rejection { error, was_sent: true }),
            };
            results.push((index, result));
        }
        Ok(results)
    }

    /// The result of an operation that was not sent because the run drains.
    fn drained_step(&self) -> StepResult {
        let reason = self.drain_reason().unwrap_or(SkipReason::Stopped);
        StepResult::done(OperationResult::drained(reason))
    }
}
