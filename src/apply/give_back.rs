//! Gives the old license back to somebody whose new one did not come, and the memberships that went with it.
//!
//! The one thing that is sent without standing in the plan; the plan asks for it with `on_failure`.

use smol_str::format_smolstr;
use tokio::time::{Instant, sleep};

use super::bench::Bench;
use super::fate::{Fate, Trouble, full_text};
use super::pace::{Class, Effort};
use super::schedule::Index;
use super::sight::{Sight, holds, see};
use super::step::Delivery;
use super::target::Target;
use super::world::{Coming, READ_BACK_WINDOW};
use crate::model::{Effect, Operation, OperationId, OperationKind, Outcome, Stranded};
use crate::store::{Entry, StoreError};

/// What came of giving back.
#[derive(Debug)]
pub(super) struct GivenBack {
    /// One clause for the outcome of the failed operation.
    pub(super) message: String,
    /// Whether the old seat is taken again, or may be.
    pub(super) is_taken: bool,
    /// Why the person is left without a license, if they are.
    pub(super) stranded: Option<String>,
    /// What was in the way, where it says something about the whole tenant.
    pub(super) trouble: Option<Trouble>,
    /// Whether the new license came after all.
    pub(super) came: bool,
}

impl GivenBack {
    fn no(message: String) -> Self {
        Self { message, is_taken: false, stranded: None, trouble: None, came: false }
    }

    fn yes(message: String) -> Self {
        Self { message, is_taken: true, stranded: None, trouble: None, came: false }
    }

    fn stranded(remove: &Operation, why: &str) -> Self {
        let (person, old) = (&remove.person, &remove.license);
        let reason = format!("`{old}` cannot be given back{why}");
        let message = format!("{person} is left without a license, for {reason}");
        Self { message, is_taken: false, stranded: Some(reason), trouble: None, came: false }
    }
}

/// Who is to get what back.
pub(super) struct Gap {
    /// The operation that did not succeed.
    pub(super) assign: Index,
    /// The one that took the old license.
    pub(super) remove: Index,
    /// The one that was to give back memberships.
    pub(super) restore: Option<Index>,
    /// Whether the old license was a trial.
    pub(super) was_trial: bool,
    /// Whether the new license was sent and counts as absent, and was not refused.
    pub(super) counts_as_absent: bool,
}

impl Bench {
    /// Gives back what was taken for an operation that is not going to be.
    pub(super) async fn give_back(&self, gap: &Gap) -> Result<GivenBack, StoreError> {
        let (assign, remove) = (self.operation(gap.assign), self.operation(gap.remove));
        let back = remedy(assign, remove);
        let mut given = self.give_license_back(gap, &back).await?;
        if given.is_taken && gap.was_trial {
            // Nobody can give a trial, and nobody should find a full seat by surprise.
            given.message.push_str(&format!("; it was a trial, and `{}` is a full license now", remove.license));
        }
        if let Some(restore) = gap.restore.map(|restore| self.operation(restore)).filter(|_| given.is_taken) {
            let restore = Operation {
                id: OperationId(format_smolstr!("{}-give-back", restore.id)),
                license: remove.license.clone(),
                after: Vec::new(),
                expects: remove.expects.clone(),
                ..restore.clone()
            };
            let fate = self.mend(gap.assign, &restore).await?;
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

    async fn give_license_back(&self, gap: &Gap, back: &Operation) -> Result<GivenBack, StoreError> {
        let (assign, remove) = (self.operation(gap.assign), self.operation(gap.remove));
        let (person, old) = (&remove.person, &remove.license);
        let Some((target, stile)) = self.world.tenant(&remove.tenant) else {
            return Ok(GivenBack::stranded(remove, ": the manifest has no such tenant"));
        };
        let mut effort = Effort::new(self.world.seed, gap.assign, Instant::now());
        let mut looked = false;
        let account = loop {
            let mut turn = stile.enter(Class::Closing).await;
            let error = match self.world.read(&mut turn, target, back).await {
                Ok(Some(account)) if !looked && see(&target.rules, back, None, Some(&account)) == Sight::There => {
                    looked = true;
                    drop(turn);
                    outlast_old_news(target).await;
                    continue;
                }
                Ok(Some(account)) => break account,
                Ok(None) => return Ok(GivenBack::no(format!("the account `{}` is gone", back.account))),
                Err(error) => error,
            };
            drop(turn);
            if self.recover(back, Class::Closing, &mut effort, &error, false).await.is_some() {
                let mut given = GivenBack::stranded(remove, &format!(": {}", full_text(&error)));
                given.trouble = Fate::refused("", &error).trouble;
                return Ok(given);
            }
        };
        if see(&target.rules, back, None, Some(&account)) == Sight::There {
            return Ok(GivenBack::yes(format!("{person} still holds `{old}`")));
        }
        if target.rules.expects(&account.holdings, &assign.license) != assign.expects {
            let holds = holds(&target.rules, old, &account);
            return Ok(GivenBack::no(format!("`{old}` was not given back, for {person} now {holds}")));
        }
        let fate = self.mend(gap.assign, back).await?;
        let trouble = fate.trouble;
        let is_shown = match fate.outcome {
            Outcome::Pending | Outcome::Unknown => {
                let seen = self.world.read(&mut stile.look().await, target, back).await;
                seen.is_ok_and(|account| match see(&target.rules, back, None, account.as_ref()) {
                    Sight::There | Sight::Coming => true,
                    Sight::Absent | Sight::Other(_) => false,
                })
            }
            Outcome::Applied | Outcome::Already | Outcome::Skipped | Outcome::Failed => true,
        };
        let mut given = GivenBack { trouble, ..told(back, fate) };
        if !is_shown {
            // The seat may be taken again, and the person has nothing that anybody could see.
            given.stranded.get_or_insert_with(|| given.message.clone());
        }
        if given.stranded.is_none() || !gap.counts_as_absent {
            return Ok(given);
        }
        // Neither is there. A license cannot be held twice, so that asking once more for the new one is safe, should the
        // first request arrive after all; and whoever has nothing is helped by either.
        let more = Operation {
            id: OperationId(format_smolstr!("{}-once-more", assign.id)),
            after: Vec::new(),
            ..assign.clone()
        };
        let fate = self.mend(gap.assign, &more).await?;
        if !fate.outcome.is_success() {
            return Ok(given);
        }
        let message = format!("`{old}` could not be given back, and `{}` was asked for once more", assign.license);
        Ok(GivenBack { came: true, ..GivenBack::no(message) })
    }

    /// Sends an operation that mends something, and looks what came of it.
    pub(super) async fn mend(&self, place: Index, operation: &Operation) -> Result<Fate, StoreError> {
        let Some((target, stile)) = self.world.tenant(&operation.tenant) else {
            return Ok(Fate::new(Outcome::Failed, "the manifest has no such tenant".to_owned()));
        };
        let mut effort = Effort::new(self.world.seed, place, Instant::now());
        let (mut was_sent, mut looked) = (false, false);
        let fate = loop {
            let mut turn = stile.enter(Class::Closing).await;
            let account = match self.world.read(&mut turn, target, operation).await {
                Ok(account) => account,
                Err(error) => {
                    drop(turn);
                    match self.recover(operation, Class::Closing, &mut effort, &error, false).await {
                        Some(fate) => break fate,
                        None => continue,
                    }
                }
            };
            if see(&target.rules, operation, None, account.as_ref()) == Sight::There {
                if looked || was_sent {
                    break Fate::new(Outcome::Already, None);
                }
                looked = true;
                drop(turn);
                outlast_old_news(target).await;
                continue;
            }
            let before = account.map(|account| account.holdings);
            let delivery = self.deliver(&mut turn, target, &[operation], true).await?.pop();
            drop(turn);
            was_sent |= matches!(delivery, Some(Delivery::Sent(..) | Delivery::Refused(_)));
            match delivery {
                Some(Delivery::Unsent(error)) => {
                    if let Some(fate) = self.recover(operation, Class::Closing, &mut effort, &error, false).await {
                        break fate;
                    }
                }
                Some(Delivery::Sent(reliance, handle)) => {
                    break self.world.follow(operation, &Coming { before, reliance, handle }, true).await;
                }
                Some(Delivery::Refused(error)) => {
                    if let Some(fate) = self.recover(operation, Class::Closing, &mut effort, &error, true).await {
                        break fate;
                    }
                }
                None => break Fate::new(Outcome::Failed, "it was not sent".to_owned()),
            }
        };
        // The journal knows only what was sent beside the plan; the rest stands in the outcome that is mended.
        if was_sent {
            let message = fate.message.as_deref();
            let outcome = Entry::Outcome { operation: &operation.id, outcome: fate.outcome, message, touches: &[] };
            self.post(outcome, true)?;
        }
        Ok(fate)
    }
}

/// What was taken was seen to be gone; where it seems to be there, a vendor may show what was so a moment before.
async fn outlast_old_news(target: &Target) {
    if !target.connection.observe.is_settled() {
        sleep(READ_BACK_WINDOW).await;
    }
}

/// The operation that gives back what `remove` took.
pub(super) fn remedy(assign: &Operation, remove: &Operation) -> Operation {
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

fn told(back: &Operation, fate: Fate) -> GivenBack {
    let old = &back.license;
    let why = fate.message.map_or_else(String::new, |message| format!(": {message}"));
    match fate.outcome {
        Outcome::Applied | Outcome::Already => GivenBack::yes(format!("`{old}` was given back")),
        Outcome::Pending => GivenBack::yes(format!("`{old}` was asked back{why}")),
        Outcome::Unknown => GivenBack::yes(format!("`{old}` was asked back, and nobody knows what came of it{why}")),
        Outcome::Failed | Outcome::Skipped => GivenBack::stranded(back, &why),
    }
}

/// Somebody gave up a license with `removal`, and got neither the new one nor the old one back.
pub(super) fn stranded(removal: &Operation, wanted: &Operation, reason: String) -> Stranded {
    Stranded {
        tenant: removal.tenant.clone(),
        person: removal.person.clone(),
        lost: removal.license.clone(),
        wanted: wanted.to.as_ref().unwrap_or(&wanted.license).clone(),
        reason,
        help: format!("give `{}` in the vendor's console, or plan and apply again", removal.license),
    }
}
