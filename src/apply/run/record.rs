//! Recording of results, and the end of a run.

use std::sync::Arc;

use smol_str::format_smolstr;

use super::RunLoop;
use super::report::RunReport;
use super::schedule::OperationIndex;
use crate::apply::operation::{ObservedEffect, OperationResult, message_with_help, observe_effect, stranded_person};
use crate::apply::tenant::TenantClient;
use crate::apply::unfinished::{LostMemberships, UnfinishedMove, UnfinishedWork};
use crate::apply::{Event, usage};
use crate::model::{
    Holding, HoldingState, Operation, OperationId, OperationOutcome, Outcome, Run, RunState, SkipReason, StrandedPerson,
};
use crate::store::{JournalEntry, LicenseUsage, StoreError};

impl RunLoop {
    /// Returns what the limits count of a result, including a license that was given up without a replacement.
    fn usage(&self, index: OperationIndex, outcome: Outcome) -> Vec<LicenseUsage> {
        let tenants = &self.context.tenants;
        let operation = self.schedule.operation(index);
        match outcome {
            Outcome::Failed | Outcome::Skipped if !self.rolled_back.contains(&index) => {
                let released = self.schedule.released_before(index).map(|index| self.schedule.operation(index));
                released.and_then(|released| usage::stranded_usage(tenants, released)).into_iter().collect()
            }
            // The earlier run that sent it may have ended before it counted it.
            Outcome::Already if self.context.previous.contains_key(&operation.id) => {
                usage::expected_usage(tenants, operation)
            }
            _ => usage::actual_usage(tenants, operation, outcome),
        }
    }

    /// Journals results, and publishes them.
    pub(super) fn record(&mut self, results: Vec<(OperationIndex, OperationResult)>) -> Result<(), StoreError> {
        for (index, result) in results {
            let counts = self.usage(index, result.outcome);
            let operation = &self.schedule.operation(index).id;
            let (outcome, message) = (result.outcome, result.message.as_deref());
            let entry = JournalEntry::Outcome { operation, outcome, message, usage: &counts };
            self.context.append(entry, false)?;
            self.publish(index, result);
        }
        Ok(())
    }

    /// Publishes a result that is journaled.
    pub(super) fn publish(&mut self, index: OperationIndex, result: OperationResult) {
        let OperationResult { outcome, message, cause: _, skip_reason } = result;
        let (id, at) = (self.schedule.operation(index).id.clone(), self.context.control.clock.time());
        if let Some(reason) = skip_reason {
            *self.skipped_counts.entry(reason).or_default() += 1;
            self.is_cut_short |= matches!(reason, SkipReason::Stopped | SkipReason::Deadline);
        }
        let event = Event::Done { operation: id, outcome, message };
        self.context.control.events.emit(&event);
        if let Event::Done { operation: id, outcome, message } = event {
            self.outcomes[index] = Some(OperationOutcome { id, outcome, message, at });
        }
    }

    /// Reports people whose new license has an unknown result and is not visible.
    async fn check_uncertain_moves(&mut self) {
        let context = Arc::clone(&self.context);
        for (removal, index) in std::mem::take(&mut self.uncertain_moves) {
            let (removal, wanted) = (context.operation(removal), context.operation(index));
            let Some(client) = context.tenants.get(&wanted.tenant) else { continue };
            let seen = client.read_account(&mut client.acquire_for_polling().await, wanted).await;
            let reason = match seen {
                Ok(account) => match observe_effect(&client.target.rules, wanted, None, account.as_ref()) {
                    ObservedEffect::Present | ObservedEffect::InProgress => continue,
                    ObservedEffect::Absent | ObservedEffect::Other(_) => {
                        format!("the result of `{}` is unknown", wanted.id)
                    }
                },
                Err(error) => format!("the result of `{}` is unknown: {}", wanted.id, message_with_help(&error)),
            };
            self.report_stranded(stranded_person(removal, wanted, reason));
        }
    }

    /// Reports people whom an earlier run left between two licenses, if they still hold nothing.
    async fn check_unfinished_moves(&mut self, moves: Vec<UnfinishedMove>) {
        let context = Arc::clone(&self.context);
        for UnfinishedMove { run, removal, wanted } in moves {
            let is_same = |known: &StrandedPerson| known.tenant == wanted.tenant && known.person == wanted.person;
            let Some(client) = context.tenants.get(&wanted.tenant) else { continue };
            if self.stranded.iter().any(is_same) {
                continue;
            }
            let seen = client.read_account(&mut client.acquire_for_polling().await, &wanted).await;
            let reason = match seen {
                Ok(Some(account)) => {
                    let is_held = family_filter(client, &wanted, |held| held.state.is_held());
                    if account.holdings.iter().any(is_held) {
                        continue;
                    }
                    format!("`{run}` ended between the two licenses, and this run assigned none")
                }
                Ok(None) => continue,
                Err(error) => {
                    let why = message_with_help(&error);
                    format!("`{run}` ended between the two licenses, and the account could not be read: {why}")
                }
            };
            self.report_stranded(stranded_person(&removal, &wanted, reason));
        }
    }

    /// Restores memberships that an earlier run removed, to people who hold a license again. Returns whether all are back.
    async fn restore_lost_memberships(&self, lost: Vec<LostMemberships>) -> Result<bool, StoreError> {
        let mut is_complete = true;
        for LostMemberships { run, restore } in lost {
            if self.is_cut_short {
                // The run that continues restores them.
                return Ok(false);
            }
            // The runbook of a manual tenant lists them.
            let Some(client) = self.client(&restore.tenant).filter(|client| !client.target.is_manual) else {
                continue;
            };
            let seen = client.read_account(&mut client.acquire_for_polling().await, &restore).await;
            let Ok(Some(account)) = seen else {
                is_complete &= seen.is_ok();
                continue;
            };
            if account.holdings.iter().any(family_filter(client, &restore, |held| held.state == HoldingState::Removing))
            {
                // The removal still takes memberships along.
                is_complete = false;
                continue;
            }
            let is_present = restore.memberships.iter().all(|name| account.memberships.contains(name));
            let is_held = family_filter(client, &restore, |held| held.state.is_held());
            if is_present || !account.holdings.iter().any(is_held) {
                is_complete &= is_present;
                continue;
            }
            let corrective = Operation {
                id: OperationId(format_smolstr!("{run}-{}", restore.id)),
                after: Vec::new(),
                ..restore.clone()
            };
            let OperationResult { outcome, message, .. } =
                self.context.send_corrective(usize::MAX, &corrective).await?;
            is_complete &= outcome.is_success();
            let Operation { id: operation, person, .. } = restore;
            self.context.control.events.emit(&Event::Recovered { run, operation, person, outcome, message });
        }
        Ok(is_complete)
    }

    /// Ends the run.
    pub(crate) async fn finish(mut self, unfinished: UnfinishedWork) -> Result<RunReport, StoreError> {
        self.check_uncertain_moves().await;
        self.check_unfinished_moves(unfinished.moves).await;
        // While memberships are missing, the run counts as partial, so that the next one restores them.
        let is_restored = self.restore_lost_memberships(unfinished.memberships).await?;
        let context = &self.context;
        let outcomes = self.outcomes.into_iter().flatten().collect();
        let run = Run::new(context.journal.id().clone(), context.plan.digest.clone(), outcomes);
        let state = if run.summary.is_complete() && is_restored { RunState::Complete } else { RunState::Partial };
        context.journal.finish(state, &run.summary, context.control.clock.time()).await?;
        Ok(RunReport {
            run,
            stranded: self.stranded,
            busy: self.busy_tenants,
            unreachable: self.unreachable_tenants,
            is_stopped: self.is_cut_short,
            skipped: self.skipped_counts,
        })
    }
}

/// Selects the holdings of the operation's license family that satisfy `accepts`.
fn family_filter<'a>(
    client: &'a TenantClient,
    operation: &Operation,
    accepts: impl Fn(&Holding) -> bool + 'a,
) -> impl Fn(&Holding) -> bool + 'a {
    let rules = &client.target.rules;
    let family = rules.family(&operation.license);
    move |held| accepts(held) && rules.family(&held.license) == family
}
