//! Operations on their way: look once more, write down, send, look what came of it; again where nothing came of it.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Event;
use super::bench::Bench;
use super::fate::{Fate, Trouble, full_text};
use super::pace::{ATTEMPTS_MOST, Class, Effort, Turn};
use super::schedule::Index;
use super::sight::{Sight, holds, see};
use super::target::Target;
use super::world::{Coming, Look, READ_BACK_WINDOW, Reliance, World, impatient};
use crate::adapter::{AdapterError, ErrorKind, Handle, Receipt};
use crate::model::{Account, Holding, Operation, OperationId, OperationKind, Outcome, SkipReason};
use crate::store::{Earlier, StoreError};

/// How long a look at a person counts as a look just before the next operation of theirs.
const FRESH: Duration = Duration::from_secs(2);

/// A person's account as it was seen a moment ago.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) account: Account,
    pub(super) at: Instant,
}

/// Where a step ends.
#[derive(Debug)]
pub(super) enum Landing {
    /// The fate is certain; with the account as it was seen last.
    Done(Fate, Option<Seen>),
    /// It was accepted, and is to be followed.
    Coming(Coming),
    /// It surely had no effect; it goes on alone where it went with others.
    Refused {
        error: AdapterError,
        /// Whether it was sent at all.
        was_sent: bool,
    },
}

/// Whether something may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    /// It may, now.
    Again,
    /// It was tried so many times, and that is enough.
    Spent(u32),
    /// The run was stopped meanwhile.
    Stopped,
}

/// How the vendor answered.
pub(super) enum Delivery {
    /// It may be in effect.
    Sent(Reliance, Option<Handle>),
    /// It surely is not.
    Refused(AdapterError),
    /// There was no patience left to send it.
    Unsent(AdapterError),
}

impl Landing {
    fn done(fate: Fate) -> Self {
        Self::Done(fate, None)
    }
}

impl Bench {
    /// Takes one operation to its fate, or to where it is to be followed; `refused` is how it fared before, if it was
    /// sent with others.
    pub(super) async fn send(
        &self,
        index: Index,
        class: Class,
        mut seen: Option<Seen>,
        mut refused: Option<(AdapterError, bool)>,
    ) -> Result<Landing, StoreError> {
        let operation = self.operation(index);
        let mut effort = Effort::new(self.world.seed, index, Instant::now());
        loop {
            if let Some((error, was_sent)) = refused.take()
                && let Some(fate) = self.recover(operation, class, &mut effort, &error, was_sent).await
            {
                return Ok(Landing::done(fate));
            }
            match self.attempt(&[index], class, seen.take()).await?.pop() {
                Some((_, Landing::Refused { error, was_sent })) => refused = Some((error, was_sent)),
                Some((_, landing)) => return Ok(landing),
                None => return Ok(Landing::done(Fate::skipped(SkipReason::Stopped, "it was not sent"))),
            }
        }
    }

    /// Sends operations of one tenant together, once.
    pub(super) async fn attempt(
        &self,
        indices: &[Index],
        class: Class,
        seen: Option<Seen>,
    ) -> Result<Vec<(Index, Landing)>, StoreError> {
        let mut landings = Vec::with_capacity(indices.len());
        let Some(first) = indices.first().map(|index| self.operation(*index)) else { return Ok(landings) };
        let Some((target, stile)) = self.world.tenant(&first.tenant) else {
            let message = format!("the manifest has no tenant `{}`", first.tenant);
            let fate = Fate::skipped(SkipReason::Unreachable, message);
            landings.extend(indices.iter().map(|index| (*index, Landing::done(fate.clone()))));
            return Ok(landings);
        };
        let mut turn = stile.enter(class).await;
        let mut going: Vec<(Index, Vec<Holding>)> = Vec::with_capacity(indices.len());
        let mut seen = seen.filter(|seen| seen.at.elapsed() < FRESH);
        for index in indices {
            let mut checked = self.check(&mut turn, target, self.operation(*index), seen.take()).await;
            if class == Class::Closing
                && matches!(checked, Err(Landing::Done(..)))
                && !target.connection.observe.is_settled()
            {
                // What was taken from the person was seen to be gone: a vendor may show for a moment what was so before.
                turn.lend(sleep(READ_BACK_WINDOW)).await;
                checked = self.check(&mut turn, target, self.operation(*index), None).await;
            }
            match checked {
                Ok(before) => {
                    let operation = self.operation(*index);
                    let is_trial = |held: &Holding| held.trial && held.license == operation.license;
                    if operation.kind == OperationKind::Remove && before.iter().any(is_trial) {
                        self.takes_trial(*index);
                    }
                    going.push((*index, before));
                }
                Err(landing) => landings.push((*index, landing)),
            }
        }
        let operations: Vec<&Operation> = going.iter().map(|(index, _)| self.operation(*index)).collect();
        let deliveries = self.deliver(&mut turn, target, &operations, false).await?;
        for (((index, before), operation), delivery) in going.into_iter().zip(operations).zip(deliveries) {
            let landing = match delivery {
                Delivery::Sent(reliance, handle) => {
                    let coming = Coming { before: Some(before), reliance, handle };
                    self.read_back(&mut turn, target, operation, coming).await
                }
                Delivery::Refused(error) => Landing::Refused { error, was_sent: true },
                Delivery::Unsent(error) => Landing::Refused { error, was_sent: false },
            };
            landings.push((index, landing));
        }
        Ok(landings)
    }

    /// Looks at the person once more: what they hold, where the operation may be sent.
    async fn check(
        &self,
        turn: &mut Turn,
        target: &Target,
        operation: &Operation,
        seen: Option<Seen>,
    ) -> Result<Vec<Holding>, Landing> {
        let earlier = self.earlier.get(&operation.id);
        if operation.kind == OperationKind::Release && earlier.is_none() {
            // The freed seat is nobody's any more, whatever its last holder has by now.
            return Ok(Vec::new());
        }
        let account = match seen {
            Some(seen) => Some(seen.account),
            None => match self.world.read(turn, target, operation).await {
                Ok(account) => account,
                Err(error) => return Err(Landing::Refused { error, was_sent: false }),
            },
        };
        if let Some(earlier) = earlier.filter(|earlier| !never_came(target, operation, earlier, account.as_ref())) {
            return Err(sent_before(target, operation, earlier, account));
        }
        let Some(account) = account else { return Err(stale(format!("the account `{}` is gone", operation.account))) };
        if target.rules.expects(&account.holdings, &operation.license) != operation.expects {
            let license = operation.to.as_deref().unwrap_or(&operation.license);
            let holds = holds(&target.rules, license, &account);
            let wanted = wanted(operation);
            let message = format!("{} changed since the plan: now {holds}, and the plan {wanted}", operation.person);
            return Err(stale(message));
        }
        Ok(account.holdings)
    }

    /// Writes operations down, sends them in one request, and writes down the answers. A busy vendor has refused.
    pub(super) async fn deliver(
        &self,
        turn: &mut Turn,
        target: &Target,
        operations: &[&Operation],
        remedy: bool,
    ) -> Result<Vec<Delivery>, StoreError> {
        if operations.is_empty() {
            return Ok(Vec::new());
        }
        if turn.request().await.is_err() {
            return Ok(operations.iter().map(|_| Delivery::Unsent(impatient())).collect());
        }
        if let Err(error) = self.world.ready(target, operations).await {
            return Ok(operations.iter().map(|_| Delivery::Unsent(error.clone())).collect());
        }
        turn.lend(self.write_sent(operations, remedy)).await?;
        // The record is durable, and perhaps it took long: whoever has the lock now may not be us.
        self.check_lock()?;
        if !remedy {
            for operation in operations {
                self.world.watch.tell(&Event::Sent { operation: operation.id.clone() });
            }
        }
        let answers = self.world.execute(target, operations).await;
        let mut deliveries = Vec::with_capacity(answers.len());
        for (operation, answer) in operations.iter().zip(answers) {
            self.write_answer(operation, &answer, remedy)?;
            deliveries.push(match answer {
                Ok(Receipt::Done) => Delivery::Sent(Reliance::SaidDone, None),
                Ok(Receipt::Accepted(handle)) => Delivery::Sent(Reliance::Accepted, handle),
                Ok(Receipt::Already) => Delivery::Sent(Reliance::SaidAlready, None),
                Err(error) if error.maybe_in_effect => Delivery::Sent(Reliance::Doubtful(full_text(&error)), None),
                Err(error) => Delivery::Refused(error),
            });
        }
        Ok(deliveries)
    }

    /// The first look after the answer.
    async fn read_back(&self, turn: &mut Turn, target: &Target, operation: &Operation, coming: Coming) -> Landing {
        if coming.handle.is_some() {
            // Nobody has looked at it yet.
            return Landing::Coming(coming);
        }
        if operation.kind == OperationKind::Release {
            return Landing::done(match coming.reliance {
                Reliance::Doubtful(why) => Fate::new(Outcome::Unknown, format!("nobody can look it up: {why}")),
                _ => Fate::new(Outcome::Applied, None),
            });
        }
        match self.world.look(turn, target, operation, &coming).await {
            Look::Certain(fate, account) => {
                Landing::Done(fate, account.map(|account| Seen { account, at: Instant::now() }))
            }
            Look::Open(_) | Look::Blind(_) => Landing::Coming(coming),
        }
    }

    /// Waits until an operation that surely had no effect may be sent again; its fate where it may not.
    pub(super) async fn recover(
        &self,
        operation: &Operation,
        class: Class,
        effort: &mut Effort,
        error: &AdapterError,
        was_sent: bool,
    ) -> Option<Fate> {
        let refused = |times: u32| {
            let prefix = if was_sent { "" } else { "the account could not be read, so that nothing was sent: " };
            let fate = Fate::refused(prefix, error);
            if times > 1 { fate.and(&format!("given up after {times} attempts")) } else { fate }
        };
        match error.kind {
            ErrorKind::Busy => {
                let (target, _) = self.world.tenant(&operation.tenant)?;
                // A vendor that is busy did nothing, so that sending again is sending once.
                let is_free = self.world.wait_until_free(&operation.tenant, target, &error.message).await;
                (!is_free).then(|| busy(&self.world, &error.message))
            }
            ErrorKind::Throttled | ErrorKind::Unavailable => {
                match self.pause(&operation.id, class, effort, error).await {
                    Retry::Again => None,
                    Retry::Spent(times) => Some(refused(times)),
                    Retry::Stopped => {
                        let message = format!("the run was stopped before it was sent again; {}", full_text(error));
                        Some(Fate::skipped(SkipReason::Stopped, message))
                    }
                }
            }
            ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::NoSeat
            | ErrorKind::Forbidden
            | ErrorKind::Denied
            | ErrorKind::Unsupported
            | ErrorKind::Malformed
            | ErrorKind::Io => Some(refused(1)),
        }
    }

    /// Waits until something that surely had no effect may be tried again, if it may.
    pub(super) async fn pause(
        &self,
        what: &OperationId,
        class: Class,
        effort: &mut Effort,
        error: &AdapterError,
    ) -> Retry {
        let attempts = effort.attempt();
        if !matches!(error.kind, ErrorKind::Throttled | ErrorKind::Unavailable) {
            return Retry::Spent(attempts);
        }
        let Some(pause) = effort.again(Instant::now(), error.retry_after) else { return Retry::Spent(attempts) };
        if self.world.patience.left() < pause {
            return Retry::Spent(attempts);
        }
        self.world.watch.tell(&Event::Retry {
            operation: what.clone(),
            attempt: effort.attempt(),
            of: ATTEMPTS_MOST,
            pause,
            reason: full_text(error),
        });
        let stopped = async {
            match class {
                // Somebody is between two licenses, and whoever wished to stop did not wish that.
                Class::Closing | Class::Back => std::future::pending().await,
                Class::Ordinary => self.world.stop.stopped().await,
            }
        };
        tokio::select! {
            biased;
            () = sleep(pause) => Retry::Again,
            () = self.world.patience.over() => Retry::Spent(attempts),
            () = stopped => Retry::Stopped,
        }
    }
}

/// Whether what an earlier run sent surely had no effect and never will: then sending it is sending it once.
fn never_came(target: &Target, operation: &Operation, earlier: &Earlier, account: Option<&Account>) -> bool {
    target.connection.observe.is_settled()
        && earlier.outcome == Some(Outcome::Failed)
        && operation.kind != OperationKind::Release
        && see(&target.rules, operation, None, account) == Sight::Absent
}

/// What to say of an operation that an earlier run of this plan sent: whatever came of it, it is not sent again.
fn sent_before(target: &Target, operation: &Operation, earlier: &Earlier, account: Option<Account>) -> Landing {
    let run = &earlier.run;
    let handle = earlier.handle.as_deref().and_then(Handle::new);
    let is_open = !matches!(earlier.outcome, Some(Outcome::Applied | Outcome::Already | Outcome::Failed));
    if operation.kind == OperationKind::Release && handle.is_some() && is_open {
        return Landing::Coming(Coming { before: None, reliance: Reliance::Earlier(run.clone()), handle });
    }
    if operation.kind == OperationKind::Release {
        let outcome = if earlier.outcome == Some(Outcome::Applied) { Outcome::Already } else { Outcome::Unknown };
        return Landing::done(Fate::new(outcome, format!("sent by `{run}`")));
    }
    match (see(&target.rules, operation, None, account.as_ref()), earlier.outcome) {
        (Sight::There, _) => {
            let seen = account.map(|account| Seen { account, at: Instant::now() });
            Landing::Done(Fate::new(Outcome::Already, format!("sent by `{run}`")), seen)
        }
        (Sight::Absent | Sight::Other(_), Some(Outcome::Applied | Outcome::Already)) => {
            stale(format!("applied by `{run}`, and undone since"))
        }
        (Sight::Absent | Sight::Other(_), Some(Outcome::Failed)) => {
            let message = format!("sent by `{run}` and without effect; plan again");
            Landing::done(Fate::new(Outcome::Failed, message).because(Trouble::NeverCame))
        }
        (Sight::Coming, _)
        | (Sight::Absent | Sight::Other(_), None | Some(Outcome::Pending | Outcome::Unknown | Outcome::Skipped)) => {
            Landing::Coming(Coming { before: None, reliance: Reliance::Earlier(run.clone()), handle })
        }
    }
}

/// What the plan was to do, as a sentence's end.
pub(super) fn wanted(operation: &Operation) -> String {
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

fn stale(message: String) -> Landing {
    Landing::done(Fate::skipped(SkipReason::Stale, message))
}

/// The fate of what was not sent because the vendor took no changes.
pub(super) fn busy(world: &World, reason: &str) -> Fate {
    let until = if world.stop.is_stopped() { "the run was stopped" } else { "the wait was over" };
    let mut fate = Fate::skipped(SkipReason::Busy, format!("the vendor was busy until {until}: {reason}"));
    fate.trouble = Some(Trouble::Busy);
    fate
}
