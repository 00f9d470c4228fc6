//! Writing down what came of operations, and the end of a run.

use std::sync::Arc;

use jiff::Timestamp;
use smol_str::format_smolstr;

use super::Course;
use crate::apply::conclusion::Conclusion;
use crate::apply::fate::{Fate, full_text};
use crate::apply::give_back::stranded;
use crate::apply::left_open::{LeftOpen, Leftovers, Taken};
use crate::apply::schedule::Index;
use crate::apply::sight::{Sight, see};
use crate::apply::{Event, touch};
use crate::model::{Holding, HoldingState, Operation, OperationId, OperationOutcome, Outcome, Run, RunState, Stranded};
use crate::store::{Entry, StoreError, Touch};

impl Course {
    /// What came of an operation for the holders of licenses: also that somebody gave up a license for it in vain.
    fn touches(&self, index: Index, outcome: Outcome) -> Vec<Touch> {
        let tenants = &self.bench.world.tenants;
        let operation = self.schedule.operation(index);
        match outcome {
            Outcome::Failed | Outcome::Skipped if !self.given_back.contains(&index) => {
                let taken = self.schedule.taken_before(index).map(|taken| self.schedule.operation(taken));
                taken.and_then(|taken| touch::stranded(tenants, taken)).into_iter().collect()
            }
            // An earlier run of this plan sent it, and may have died before it was counted.
            Outcome::Already if self.bench.earlier.contains_key(&operation.id) => touch::touches(tenants, operation),
            _ => touch::done(tenants, operation, outcome),
        }
    }

    /// Writes fates down, and tells of them.
    pub(super) fn write(&mut self, fates: Vec<(Index, Fate)>) -> Result<(), StoreError> {
        for (index, fate) in fates {
            let touches = self.touches(index, fate.outcome);
            let id = self.schedule.operation(index).id.clone();
            let (outcome, message) = (fate.outcome, fate.message.as_deref());
            self.bench.post(Entry::Outcome { operation: &id, outcome, message, touches: &touches }, false)?;
            self.keep(index, fate);
        }
        Ok(())
    }

    /// Keeps a fate that is written down, and tells of it.
    pub(super) fn keep(&mut self, index: Index, fate: Fate) {
        let Fate { outcome, message, trouble: _, skip } = fate;
        let (id, at): (_, Timestamp) = (self.schedule.operation(index).id.clone(), self.bench.world.clock.time());
        if let Some(reason) = skip {
            *self.skipped.entry(reason).or_default() += 1;
        }
        let event = Event::Done { operation: id, outcome, message };
        self.bench.world.watch.tell(&event);
        if let Event::Done { operation: id, outcome, message } = event {
            self.outcomes[index] = Some(OperationOutcome { id, outcome, message, at });
        }
    }

    /// Looks at those of whom nobody knows whether they have the new license.
    async fn look_at_doubtful(&mut self) {
        let world = Arc::clone(&self.bench.world);
        for (removal, index) in std::mem::take(&mut self.doubtful) {
            let (removal, wanted) = (self.schedule.operation(removal), self.schedule.operation(index));
            let Some((target, stile)) = world.tenant(&wanted.tenant) else { continue };
            let seen = world.read(&mut stile.look().await, target, wanted).await;
            let reason = match seen {
                Ok(account) => match see(&target.rules, wanted, None, account.as_ref()) {
                    Sight::There | Sight::Coming => continue,
                    Sight::Absent | Sight::Other(_) => format!("nobody knows what came of `{}`", wanted.id),
                },
                Err(error) => format!("nobody knows what came of `{}`: {}", wanted.id, full_text(&error)),
            };
            let stranded = stranded(removal, wanted, reason);
            world.watch.tell(&Event::Stranded(stranded.clone()));
            self.stranded.push(stranded);
        }
    }

    /// Looks at those whom an earlier run left between two licenses: whoever still holds nothing is told of.
    async fn look_at_left_open(&mut self, left_open: Vec<LeftOpen>) {
        let world = Arc::clone(&self.bench.world);
        for LeftOpen { run, removal, wanted } in left_open {
            let is_told = |told: &Stranded| told.tenant == wanted.tenant && told.person == wanted.person;
            let Some((target, stile)) = world.tenant(&wanted.tenant) else { continue };
            if self.stranded.iter().any(is_told) {
                continue;
            }
            let family = target.rules.family(&wanted.license);
            let seen = world.read(&mut stile.look().await, target, &wanted).await;
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
                Err(error) => format!("`{run}` ended between the two, and nobody can look: {}", full_text(&error)),
            };
            let stranded = stranded(&removal, &wanted, reason);
            world.watch.tell(&Event::Stranded(stranded.clone()));
            self.stranded.push(stranded);
        }
    }

    /// Gives back memberships that an earlier run took along, to whoever has a license again; whether all are back.
    async fn give_memberships_back(&self, taken: Vec<Taken>) -> Result<bool, StoreError> {
        let world = &self.bench.world;
        let mut all = true;
        for Taken { run, restore } in taken {
            if self.stopped {
                // Whoever goes on gives them back.
                return Ok(false);
            }
            // People have it in their runbook.
            let Some((target, stile)) = world.tenant(&restore.tenant).filter(|(target, _)| !target.by_hand) else {
                continue;
            };
            let family = target.rules.family(&restore.license);
            let seen = world.read(&mut stile.look().await, target, &restore).await;
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
            let Fate { outcome, message, .. } = self.bench.mend(usize::MAX, &back).await?;
            all &= outcome.is_success();
            let Operation { id: operation, person, .. } = restore;
            world.watch.tell(&Event::Settled { run, operation, person, outcome, message });
        }
        Ok(all)
    }

    /// Ends the run.
    pub(in crate::apply) async fn conclude(mut self, left: Leftovers) -> Result<Conclusion, StoreError> {
        self.look_at_doubtful().await;
        self.look_at_left_open(left.between).await;
        // While memberships are owed, the next run has to look further back than this one.
        let is_whole = self.give_memberships_back(left.memberships).await?;
        let bench = &self.bench;
        let outcomes = self.outcomes.into_iter().flatten().collect();
        let run = Run::new(bench.journal.id().clone(), bench.plan.digest.clone(), outcomes);
        let state = if run.summary.is_complete() && is_whole { RunState::Complete } else { RunState::Partial };
        bench.journal.finish(state, &run.summary, bench.world.clock.time()).await?;
        Ok(Conclusion {
            run,
            stranded: self.stranded,
            busy: self.busy,
            unreachable: self.unreachable,
            stopped: self.stopped,
            skipped: self.skipped,
        })
    }
}
