//! One operation: look once more, write it down, send it, look what came of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Event;
use super::fate::{Fate, Trouble, full_text};
use super::sight::{Sight, holds, see};
use super::world::{Coming, Reliance, Target, World};
use crate::adapter::{AdapterError, ErrorKind, Receipt};
use crate::model::{Account, Holding, Operation, OperationId, OperationKind, Outcome, SkipReason};
use crate::store::{Earlier, Entry, Reply, RunJournal, StoreError};

/// What a step works with.
pub(super) struct Bench {
    pub(super) world: Arc<World>,
    pub(super) journal: RunJournal,
    pub(super) earlier: BTreeMap<OperationId, Earlier>,
}

/// Where a step ends.
#[derive(Debug)]
pub(super) enum Landing {
    /// The fate is certain.
    Done(Fate),
    /// It was accepted, and is to be followed.
    Coming(Coming),
}

/// How the vendor answered.
pub(super) enum Delivery {
    /// It may be in effect.
    Sent(Reliance),
    /// It surely is not.
    Refused(AdapterError),
}

impl Bench {
    /// Takes one operation as far as the vendor's answer and the first look.
    pub(super) async fn send(&self, operation: &Operation) -> Result<Landing, StoreError> {
        let Some(target) = self.world.tenants.get(&operation.tenant) else {
            let message = format!("the manifest has no tenant `{}`", operation.tenant);
            return Ok(Landing::Done(Fate::skipped(SkipReason::Unreachable, message)));
        };
        loop {
            let work = self.world.patience.work();
            let before = match self.check(target, operation).await {
                Ok(before) => before,
                Err(landing) => return Ok(landing),
            };
            let error = match self.deliver(target, operation, false).await? {
                Delivery::Sent(reliance) => {
                    return Ok(self.read_back(target, operation, Coming { before: Some(before), reliance }).await);
                }
                Delivery::Refused(error) => error,
            };
            drop(work);
            if error.kind != ErrorKind::Busy {
                return Ok(Landing::Done(Fate::refused("", &error)));
            }
            // A vendor that is busy did nothing, so that sending again is sending once.
            if !self.world.wait_until_free(&operation.tenant, target, &error.message).await {
                return Ok(Landing::Done(busy(&self.world, &error.message)));
            }
        }
    }

    /// Looks at the person once more: what they hold, where the operation may be sent.
    async fn check(&self, target: &Target, operation: &Operation) -> Result<Vec<Holding>, Landing> {
        let earlier = self.earlier.get(&operation.id);
        if operation.kind == OperationKind::Release && operation.account.is_empty() && earlier.is_none() {
            return Ok(Vec::new());
        }
        let account = match self.world.read(target, operation).await {
            Ok(account) => account,
            Err(error) => {
                let prefix = "the account could not be read, so that nothing was sent: ";
                return Err(Landing::Done(Fate::refused(prefix, &error)));
            }
        };
        if let Some(earlier) = earlier {
            return Err(sent_before(target, operation, earlier, account.as_ref()));
        }
        let Some(account) = account else { return Err(stale(format!("the account `{}` is gone", operation.account))) };
        if target.rules.expects(&account.holdings, &operation.license) != operation.expects {
            let license = operation.to.as_deref().unwrap_or(&operation.license);
            let holds = holds(&target.rules, license, &account);
            return Err(stale(format!("{} changed since the plan: now {holds}", operation.person)));
        }
        Ok(account.holdings)
    }

    /// Writes the operation down, sends it, and writes down the answer. A busy vendor has refused.
    pub(super) async fn deliver(
        &self,
        target: &Target,
        operation: &Operation,
        remedy: bool,
    ) -> Result<Delivery, StoreError> {
        let Some(execute) = &target.connection.execute else {
            let message = format!("nothing can be sent to `{}`: its adapter only reads", operation.tenant);
            return Ok(Delivery::Refused(AdapterError::new(ErrorKind::Unsupported, message)));
        };
        self.write(Entry::Sent(operation), remedy).await?;
        if !remedy {
            self.world.watch.tell(&Event::Sent { operation: operation.id.clone() });
        }
        let (delivery, reply, message) = match self.world.execute(&**execute, operation).await {
            Ok(receipt) => {
                let reliance = match receipt {
                    Receipt::Done => Reliance::SaidDone,
                    Receipt::Accepted => Reliance::Accepted,
                    Receipt::Already => Reliance::SaidAlready,
                };
                (Delivery::Sent(reliance), Reply::Accepted, None)
            }
            Err(error) => {
                let text = full_text(&error);
                if error.maybe_in_effect {
                    (Delivery::Sent(Reliance::Doubtful(text.clone())), Reply::Doubtful, Some(text))
                } else {
                    (Delivery::Refused(error), Reply::Refused, Some(text))
                }
            }
        };
        let answered =
            Entry::Answered { operation: &operation.id, reply, status: None, message: message.as_deref(), body: None };
        self.write(answered, remedy).await?;
        Ok(delivery)
    }

    /// The first look after the answer.
    async fn read_back(&self, target: &Target, operation: &Operation, coming: Coming) -> Landing {
        if operation.kind == OperationKind::Release {
            return Landing::Done(match coming.reliance {
                Reliance::Doubtful(why) => Fate::new(Outcome::Unknown, format!("nobody can look it up: {why}")),
                _ => Fate::new(Outcome::Applied, None),
            });
        }
        match self.world.look(target, operation, &coming).await {
            Ok(fate) => Landing::Done(fate),
            Err(_) => Landing::Coming(coming),
        }
    }

    pub(super) async fn write(&self, entry: Entry<'_>, remedy: bool) -> Result<(), StoreError> {
        let at = self.world.clock.time();
        if remedy { self.journal.record_remedy(entry, at).await } else { self.journal.record(entry, at).await }
    }
}

/// What to say of an operation that an earlier run of this plan sent: whatever came of it, it is not sent again.
fn sent_before(target: &Target, operation: &Operation, earlier: &Earlier, account: Option<&Account>) -> Landing {
    let run = &earlier.run;
    if operation.kind == OperationKind::Release {
        let outcome = if earlier.outcome == Some(Outcome::Applied) { Outcome::Already } else { Outcome::Unknown };
        return Landing::Done(Fate::new(outcome, format!("sent by `{run}`")));
    }
    match (see(&target.rules, operation, None, account), earlier.outcome) {
        (Sight::There, _) => Landing::Done(Fate::new(Outcome::Already, format!("sent by `{run}`"))),
        (Sight::Absent | Sight::Other(_), Some(Outcome::Applied | Outcome::Already)) => {
            stale(format!("applied by `{run}`, and undone since"))
        }
        (Sight::Absent | Sight::Other(_), Some(Outcome::Failed)) => {
            let message = format!("sent by `{run}` and without effect; plan again");
            Landing::Done(Fate::new(Outcome::Failed, message))
        }
        (Sight::Coming, _)
        | (Sight::Absent | Sight::Other(_), None | Some(Outcome::Pending | Outcome::Unknown | Outcome::Skipped)) => {
            Landing::Coming(Coming { before: None, reliance: Reliance::Earlier(run.clone()) })
        }
    }
}

fn stale(message: String) -> Landing {
    Landing::Done(Fate::skipped(SkipReason::Stale, message))
}

/// The fate of what was not sent because the vendor took no changes.
pub(super) fn busy(world: &World, reason: &str) -> Fate {
    let until = if world.stop.is_stopped() { "the run was stopped" } else { "the wait was over" };
    let mut fate = Fate::skipped(SkipReason::Busy, format!("the vendor was busy until {until}: {reason}"));
    fate.trouble = Some(Trouble::Busy);
    fate
}
