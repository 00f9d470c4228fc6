//! Writing down what came of operations, and the end of a run.

use std::sync::Arc;

use jiff::Timestamp;
use smol_str::format_smolstr;

use super::RunLoop;
use crate::apply::operation::result::{OperationResult, message_with_help};
use crate::apply::operation::roll_back::stranded;
use crate::apply::operation::verify::{ObservedEffect, observe_effect};
use crate::apply::run::report::RunReport;
use crate::apply::run::schedule::OperationIndex;
use crate::apply::unfinished::{LostMemberships, UnfinishedMove, UnfinishedWork};
use crate::apply::{Event, usage};
use crate::model::{
    Holding, HoldingState, Operation, OperationId, OperationOutcome, Outcome, Run, RunState, StrandedPerson,
};
use crate::store::{JournalEntry, LicenseUsage, StoreError};

impl RunLoop {
    /// What came of an operation for the holders of licenses: also that somebody gave up a license for it in vain.
    fn usage(&self, index: OperationIndex, outcome: Outcome) -> Vec<LicenseUsage> {
        let tenants = &self.context.tenants.targets;
        let operation = self.schedule.operation(index);
        match outcome {
            Outcome::Failed | Outcome::Skipped if !self.rolled_back.contains(&index) => {
                let taken = self.schedule.released_before(index).map(|taken| self.schedule.operation(taken));
                taken.and_then(|taken| usage::stranded_usage(tenants, taken)).into_iter().collect()
            }
            // An earlier run of this plan sent it, and may have died before it was counted.
            Outcome::Already if self.context.previous.contains_key(&operation.id) => {
                usage::expected_usage(tenants, operation)
            }
            _ => usage::actual_usage(tenants, operation, outcome),
        }
    }

    /// Writes fates down, and tells of them.
    pub(super) fn record(&mut self, fates: Vec<(OperationIndex, OperationResult)>) -> Result<(), StoreError> {
        for (index, fate) in fates {
            let touches = self.usage(index, fate.outcome);
            let id = self.schedule.operation(index).id.clone();
            let (outcome, message) = (fate.outcome, fate.message.as_deref());
            self.context.append(JournalEntry::Outcome { operation: &id, outcome, message, usage: &touches }, false)?;
            self.publish(index, fate);
        }
        Ok(())
    }

    /// Keeps a fate that is written down, and tells of it.
    pub(super) fn publish(&mut self, index: OperationIndex, fate: OperationResult) {
        let OperationResult { outcome, message, cause: _, skip_reason: skip } = fate;
        let (id, at): (_, Timestamp) = (self.schedule.operation(index).id.clone(), self.context.tenants.clock.time());
        if let Some(reason) = skip {
            *self.skipped_counts.entry(reason).or_default() += 1;
        }
        let event = Event::Done { operation: id, outcome, message };
        self.context.tenants.events.emit(&event);
        if let Event::Done { operation: id, outcome, message } = event {
            self.outcomes[index] = Some(OperationOutcome { id, outcome, message, at });
        }
    }

    /// Looks at those of whom nobody knows whether they have the new license.
    async fn check_uncertain_moves(&mut self) {
        let world = Arc::clone(&self.context.tenants);
        for (removal, index) in std::mem::take(&mut self.uncertain_moves) {
            let (removal, wanted) = (self.schedule.operation(removal), self.schedule.operation(index));
            let Some((target, stile)) = world.tenant(&wanted.tenant) else { continue };
            let seen = world.read_account(&mut stile.acquire_for_polling().await, target, wanted).await;
            let reason = match seen {
                Ok(account) => match observe_effect(&target.rules, wanted, None, account.as_ref()) {
                    ObservedEffect::Present | ObservedEffect::InProgress => continue,
                    ObservedEffect::Absent | ObservedEffect::Other(_) => {
                        format!("nobody knows what came of `{}`", wanted.id)
                    }
                },
                Err(error) => format!("nobody knows what came of `{}`: {}", wanted.id, message_with_help(&error)),
            };
            let stranded = stranded(removal, wanted, reason);
            world.events.emit(&Event::Stranded(stranded.clone()));
            self.stranded.push(stranded);
        }
    }

    /// Looks at those whom an earlier run left between two licenses: whoever still holds nothing is told of.
    async fn check_unfinished_moves(&mut self, left_open: Vec<UnfinishedMove>) {
        let world = Arc::clone(&self.context.tenants);
        for UnfinishedMove { run, removal, wanted } in left_open {
            let is_told = |told: &StrandedPerson| told.tenant == wanted.tenant && told.person == wanted.person;
            let Some((target, stile)) = world.tenant(&wanted.tenant) else { continue };
            if self.stranded.iter().any(is_told) {
                continue;
            }
            let family = target.rules.family(&wanted.license);
            let seen = world.read_account(&mut stile.acquire_for_polling().await, target, &wanted).await;
            let reason = match seen {
                Ok(Some(account)) => {
                    let holds = |held: &Holding| held.state.is_held() && target.rules.family(&held.license) == family;
                    if account.holdings.iter().any(holds) {
                        continue;
                    }
                    format!("`{run}` ended between the two, and this run gave nothing either")
                }
                // Whoever is gone needs no license.
                Ok(None) => continue,
                Err(error) => {
                    format!("`{run}` ended between the two, and nobody can look: {}", message_with_help(&error))
                }
            };
            let stranded = stranded(&removal, &wanted, reason);
            world.events.emit(&Event::Stranded(stranded.clone()));
            self.stranded.push(stranded);
        }
    }

    /// Gives back memberships that an earlier run took along, to whoever has a license again; whether all are back.
    async fn restore_lost_memberships(&self, taken: Vec<LostMemberships>) -> Result<bool, StoreError> {
        let world = &self.context.tenants;
        let mut all = true;
        for LostMemberships { run, restore } in taken {
            if self.is_cut_short {
                // Whoever goes on gives them back.
                return Ok(false);
            }
            // People have it in their runbook.
            let Some((target, stile)) = world.tenant(&restore.tenant).filter(|(target, _)| !target.is_manual) else {
                continue;
            };
            let family = target.rules.family(&restore.license);
            let seen = world.read_account(&mut stile.acquire_for_polling().await, target, &restore).await;
            let Ok(Some(account)) = seen else {
                all &= seen.is_ok();
                continue;
            };
            let holds = |held: &Holding| held.state.is_held() && target.rules.family(&held.license) == family;
            let leaves =
                |held: &Holding| held.state == HoldingState::Removing && target.rules.family(&held.license) == family;
            if account.holdings.iter().any(leaves) {
                // What is there still goes along with the license.
                all = false;
                continue;
            }
            let is_there = restore.memberships.iter().all(|name| account.memberships.contains(name));
            if is_there || !account.holdings.iter().any(holds) {
                all &= is_there;
                continue;
            }
            let back = Operation {
                id: OperationId(format_smolstr!("{run}-{}", restore.id)),
                after: Vec::new(),
                ..restore.clone()
            };
            let OperationResult { outcome, message, .. } = self.context.send_corrective(usize::MAX, &back).await?;
            all &= outcome.is_success();
            let Operation { id: operation, person, .. } = restore;
            world.events.emit(&Event::Recovered { run, operation, person, outcome, message });
        }
        Ok(all)
    }

    /// Ends the run.
    pub(crate) async fn finish(mut self, left: UnfinishedWork) -> Result<RunReport, StoreError> {
        self.check_uncertain_moves().await;
        self.check_unfinished_moves(left.moves).await;
        // While memberships are owed, the next run has to look further back than this one.
        let is_whole = self.restore_lost_memberships(left.memberships).await?;
        let bench = &self.context;
        let outcomes = self.outcomes.into_iter().flatten().collect();
        let run = Run::new(bench.journal.id().clone(), bench.plan.digest.clone(), outcomes);
        let state = if run.summary.is_complete() && is_whole { RunState::Complete } else { RunState::Partial };
        bench.journal.finish(state, &run.summary, bench.tenants.clock.time()).await?;
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
