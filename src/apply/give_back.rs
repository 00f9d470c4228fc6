//! Gives the old license back to somebody whose new one did not come.
//!
//! The one thing that is sent without standing in the plan; the plan asks for it with `on_failure`.

use smol_str::format_smolstr;

use super::fate::{Fate, full_text};
use super::sight::{Sight, holds, see};
use super::step::{Bench, Delivery};
use super::world::Coming;
use crate::adapter::ErrorKind;
use crate::model::{Effect, Operation, OperationId, OperationKind, Outcome, Stranded};
use crate::store::{Entry, StoreError};

/// What came of giving back.
pub(super) struct GivenBack {
    /// One clause for the outcome of the failed operation.
    pub(super) message: String,
    /// Whether the old seat is taken again, or may be.
    pub(super) is_taken: bool,
    /// Why the person is left without a license, if they are.
    pub(super) stranded: Option<String>,
}

impl GivenBack {
    fn no(message: String) -> Self {
        Self { message, is_taken: false, stranded: None }
    }

    fn yes(message: String) -> Self {
        Self { message, is_taken: true, stranded: None }
    }

    fn stranded(remove: &Operation, why: &str) -> Self {
        let (person, old) = (&remove.person, &remove.license);
        let reason = format!("`{old}` cannot be given back{why}");
        let message = format!("{person} is left without a license, for {reason}");
        Self { message, is_taken: false, stranded: Some(reason) }
    }
}

impl Bench {
    /// Gives back what `remove` took, because `assign` is not going to be.
    pub(super) async fn give_back(&self, assign: &Operation, remove: &Operation) -> Result<GivenBack, StoreError> {
        let (person, old) = (&remove.person, &remove.license);
        let Some(target) = self.world.tenants.get(&remove.tenant) else {
            return Ok(GivenBack::stranded(remove, ": the manifest has no such tenant"));
        };
        let back = remedy(assign, remove);
        loop {
            let work = self.world.patience.work();
            let account = match self.world.read(target, &back).await {
                Ok(Some(account)) => account,
                Ok(None) => return Ok(GivenBack::no(format!("the account `{}` is gone", back.account))),
                Err(error) => {
                    return Ok(GivenBack::stranded(remove, &format!(": {}", full_text(&error))));
                }
            };
            if see(&target.rules, &back, None, Some(&account)) == Sight::There {
                return Ok(GivenBack::yes(format!("{person} still holds `{old}`")));
            }
            if target.rules.expects(&account.holdings, &assign.license) != assign.expects {
                let holds = holds(&target.rules, old, &account);
                return Ok(GivenBack::no(format!("`{old}` was not given back, for {person} now {holds}")));
            }
            let error = match self.deliver(target, &back, true).await? {
                Delivery::Sent(reliance) => {
                    drop(work);
                    let coming = Coming { before: Some(account.holdings), reliance };
                    let fate = self.world.follow(&back, &coming).await;
                    self.write_remedy(&back, &fate).await?;
                    return Ok(told(&back, fate));
                }
                Delivery::Refused(error) => error,
            };
            drop(work);
            if error.kind == ErrorKind::Busy && self.world.wait_until_free(&back.tenant, target, &error.message).await {
                continue;
            }
            let fate = Fate::refused("", &error);
            self.write_remedy(&back, &fate).await?;
            return Ok(told(&back, fate));
        }
    }

    async fn write_remedy(&self, back: &Operation, fate: &Fate) -> Result<(), StoreError> {
        let message = fate.message.as_deref();
        let entry = Entry::Outcome { operation: &back.id, outcome: fate.outcome, message, touches: &[] };
        self.write(entry, true).await
    }
}

/// The operation that gives back what `remove` took.
fn remedy(assign: &Operation, remove: &Operation) -> Operation {
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
