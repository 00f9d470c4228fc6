//! Gives the old license back to somebody whose new one did not come, and the memberships that went with it.
//!
//! The one thing that is sent without standing in the plan; the plan asks for it with `on_failure`.

use smol_str::format_smolstr;
use tokio::time::{Instant, sleep};

use crate::apply::operation::SendResult;
use crate::apply::operation::result::{FailureCause, OperationResult, message_with_help};
use crate::apply::operation::verify::{ObservedEffect, describe_holdings, observe_effect};
use crate::apply::pacing::{RequestPriority, RetryState};
use crate::apply::run::context::RunContext;
use crate::apply::run::schedule::OperationIndex;
use crate::apply::run::tenants::{InFlight, READ_BACK_WINDOW};
use crate::apply::target::Target;
use crate::model::{Effect, Operation, OperationId, OperationKind, Outcome, StrandedPerson};
use crate::store::{JournalEntry, StoreError};

/// What came of giving back.
#[derive(Debug)]
pub(crate) struct RollbackResult {
    /// One clause for the outcome of the failed operation.
    pub(crate) message: String,
    /// Whether the old seat is taken again, or may be.
    pub(crate) is_seat_used: bool,
    /// Why the person is left without a license, if they are.
    pub(crate) stranded_reason: Option<String>,
    /// What was in the way, where it says something about the whole tenant.
    pub(crate) cause: Option<FailureCause>,
    /// Whether the new license came after all.
    pub(crate) has_new_license: bool,
}

impl RollbackResult {
    fn not_rolled_back(message: String) -> Self {
        Self { message, is_seat_used: false, stranded_reason: None, cause: None, has_new_license: false }
    }

    fn rolled_back(message: String) -> Self {
        Self { message, is_seat_used: true, stranded_reason: None, cause: None, has_new_license: false }
    }

    fn stranded_person(remove: &Operation, why: &str) -> Self {
        let (person, old) = (&remove.person, &remove.license);
        let reason = format!("`{old}` cannot be given back{why}");
        let message = format!("{person} is left without a license, for {reason}");
        Self { message, is_seat_used: false, stranded_reason: Some(reason), cause: None, has_new_license: false }
    }
}

/// Who is to get what back.
pub(crate) struct RollbackRequest {
    /// The operation that did not succeed.
    pub(crate) assign: OperationIndex,
    /// The one that took the old license.
    pub(crate) remove: OperationIndex,
    /// The one that was to give back memberships.
    pub(crate) restore: Option<OperationIndex>,
    /// Whether the old license was a trial.
    pub(crate) was_trial: bool,
    /// Whether the new license was sent and counts as absent, and was not refused.
    pub(crate) is_presumed_absent: bool,
}

impl RunContext {
    /// Gives back what was taken for an operation that is not going to be.
    pub(crate) async fn roll_back(&self, gap: &RollbackRequest) -> Result<RollbackResult, StoreError> {
        let (assign, remove) = (self.operation(gap.assign), self.operation(gap.remove));
        let back = rollback_operation(assign, remove);
        let mut given = self.roll_back_license(gap, &back).await?;
        if given.is_seat_used && gap.was_trial {
            // Nobody can give a trial, and nobody should find a full seat by surprise.
            given.message.push_str(&format!("; it was a trial, and `{}` is a full license now", remove.license));
        }
        if let Some(restore) = gap.restore.map(|restore| self.operation(restore)).filter(|_| given.is_seat_used) {
            let restore = Operation {
                id: OperationId(format_smolstr!("{}-give-back", restore.id)),
                license: remove.license.clone(),
                after: Vec::new(),
                expects: remove.expects.clone(),
                ..restore.clone()
            };
            let fate = self.send_corrective(gap.assign, &restore).await?;
            given.message.push_str(&match fate.outcome {
                Outcome::Applied | Outcome::Already => "; memberships were given back".to_owned(),
                Outcome::Pending => "; memberships were asked back".to_owned(),
                Outcome::Skipped | Outcome::Failed | Outcome::Unknown => {
                    let why = fate.message.unwrap_or_default();
                    format!("; memberships were not given back ({}): {why}", restore.memberships.join(", "))
                }
            });
        }
        Ok(given)
    }

    async fn roll_back_license(&self, gap: &RollbackRequest, back: &Operation) -> Result<RollbackResult, StoreError> {
        let (assign, remove) = (self.operation(gap.assign), self.operation(gap.remove));
        let (person, old) = (&remove.person, &remove.license);
        let Some((target, stile)) = self.tenants.tenant(&remove.tenant) else {
            return Ok(RollbackResult::stranded_person(remove, ": the manifest has no such tenant"));
        };
        let mut effort = RetryState::new(self.tenants.seed, gap.assign, Instant::now());
        let mut looked = false;
        let account = loop {
            let mut turn = stile.acquire(RequestPriority::ClosesGap).await;
            let error = match self.tenants.read_account(&mut turn, target, back).await {
                Ok(Some(account))
                    if !looked
                        && observe_effect(&target.rules, back, None, Some(&account)) == ObservedEffect::Present =>
                {
                    looked = true;
                    drop(turn);
                    outlast_stale_reads(target).await;
                    continue;
                }
                Ok(Some(account)) => break account,
                Ok(None) => {
                    return Ok(RollbackResult::not_rolled_back(format!("the account `{}` is gone", back.account)));
                }
                Err(error) => error,
            };
            drop(turn);
            if self.retry_or_fail(back, RequestPriority::ClosesGap, &mut effort, &error, false).await.is_some() {
                let mut given = RollbackResult::stranded_person(remove, &format!(": {}", message_with_help(&error)));
                given.cause = OperationResult::from_error("", &error).cause;
                return Ok(given);
            }
        };
        if observe_effect(&target.rules, back, None, Some(&account)) == ObservedEffect::Present {
            return Ok(RollbackResult::rolled_back(format!("{person} still holds `{old}`")));
        }
        if target.rules.expects(&account.holdings, &assign.license) != assign.expects {
            let holds = describe_holdings(&target.rules, old, &account);
            return Ok(RollbackResult::not_rolled_back(format!(
                "`{old}` was not given back, for {person} now {holds}"
            )));
        }
        let fate = self.send_corrective(gap.assign, back).await?;
        let trouble = fate.cause;
        let is_shown = match fate.outcome {
            Outcome::Pending | Outcome::Unknown => {
                let seen = self.tenants.read_account(&mut stile.acquire_for_polling().await, target, back).await;
                seen.is_ok_and(|account| match observe_effect(&target.rules, back, None, account.as_ref()) {
                    ObservedEffect::Present | ObservedEffect::InProgress => true,
                    ObservedEffect::Absent | ObservedEffect::Other(_) => false,
                })
            }
            Outcome::Applied | Outcome::Already | Outcome::Skipped | Outcome::Failed => true,
        };
        let mut given = RollbackResult { cause: trouble, ..rollback_result(back, fate) };
        if !is_shown {
            // The seat may be taken again, and the person has nothing that anybody could see.
            given.stranded_reason.get_or_insert_with(|| given.message.clone());
        }
        if given.stranded_reason.is_none() || !gap.is_presumed_absent {
            return Ok(given);
        }
        // Neither is there. A license cannot be held twice, so that asking once more for the new one is safe, should the
        // first request arrive after all; and whoever has nothing is helped by either.
        let more = Operation {
            id: OperationId(format_smolstr!("{}-once-more", assign.id)),
            after: Vec::new(),
            ..assign.clone()
        };
        let fate = self.send_corrective(gap.assign, &more).await?;
        if !fate.outcome.is_success() {
            return Ok(given);
        }
        let message = format!("`{old}` could not be given back, and `{}` was asked for once more", assign.license);
        Ok(RollbackResult { has_new_license: true, ..RollbackResult::not_rolled_back(message) })
    }

    /// Sends an operation that mends something, and looks what came of it.
    pub(crate) async fn send_corrective(
        &self,
        place: OperationIndex,
        operation: &Operation,
    ) -> Result<OperationResult, StoreError> {
        let Some((target, stile)) = self.tenants.tenant(&operation.tenant) else {
            return Ok(OperationResult::new(Outcome::Failed, "the manifest has no such tenant".to_owned()));
        };
        let mut effort = RetryState::new(self.tenants.seed, place, Instant::now());
        let (mut was_sent, mut looked) = (false, false);
        let fate = loop {
            let mut turn = stile.acquire(RequestPriority::ClosesGap).await;
            let account = match self.tenants.read_account(&mut turn, target, operation).await {
                Ok(account) => account,
                Err(error) => {
                    drop(turn);
                    match self.retry_or_fail(operation, RequestPriority::ClosesGap, &mut effort, &error, false).await {
                        Some(fate) => break fate,
                        None => continue,
                    }
                }
            };
            if observe_effect(&target.rules, operation, None, account.as_ref()) == ObservedEffect::Present {
                if looked || was_sent {
                    break OperationResult::new(Outcome::Already, None);
                }
                looked = true;
                drop(turn);
                outlast_stale_reads(target).await;
                continue;
            }
            let before = account.map(|account| account.holdings);
            let delivery = self.journal_and_send(&mut turn, target, &[operation], true).await?.pop();
            drop(turn);
            was_sent |= matches!(delivery, Some(SendResult::Sent(..) | SendResult::Refused(_)));
            match delivery {
                Some(SendResult::NotSent(error)) => {
                    if let Some(fate) =
                        self.retry_or_fail(operation, RequestPriority::ClosesGap, &mut effort, &error, false).await
                    {
                        break fate;
                    }
                }
                Some(SendResult::Sent(reliance, handle)) => {
                    break self
                        .tenants
                        .await_effect(
                            operation,
                            &InFlight { holdings_before: before, evidence: reliance, handle },
                            true,
                        )
                        .await;
                }
                Some(SendResult::Refused(error)) => {
                    if let Some(fate) =
                        self.retry_or_fail(operation, RequestPriority::ClosesGap, &mut effort, &error, true).await
                    {
                        break fate;
                    }
                }
                None => break OperationResult::new(Outcome::Failed, "it was not sent".to_owned()),
            }
        };
        // The journal knows only what was sent beside the plan; the rest stands in the outcome that is mended.
        if was_sent {
            let message = fate.message.as_deref();
            let outcome =
                JournalEntry::Outcome { operation: &operation.id, outcome: fate.outcome, message, usage: &[] };
            self.append(outcome, true)?;
        }
        Ok(fate)
    }
}

/// What was taken was seen to be gone; where it seems to be there, a vendor may show what was so a moment before.
async fn outlast_stale_reads(target: &Target) {
    if !target.connection.observe.is_immediate() {
        sleep(READ_BACK_WINDOW).await;
    }
}

/// The operation that gives back what `remove` took.
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
        why: format!("`{}` did not come", assign.license),
        ..remove.clone()
    }
}

fn rollback_result(back: &Operation, fate: OperationResult) -> RollbackResult {
    let old = &back.license;
    let why = fate.message.map_or_else(String::new, |message| format!(": {message}"));
    match fate.outcome {
        Outcome::Applied | Outcome::Already => RollbackResult::rolled_back(format!("`{old}` was given back")),
        Outcome::Pending => RollbackResult::rolled_back(format!("`{old}` was asked back{why}")),
        Outcome::Unknown => {
            RollbackResult::rolled_back(format!("`{old}` was asked back, and nobody knows what came of it{why}"))
        }
        Outcome::Failed | Outcome::Skipped => RollbackResult::stranded_person(back, &why),
    }
}

/// Somebody gave up a license with `removal`, and got neither the new one nor the old one back.
pub(crate) fn stranded(removal: &Operation, wanted: &Operation, reason: String) -> StrandedPerson {
    StrandedPerson {
        tenant: removal.tenant.clone(),
        person: removal.person.clone(),
        lost: removal.license.clone(),
        wanted: wanted.to.as_ref().unwrap_or(&wanted.license).clone(),
        reason,
        help: format!("give `{}` in the vendor's console, or plan and apply again", removal.license),
    }
}
