//! Rolling back: a person whose new license failed gets the old one again, with its memberships.
//!
//! These are the only operations that are sent without being in the plan; the plan requests them with `on_failure`.

use smol_str::format_smolstr;
use tokio::time::{Instant, sleep};

use super::{
    FailureCause, InFlight, ObservedEffect, OperationResult, READ_BACK_WINDOW, Rejection, describe_holdings,
    message_with_help, observe_effect,
};
use crate::apply::pacing::{RequestPriority, RetryState};
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::OperationIndex;
use crate::apply::target::Target;
use crate::model::{Effect, Operation, OperationId, OperationKind, Outcome, StrandedPerson};
use crate::store::{JournalEntry, StoreError};

/// What a rollback came to.
#[derive(Debug)]
pub(crate) struct RollbackResult {
    /// One clause for the outcome of the failed operation.
    pub(crate) message: String,
    /// Whether the old seat is used again, or may be.
    pub(crate) is_seat_used: bool,
    /// Why the person is left without a license, if so.
    pub(crate) stranded_reason: Option<String>,
    /// What failed, if it concerns the whole tenant.
    pub(crate) cause: Option<FailureCause>,
    /// Whether the new license arrived after all.
    pub(crate) has_new_license: bool,
}

impl RollbackResult {
    fn not_rolled_back(message: String) -> Self {
        Self { message, is_seat_used: false, stranded_reason: None, cause: None, has_new_license: false }
    }

    fn rolled_back(message: String) -> Self {
        Self { is_seat_used: true, ..Self::not_rolled_back(message) }
    }

    fn stranded(removal: &Operation, why: &str) -> Self {
        let reason = format!("the rollback to `{}` failed: {why}", removal.license);
        let message = format!("{} is left without a license: {reason}", removal.person);
        Self { stranded_reason: Some(reason), ..Self::not_rolled_back(message) }
    }
}

/// A rollback to perform.
pub(crate) struct RollbackRequest {
    /// The assignment that failed.
    pub(crate) assign: OperationIndex,
    /// The removal of the old license.
    pub(crate) remove: OperationIndex,
    /// The restoration of memberships that was to follow.
    pub(crate) restore: Option<OperationIndex>,
    /// Whether the old license was a trial.
    pub(crate) was_trial: bool,
    /// Whether the assignment was sent and not refused, and counts as absent.
    pub(crate) is_presumed_absent: bool,
}

impl RunContext {
    /// Reverts the removal of an assignment that failed, and restores memberships.
    pub(crate) async fn roll_back(&self, request: &RollbackRequest) -> Result<RollbackResult, StoreError> {
        let (assign, remove) = (self.operation(request.assign), self.operation(request.remove));
        let rollback = rollback_operation(assign, remove);
        let mut result = self.roll_back_license(request, &rollback).await?;
        if result.is_seat_used && request.was_trial {
            // A trial cannot be assigned, and a paid seat must not come as a surprise.
            result.message.push_str(&format!("; it was a trial, and `{}` is a full license now", remove.license));
        }
        if let Some(restore) = request.restore.map(|index| self.operation(index)).filter(|_| result.is_seat_used) {
            let restore = Operation {
                id: OperationId(format_smolstr!("{}-give-back", restore.id)),
                license: remove.license.clone(),
                after: Vec::new(),
                expects: remove.expects.clone(),
                ..restore.clone()
            };
            let restored = self.send_corrective(request.assign, &restore).await?;
            result.message.push_str(&match restored.outcome {
                Outcome::Applied | Outcome::Already => "; memberships restored".to_owned(),
                Outcome::Pending => "; membership restore requested".to_owned(),
                Outcome::Skipped | Outcome::Failed | Outcome::Unknown => {
                    let why = restored.message.unwrap_or_default();
                    format!("; memberships not restored ({}): {why}", restore.memberships.join(", "))
                }
            });
        }
        Ok(result)
    }

    async fn roll_back_license(
        &self,
        request: &RollbackRequest,
        rollback: &Operation,
    ) -> Result<RollbackResult, StoreError> {
        let (assign, remove) = (self.operation(request.assign), self.operation(request.remove));
        let (person, old) = (&remove.person, &remove.license);
        let Some(client) = self.tenants.get(&remove.tenant) else {
            return Ok(RollbackResult::stranded(remove, "the manifest has no such tenant"));
        };
        let rules = &client.target.rules;
        let mut retries = RetryState::new(self.control.seed, request.assign, Instant::now());
        let mut is_second_reading = false;
        let account = loop {
            let mut permit = client.acquire(RequestPriority::ClosesGap).await;
            let error = match client.read_account(&mut permit, rollback).await {
                Ok(Some(account))
                    if !is_second_reading
                        && observe_effect(rules, rollback, None, Some(&account)) == ObservedEffect::Present =>
                {
                    is_second_reading = true;
                    drop(permit);
                    outlast_stale_reads(&client.target).await;
                    continue;
                }
                Ok(Some(account)) => break account,
                Ok(None) => {
                    let message = format!("the account `{}` no longer exists", rollback.account);
                    return Ok(RollbackResult::not_rolled_back(message));
                }
                Err(error) => error,
            };
            drop(permit);
            let rejection = Rejection { error, was_sent: false };
            if self.retry_or_fail(rollback, RequestPriority::ClosesGap, &mut retries, &rejection).await.is_some() {
                let result = RollbackResult::stranded(remove, &message_with_help(&rejection.error));
                let cause = OperationResult::from_error("", &rejection.error).cause;
                return Ok(RollbackResult { cause, ..result });
            }
        };
        if observe_effect(rules, rollback, None, Some(&account)) == ObservedEffect::Present {
            return Ok(RollbackResult::rolled_back(format!("{person} still holds `{old}`")));
        }
        if rules.expects(&account.holdings, &assign.license) != assign.expects {
            let holds = describe_holdings(rules, old, &account);
            return Ok(RollbackResult::not_rolled_back(format!("not rolled back to `{old}`: {person} {holds} now")));
        }
        let sent = self.send_corrective(request.assign, rollback).await?;
        let cause = sent.cause;
        let is_visible = match sent.outcome {
            Outcome::Pending | Outcome::Unknown => {
                let seen = client.read_account(&mut client.acquire_for_polling().await, rollback).await;
                seen.is_ok_and(|account| match observe_effect(rules, rollback, None, account.as_ref()) {
                    ObservedEffect::Present | ObservedEffect::InProgress => true,
                    ObservedEffect::Absent | ObservedEffect::Other(_) => false,
                })
            }
            Outcome::Applied | Outcome::Already | Outcome::Skipped | Outcome::Failed => true,
        };
        let mut result = RollbackResult { cause, ..rollback_result(rollback, sent) };
        if !is_visible {
            // The seat may be used again, but the person has no visible license.
            result.stranded_reason.get_or_insert_with(|| result.message.clone());
        }
        if result.stranded_reason.is_none() || !request.is_presumed_absent {
            return Ok(result);
        }
        // Neither license is visible. A license cannot be held twice, so requesting the new one again is safe even if the
        // first request still arrives.
        let again = Operation {
            id: OperationId(format_smolstr!("{}-once-more", assign.id)),
            after: Vec::new(),
            ..assign.clone()
        };
        let sent = self.send_corrective(request.assign, &again).await?;
        if !sent.outcome.is_success() {
            return Ok(result);
        }
        let message =
            format!("the rollback to `{old}` failed, and a second request for `{}` succeeded", assign.license);
        Ok(RollbackResult { has_new_license: true, ..RollbackResult::not_rolled_back(message) })
    }

    /// Sends an operation that is not in the plan, and verifies it; `key` seeds the jitter of its retries.
    pub(crate) async fn send_corrective(
        &self,
        key: usize,
        operation: &Operation,
    ) -> Result<OperationResult, StoreError> {
        let Some(client) = self.tenants.get(&operation.tenant) else {
            return Ok(OperationResult::new(Outcome::Failed, "the manifest has no such tenant".to_owned()));
        };
        let priority = RequestPriority::ClosesGap;
        let mut retries = RetryState::new(self.control.seed, key, Instant::now());
        let (mut was_sent, mut is_second_reading) = (false, false);
        let result = loop {
            let mut permit = client.acquire(priority).await;
            let rejection = match client.read_account(&mut permit, operation).await {
                Err(error) => Rejection { error, was_sent: false },
                Ok(account) => {
                    let rules = &client.target.rules;
                    if observe_effect(rules, operation, None, account.as_ref()) == ObservedEffect::Present {
                        if is_second_reading || was_sent {
                            break OperationResult::new(Outcome::Already, None);
                        }
                        is_second_reading = true;
                        drop(permit);
                        outlast_stale_reads(&client.target).await;
                        continue;
                    }
                    let holdings_before = account.map(|account| account.holdings);
                    match client.reserve_execute(&mut permit).await {
                        Err(error) => Rejection { error, was_sent: false },
                        Ok(()) => {
                            let mut sent = self.journal_and_send(&mut permit, client, &[operation], true).await?;
                            was_sent = true;
                            match sent.pop() {
                                Some(Ok((evidence, handle))) => {
                                    drop(permit);
                                    let in_flight = InFlight { holdings_before, evidence, handle };
                                    break client.await_effect(operation, &in_flight, true).await;
                                }
                                Some(Err(error)) => Rejection { error, was_sent: true },
                                None => break OperationResult::new(Outcome::Failed, "not sent".to_owned()),
                            }
                        }
                    }
                }
            };
            drop(permit);
            if let Some(result) = self.retry_or_fail(operation, priority, &mut retries, &rejection).await {
                break result;
            }
        };
        // The journal records what was sent; the outcome of the failed operation tells the rest.
        if was_sent {
            let (id, message) = (&operation.id, result.message.as_deref());
            let entry = JournalEntry::Outcome { operation: id, outcome: result.outcome, message, usage: &[] };
            self.append(entry, true)?;
        }
        Ok(result)
    }
}

/// Waits until a vendor no longer serves readings from before a removal that was verified.
async fn outlast_stale_reads(target: &Target) {
    if !target.connection.observe.is_immediate() {
        sleep(READ_BACK_WINDOW).await;
    }
}

/// Returns the operation that reverts `remove`, because `assign` failed.
pub(crate) fn rollback_operation(assign: &Operation, remove: &Operation) -> Operation {
    Operation {
        id: OperationId(format_smolstr!("{}-give-back", assign.id)),
        kind: OperationKind::Assign,
        effect: Effect::Gain,
        loses: Vec::new(),
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        after: Vec::new(),
        parked: false,
        expects: assign.expects.clone(),
        why: format!("assigning `{}` failed", assign.license),
        ..remove.clone()
    }
}

fn rollback_result(rollback: &Operation, sent: OperationResult) -> RollbackResult {
    let old = &rollback.license;
    let why = sent.message.unwrap_or_default();
    let detail = if why.is_empty() { String::new() } else { format!(": {why}") };
    match sent.outcome {
        Outcome::Applied | Outcome::Already => RollbackResult::rolled_back(format!("rolled back to `{old}`")),
        Outcome::Pending => RollbackResult::rolled_back(format!("rollback to `{old}` requested{detail}")),
        Outcome::Unknown => {
            RollbackResult::rolled_back(format!("rollback to `{old}` requested, with unknown result{detail}"))
        }
        Outcome::Failed | Outcome::Skipped => RollbackResult::stranded(rollback, &why),
    }
}

/// Describes a person who gave up a license with `removal` and has neither the old nor the new one.
pub(crate) fn stranded_person(removal: &Operation, wanted: &Operation, reason: String) -> StrandedPerson {
    StrandedPerson {
        tenant: removal.tenant.clone(),
        person: removal.person.clone(),
        lost: removal.license.clone(),
        wanted: wanted.to.as_ref().unwrap_or(&wanted.license).clone(),
        reason,
        help: format!("assign `{}` in the vendor's console, or plan and apply again", removal.license),
    }
}
