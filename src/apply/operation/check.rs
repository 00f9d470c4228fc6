//! The check right before sending: the account is still as the plan expects.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    Evidence, FailureCause, FreshAccount, InFlight, ObservedEffect, OperationResult, READ_BACK_WINDOW, Rejection,
    StepResult, describe_holdings, observe_effect,
};
use crate::adapter::OperationHandle;
use crate::apply::pacing::{Permit, RequestPriority};
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::OperationIndex;
use crate::apply::target::Target;
use crate::apply::tenant::TenantClient;
use crate::model::{Account, Holding, Operation, OperationKind, Outcome, SkipReason};
use crate::store::PreviousAttempt;

/// How long a reading of an account counts as taken right before the person's next operation.
const FRESH_FOR: Duration = Duration::from_secs(2);

/// Operations with what their accounts hold, and the results of those that are not sent.
type Checked = (Vec<(OperationIndex, Vec<Holding>)>, Vec<(OperationIndex, StepResult)>);

impl RunContext {
    /// Checks the account of each operation.
    pub(super) async fn check_all(
        &self,
        permit: &mut Permit,
        client: &TenantClient,
        indices: &[OperationIndex],
        priority: RequestPriority,
        fresh: Option<FreshAccount>,
    ) -> Checked {
        let (mut ready, mut results) = (Vec::with_capacity(indices.len()), Vec::new());
        let mut fresh = fresh.filter(|fresh| fresh.read_at.elapsed() < FRESH_FOR);
        for index in indices {
            let operation = self.operation(*index);
            let mut checked = self.check_account(permit, client, operation, fresh.take()).await;
            if priority == RequestPriority::ClosesGap
                && matches!(checked, Err(StepResult::Done(..)))
                && !client.target.connection.observe.is_immediate()
            {
                // The removal was read back before; a vendor may serve a stale reading for a moment.
                permit.release_while(sleep(READ_BACK_WINDOW)).await;
                checked = self.check_account(permit, client, operation, None).await;
            }
            match checked {
                Ok(holdings) => {
                    let is_trial = |held: &Holding| held.trial && held.license == operation.license;
                    if operation.kind == OperationKind::Remove && holdings.iter().any(is_trial) {
                        self.mark_trial_removal(*index);
                    }
                    ready.push((*index, holdings));
                }
                Err(result) => results.push((*index, result)),
            }
        }
        (ready, results)
    }

    /// Checks that the operation may be sent. Returns what the account holds.
    async fn check_account(
        &self,
        permit: &mut Permit,
        client: &TenantClient,
        operation: &Operation,
        fresh: Option<FreshAccount>,
    ) -> Result<Vec<Holding>, StepResult> {
        let target = &client.target;
        let previous = self.previous.get(&operation.id);
        if operation.kind == OperationKind::Release && previous.is_none() {
            // The freed seat does not depend on its last holder.
            return Ok(Vec::new());
        }
        let account = match fresh {
            Some(fresh) => Some(fresh.account),
            None => match client.read_account(permit, operation).await {
                Ok(account) => account,
                Err(error) => return Err(StepResult::Rejected(Rejection { error, was_sent: false })),
            },
        };
        if let Some(previous) =
            previous.filter(|previous| !had_no_effect(target, operation, previous, account.as_ref()))
        {
            return Err(continue_previous(target, operation, previous, account));
        }
        let Some(account) = account else {
            return Err(stale(format!("the account `{}` no longer exists", operation.account)));
        };
        if target.rules.expects(&account.holdings, &operation.license) != operation.expects {
            return Err(stale(changed_since_plan(target, operation, &account)));
        }
        Ok(account.holdings)
    }
}

/// Describes how an account differs from what the plan expects.
pub(crate) fn changed_since_plan(target: &Target, operation: &Operation, account: &Account) -> String {
    let license = operation.to.as_deref().unwrap_or(&operation.license);
    let (person, holds) = (&operation.person, describe_holdings(&target.rules, license, account));
    format!("{person} changed since the plan: {holds} now, but the plan {}", describe_intent(operation))
}

/// Whether an operation that an earlier run sent certainly has no effect and never will; then it may be sent again.
fn had_no_effect(
    target: &Target,
    operation: &Operation,
    previous: &PreviousAttempt,
    account: Option<&Account>,
) -> bool {
    target.connection.observe.is_immediate()
        && previous.outcome == Some(Outcome::Failed)
        && operation.kind != OperationKind::Release
        && observe_effect(&target.rules, operation, None, account) == ObservedEffect::Absent
}

/// Returns the result of an operation that an earlier run of this plan sent; it is never sent again.
fn continue_previous(
    target: &Target,
    operation: &Operation,
    previous: &PreviousAttempt,
    account: Option<Account>,
) -> StepResult {
    let run = &previous.run;
    let handle = previous.handle.as_deref().and_then(OperationHandle::new);
    let in_flight = |handle| {
        StepResult::InFlight(InFlight { holdings_before: None, evidence: Evidence::PreviousRun(run.clone()), handle })
    };
    if operation.kind == OperationKind::Release {
        let is_open = !matches!(previous.outcome, Some(Outcome::Applied | Outcome::Already | Outcome::Failed));
        if handle.is_some() && is_open {
            return in_flight(handle);
        }
        let is_applied = previous.outcome == Some(Outcome::Applied);
        let outcome = if is_applied { Outcome::Already } else { Outcome::Unknown };
        return StepResult::done(OperationResult::new(outcome, format!("sent by `{run}`")));
    }
    match (observe_effect(&target.rules, operation, None, account.as_ref()), previous.outcome) {
        (ObservedEffect::Present, _) => {
            let fresh = account.map(|account| FreshAccount { account, read_at: Instant::now() });
            StepResult::Done(OperationResult::new(Outcome::Already, format!("sent by `{run}`")), fresh)
        }
        (ObservedEffect::Absent | ObservedEffect::Other(_), Some(Outcome::Applied | Outcome::Already)) => {
            stale(format!("applied by `{run}`, and reverted since"))
        }
        (ObservedEffect::Absent | ObservedEffect::Other(_), Some(Outcome::Failed)) => {
            let message = format!("sent by `{run}` without effect; plan again");
            StepResult::done(OperationResult::new(Outcome::Failed, message).caused_by(FailureCause::NoEffect))
        }
        (ObservedEffect::InProgress, _)
        | (
            ObservedEffect::Absent | ObservedEffect::Other(_),
            None | Some(Outcome::Pending | Outcome::Unknown | Outcome::Skipped),
        ) => in_flight(handle),
    }
}

/// Describes what the plan does with an operation, as the end of a sentence.
fn describe_intent(operation: &Operation) -> String {
    let license = &operation.license;
    match operation.kind {
        OperationKind::Cancel => format!("cancels the request for `{license}`"),
        OperationKind::Remove => format!("removes `{license}`"),
        OperationKind::Change => {
            format!("changes `{license}` to `{}`", operation.to.as_ref().unwrap_or(license))
        }
        OperationKind::Assign => format!("assigns `{license}`"),
        OperationKind::Restore => "restores memberships".to_owned(),
        OperationKind::Release => format!("releases a seat of `{license}`"),
    }
}

fn stale(message: String) -> StepResult {
    StepResult::done(OperationResult::skipped(SkipReason::Stale, message))
}
