//! Operations on their way: look once more, write down, send, look what came of it; again where nothing came of it.

pub(crate) mod result;
pub(crate) mod roll_back;
pub(crate) mod verify;

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::adapter::{AdapterError, ErrorKind, OperationHandle, Receipt};
use crate::apply::Event;
use crate::apply::operation::result::{FailureCause, OperationResult, message_with_help};
use crate::apply::operation::verify::{ObservedEffect, describe_holdings, observe_effect};
use crate::apply::pacing::{MAX_ATTEMPTS, Permit, RequestPriority, RetryState};
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::OperationIndex;
use crate::apply::run::tenants::{Evidence, InFlight, READ_BACK_WINDOW, ReadBack, TenantClients, wait_expired};
use crate::apply::target::Target;
use crate::model::{Account, Holding, Operation, OperationId, OperationKind, Outcome, SkipReason};
use crate::store::{PreviousAttempt, StoreError};

/// How long a look at a person counts as a look just before the next operation of theirs.
const FRESH_FOR: Duration = Duration::from_secs(2);

/// A person's account as it was seen a moment ago.
#[derive(Clone, Debug)]
pub(crate) struct FreshAccount {
    pub(crate) account: Account,
    pub(crate) read_at: Instant,
}

/// Where a step ends.
#[derive(Debug)]
pub(crate) enum StepResult {
    /// The fate is certain; with the account as it was seen last.
    Done(OperationResult, Option<FreshAccount>),
    /// It was accepted, and is to be followed.
    InFlight(InFlight),
    /// It surely had no effect; it goes on alone where it went with others.
    Refused {
        error: AdapterError,
        /// Whether it was sent at all.
        was_sent: bool,
    },
}

/// Whether something may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryDecision {
    /// It may, now.
    Retry,
    /// It was tried so many times, and that is enough.
    GiveUp(u32),
    /// The run was stopped meanwhile.
    Stopped,
}

/// How the vendor answered.
pub(crate) enum SendResult {
    /// It may be in effect.
    Sent(Evidence, Option<OperationHandle>),
    /// It surely is not.
    Refused(AdapterError),
    /// There was no patience left to send it.
    NotSent(AdapterError),
}

impl StepResult {
    fn done(fate: OperationResult) -> Self {
        Self::Done(fate, None)
    }
}

impl RunContext {
    /// Takes one operation to its fate, or to where it is to be followed; `refused` is how it fared before, if it was
    /// sent with others.
    pub(crate) async fn execute_with_retry(
        &self,
        index: OperationIndex,
        class: RequestPriority,
        mut seen: Option<FreshAccount>,
        mut refused: Option<(AdapterError, bool)>,
    ) -> Result<StepResult, StoreError> {
        let operation = self.operation(index);
        let mut effort = RetryState::new(self.tenants.seed, index, Instant::now());
        loop {
            if let Some((error, was_sent)) = refused.take()
                && let Some(fate) = self.retry_or_fail(operation, class, &mut effort, &error, was_sent).await
            {
                return Ok(StepResult::done(fate));
            }
            match self.attempt(&[index], class, seen.take()).await?.pop() {
                Some((_, StepResult::Refused { error, was_sent })) => refused = Some((error, was_sent)),
                Some((_, landing)) => return Ok(landing),
                None => return Ok(StepResult::done(OperationResult::skipped(SkipReason::Stopped, "it was not sent"))),
            }
        }
    }

    /// Sends operations of one tenant together, once.
    pub(crate) async fn attempt(
        &self,
        indices: &[OperationIndex],
        class: RequestPriority,
        seen: Option<FreshAccount>,
    ) -> Result<Vec<(OperationIndex, StepResult)>, StoreError> {
        let mut landings = Vec::with_capacity(indices.len());
        let Some(first) = indices.first().map(|index| self.operation(*index)) else { return Ok(landings) };
        let Some((target, stile)) = self.tenants.tenant(&first.tenant) else {
            let message = format!("the manifest has no tenant `{}`", first.tenant);
            let fate = OperationResult::skipped(SkipReason::Unreachable, message);
            landings.extend(indices.iter().map(|index| (*index, StepResult::done(fate.clone()))));
            return Ok(landings);
        };
        let mut turn = stile.acquire(class).await;
        let mut going: Vec<(OperationIndex, Vec<Holding>)> = Vec::with_capacity(indices.len());
        let mut seen = seen.filter(|seen| seen.read_at.elapsed() < FRESH_FOR);
        for index in indices {
            let mut checked = self.check_account(&mut turn, target, self.operation(*index), seen.take()).await;
            if class == RequestPriority::ClosesGap
                && matches!(checked, Err(StepResult::Done(..)))
                && !target.connection.observe.is_immediate()
            {
                // What was taken from the person was seen to be gone: a vendor may show for a moment what was so before.
                turn.release_while(sleep(READ_BACK_WINDOW)).await;
                checked = self.check_account(&mut turn, target, self.operation(*index), None).await;
            }
            match checked {
                Ok(before) => {
                    let operation = self.operation(*index);
                    let is_trial = |held: &Holding| held.trial && held.license == operation.license;
                    if operation.kind == OperationKind::Remove && before.iter().any(is_trial) {
                        self.mark_trial_removal(*index);
                    }
                    going.push((*index, before));
                }
                Err(landing) => landings.push((*index, landing)),
            }
        }
        let operations: Vec<&Operation> = going.iter().map(|(index, _)| self.operation(*index)).collect();
        let deliveries = self.journal_and_send(&mut turn, target, &operations, false).await?;
        for (((index, before), operation), delivery) in going.into_iter().zip(operations).zip(deliveries) {
            let landing = match delivery {
                SendResult::Sent(reliance, handle) => {
                    let coming = InFlight { holdings_before: Some(before), evidence: reliance, handle };
                    self.first_read_back(&mut turn, target, operation, coming).await
                }
                SendResult::Refused(error) => StepResult::Refused { error, was_sent: true },
                SendResult::NotSent(error) => StepResult::Refused { error, was_sent: false },
            };
            landings.push((index, landing));
        }
        Ok(landings)
    }

    /// Looks at the person once more: what they hold, where the operation may be sent.
    async fn check_account(
        &self,
        turn: &mut Permit,
        target: &Target,
        operation: &Operation,
        seen: Option<FreshAccount>,
    ) -> Result<Vec<Holding>, StepResult> {
        let earlier = self.previous.get(&operation.id);
        if operation.kind == OperationKind::Release && earlier.is_none() {
            // The freed seat is nobody's any more, whatever its last holder has by now.
            return Ok(Vec::new());
        }
        let account = match seen {
            Some(seen) => Some(seen.account),
            None => match self.tenants.read_account(turn, target, operation).await {
                Ok(account) => account,
                Err(error) => return Err(StepResult::Refused { error, was_sent: false }),
            },
        };
        if let Some(earlier) = earlier.filter(|earlier| !had_no_effect(target, operation, earlier, account.as_ref())) {
            return Err(continue_previous(target, operation, earlier, account));
        }
        let Some(account) = account else { return Err(stale(format!("the account `{}` is gone", operation.account))) };
        if target.rules.expects(&account.holdings, &operation.license) != operation.expects {
            let license = operation.to.as_deref().unwrap_or(&operation.license);
            let holds = describe_holdings(&target.rules, license, &account);
            let wanted = describe_intent(operation);
            let message = format!("{} changed since the plan: now {holds}, and the plan {wanted}", operation.person);
            return Err(stale(message));
        }
        Ok(account.holdings)
    }

    /// Writes operations down, sends them in one request, and writes down the answers. A busy vendor has refused.
    pub(crate) async fn journal_and_send(
        &self,
        turn: &mut Permit,
        target: &Target,
        operations: &[&Operation],
        remedy: bool,
    ) -> Result<Vec<SendResult>, StoreError> {
        if operations.is_empty() {
            return Ok(Vec::new());
        }
        let requests = target.connection.execute.as_ref().map_or(1, |execute| execute.requests_per_call());
        if turn.wait_for_tokens(requests).await.is_err() {
            return Ok(operations.iter().map(|_| SendResult::NotSent(wait_expired())).collect());
        }
        turn.release_while(self.journal_sent(operations, remedy)).await?;
        // The record is durable, and perhaps it took long: whoever has the lock now may not be us.
        self.check_lock()?;
        if !remedy {
            for operation in operations {
                self.tenants.events.emit(&Event::Sent { operation: operation.id.clone() });
            }
        }
        let answers = self.tenants.execute(target, operations).await;
        let mut deliveries = Vec::with_capacity(answers.len());
        for (operation, answer) in operations.iter().zip(answers) {
            self.journal_answer(operation, &answer, remedy)?;
            deliveries.push(match answer {
                Ok(Receipt::Done) => SendResult::Sent(Evidence::ReportedDone, None),
                Ok(Receipt::Accepted(handle)) => SendResult::Sent(Evidence::Accepted, handle),
                Ok(Receipt::Already) => SendResult::Sent(Evidence::ReportedAlready, None),
                Err(error) if error.maybe_in_effect => {
                    SendResult::Sent(Evidence::Uncertain(message_with_help(&error)), None)
                }
                Err(error) => SendResult::Refused(error),
            });
        }
        Ok(deliveries)
    }

    /// The first look after the answer.
    async fn first_read_back(
        &self,
        turn: &mut Permit,
        target: &Target,
        operation: &Operation,
        coming: InFlight,
    ) -> StepResult {
        if coming.handle.is_some() {
            // Nobody has looked at it yet.
            return StepResult::InFlight(coming);
        }
        if operation.kind == OperationKind::Release {
            return StepResult::done(match coming.evidence {
                Evidence::Uncertain(why) => {
                    OperationResult::new(Outcome::Unknown, format!("nobody can look it up: {why}"))
                }
                _ => OperationResult::new(Outcome::Applied, None),
            });
        }
        match self.tenants.read_back(turn, target, operation, &coming).await {
            ReadBack::Certain(fate, account) => {
                StepResult::Done(fate, account.map(|account| FreshAccount { account, read_at: Instant::now() }))
            }
            ReadBack::Undecided(_) | ReadBack::Unreadable(_) => StepResult::InFlight(coming),
        }
    }

    /// Waits until an operation that surely had no effect may be sent again; its fate where it may not.
    pub(crate) async fn retry_or_fail(
        &self,
        operation: &Operation,
        class: RequestPriority,
        effort: &mut RetryState,
        error: &AdapterError,
        was_sent: bool,
    ) -> Option<OperationResult> {
        let refused = |times: u32| {
            let prefix = if was_sent { "" } else { "the account could not be read, so that nothing was sent: " };
            let fate = OperationResult::from_error(prefix, error);
            if times > 1 { fate.with_note(&format!("given up after {times} attempts")) } else { fate }
        };
        match error.kind {
            ErrorKind::Busy => {
                let (target, _) = self.tenants.tenant(&operation.tenant)?;
                // A vendor that is busy did nothing, so that sending again is sending once.
                let is_free = self.tenants.wait_until_available(&operation.tenant, target, &error.message).await;
                (!is_free).then(|| busy_result(&self.tenants, &error.message))
            }
            ErrorKind::Throttled | ErrorKind::Unavailable => {
                match self.back_off(&operation.id, class, effort, error).await {
                    RetryDecision::Retry => None,
                    RetryDecision::GiveUp(times) => Some(refused(times)),
                    RetryDecision::Stopped => {
                        let message =
                            format!("the run was stopped before it was sent again; {}", message_with_help(error));
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
            | ErrorKind::Io => Some(refused(1)),
        }
    }

    /// Waits until something that surely had no effect may be tried again, if it may.
    pub(crate) async fn back_off(
        &self,
        what: &OperationId,
        class: RequestPriority,
        effort: &mut RetryState,
        error: &AdapterError,
    ) -> RetryDecision {
        let attempts = effort.attempt();
        if !matches!(error.kind, ErrorKind::Throttled | ErrorKind::Unavailable) {
            return RetryDecision::GiveUp(attempts);
        }
        let Some(pause) = effort.next_pause(Instant::now(), error.retry_after) else {
            return RetryDecision::GiveUp(attempts);
        };
        if self.tenants.wait_budget.remaining() < pause {
            return RetryDecision::GiveUp(attempts);
        }
        self.tenants.events.emit(&Event::Retry {
            operation: what.clone(),
            attempt: effort.attempt(),
            of: MAX_ATTEMPTS,
            pause,
            reason: message_with_help(error),
        });
        let stopped = async {
            match class {
                // Somebody is between two licenses, and whoever wished to stop did not wish that.
                RequestPriority::ClosesGap | RequestPriority::Returning => std::future::pending().await,
                RequestPriority::Normal => self.tenants.stop.stopped().await,
            }
        };
        tokio::select! {
            biased;
            () = sleep(pause) => RetryDecision::Retry,
            () = self.tenants.wait_budget.exhausted() => RetryDecision::GiveUp(attempts),
            () = stopped => RetryDecision::Stopped,
        }
    }
}

/// Whether what an earlier run sent surely had no effect and never will: then sending it is sending it once.
fn had_no_effect(target: &Target, operation: &Operation, earlier: &PreviousAttempt, account: Option<&Account>) -> bool {
    target.connection.observe.is_immediate()
        && earlier.outcome == Some(Outcome::Failed)
        && operation.kind != OperationKind::Release
        && observe_effect(&target.rules, operation, None, account) == ObservedEffect::Absent
}

/// What to say of an operation that an earlier run of this plan sent: whatever came of it, it is not sent again.
fn continue_previous(
    target: &Target,
    operation: &Operation,
    earlier: &PreviousAttempt,
    account: Option<Account>,
) -> StepResult {
    let run = &earlier.run;
    let handle = earlier.handle.as_deref().and_then(OperationHandle::new);
    let is_open = !matches!(earlier.outcome, Some(Outcome::Applied | Outcome::Already | Outcome::Failed));
    if operation.kind == OperationKind::Release && handle.is_some() && is_open {
        return StepResult::InFlight(InFlight {
            holdings_before: None,
            evidence: Evidence::PreviousRun(run.clone()),
            handle,
        });
    }
    if operation.kind == OperationKind::Release {
        let outcome = if earlier.outcome == Some(Outcome::Applied) { Outcome::Already } else { Outcome::Unknown };
        return StepResult::done(OperationResult::new(outcome, format!("sent by `{run}`")));
    }
    match (observe_effect(&target.rules, operation, None, account.as_ref()), earlier.outcome) {
        (ObservedEffect::Present, _) => {
            let seen = account.map(|account| FreshAccount { account, read_at: Instant::now() });
            StepResult::Done(OperationResult::new(Outcome::Already, format!("sent by `{run}`")), seen)
        }
        (ObservedEffect::Absent | ObservedEffect::Other(_), Some(Outcome::Applied | Outcome::Already)) => {
            stale(format!("applied by `{run}`, and undone since"))
        }
        (ObservedEffect::Absent | ObservedEffect::Other(_), Some(Outcome::Failed)) => {
            let message = format!("sent by `{run}` and without effect; plan again");
            StepResult::done(OperationResult::new(Outcome::Failed, message).caused_by(FailureCause::NoEffect))
        }
        (ObservedEffect::InProgress, _)
        | (
            ObservedEffect::Absent | ObservedEffect::Other(_),
            None | Some(Outcome::Pending | Outcome::Unknown | Outcome::Skipped),
        ) => StepResult::InFlight(InFlight {
            holdings_before: None,
            evidence: Evidence::PreviousRun(run.clone()),
            handle,
        }),
    }
}

/// What the plan was to do, as a sentence's end.
pub(crate) fn describe_intent(operation: &Operation) -> String {
    let license = &operation.license;
    match operation.kind {
        OperationKind::Cancel => format!("takes back the request for `{license}`"),
        OperationKind::Remove => format!("takes `{license}` away"),
        OperationKind::Change => {
            format!("changes `{license}` to `{}`", operation.to.as_ref().unwrap_or(license))
        }
        OperationKind::Assign => format!("gives `{license}`"),
        OperationKind::Restore => "gives memberships back".to_owned(),
        OperationKind::Release => format!("gives up a seat of `{license}`"),
    }
}

fn stale(message: String) -> StepResult {
    StepResult::done(OperationResult::skipped(SkipReason::Stale, message))
}

/// The fate of what was not sent because the vendor took no changes.
pub(crate) fn busy_result(world: &TenantClients, reason: &str) -> OperationResult {
    let until = if world.stop.is_stopped() { "the run was stopped" } else { "the wait was over" };
    let mut fate = OperationResult::skipped(SkipReason::Busy, format!("the vendor was busy until {until}: {reason}"));
    fate.cause = Some(FailureCause::Busy);
    fate
}
