//! What every part of a run shares: the tenants, and how one looks and sends there.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::timeout;

use super::fate::{Fate, Trouble};
use super::pace::{Turn, Turnstile};
use super::patience::{Looks, Patience};
use super::sight::{Sight, see};
use super::target::Target;
use super::{Event, Stop, Watch};
use crate::adapter::{AdapterError, ErrorKind, Handle, Receipt};
use crate::env::Clock;
use crate::model::{Account, Holding, Observation, Operation, OperationKind, Outcome, Pool};

/// How long an effect may lag behind the answer, at a vendor where requests take effect with the answer.
pub(super) const READ_BACK_WINDOW: Duration = Duration::from_secs(5);

/// How long one call to a vendor may take; adapters have shorter limits of their own.
const CALL_LIMIT: Duration = Duration::from_secs(300);

/// What every part of a run shares.
pub(super) struct World {
    pub(super) tenants: BTreeMap<SmolStr, Target>,
    pub(super) clock: Clock,
    pub(super) patience: Arc<Patience>,
    pub(super) watch: Watch,
    /// That the run ends soon, for whatever reason.
    pub(super) stop: Stop,
    pub(super) seed: u64,
    /// The way to each tenant.
    stiles: BTreeMap<SmolStr, Arc<Turnstile>>,
}

/// Why an effect that is not to be seen may be there soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reliance {
    /// The vendor accepted the operation.
    Accepted,
    /// The vendor said that it is done.
    SaidDone,
    /// The vendor said that there was nothing to do.
    SaidAlready,
    /// There was no answer to rely on, for this reason.
    Doubtful(String),
    /// An earlier run sent it.
    Earlier(SmolStr),
}

/// An operation that was sent, and whose effect is not there yet.
#[derive(Clone, Debug)]
pub(super) struct Coming {
    /// What was held when it was sent, where that is known.
    pub(super) before: Option<Vec<Holding>>,
    /// Why the effect may still come.
    pub(super) reliance: Reliance,
    /// What the vendor calls it while it is at work, if it gave it a name.
    pub(super) handle: Option<Handle>,
}

/// What a vendor said of an operation that it gave a name.
enum Polled {
    /// It is done, and is to be read back.
    Done,
    /// What that means.
    Says(Look),
    /// Nothing that helps: it is to be read.
    Silent,
}

/// What one look at an operation that was sent showed.
pub(super) enum Look {
    /// Its fate is certain; the account as it was seen.
    Certain(Fate, Option<Account>),
    /// It is not, by what was seen.
    Open(Sight),
    /// Nothing could be seen.
    Blind(AdapterError),
}

impl World {
    pub(super) fn new(
        tenants: BTreeMap<SmolStr, Target>,
        clock: Clock,
        wait: Duration,
        seed: u64,
        watch: Watch,
    ) -> Self {
        let patience = Arc::new(Patience::new(wait));
        let stile = |(name, target): (&SmolStr, &Target)| {
            let stile = Turnstile::new(target.concurrency, &target.rates, Arc::clone(&patience), seed);
            (name.clone(), Arc::new(stile))
        };
        let stiles = tenants.iter().map(stile).collect();
        Self { tenants, clock, patience, watch, stop: Stop::new(), seed, stiles }
    }

    /// A tenant, and the way to it.
    pub(super) fn tenant(&self, name: &str) -> Option<(&Target, &Arc<Turnstile>)> {
        Some((self.tenants.get(name)?, self.stiles.get(name)?))
    }

    /// Reads the account of an operation afresh.
    pub(super) async fn read(
        &self,
        turn: &mut Turn,
        target: &Target,
        operation: &Operation,
    ) -> Result<Option<Account>, AdapterError> {
        let call = target.connection.observe.account(&operation.account);
        self.call(turn, &operation.tenant, target, call).await
    }

    /// Asks a tenant why it takes no changes just now, if it does not.
    pub(super) async fn busy(
        &self,
        turn: &mut Turn,
        tenant: &str,
        target: &Target,
    ) -> Result<Option<String>, AdapterError> {
        self.call(turn, tenant, target, target.connection.observe.busy()).await
    }

    /// Reads the pools of a tenant afresh.
    pub(super) async fn pools(
        &self,
        turn: &mut Turn,
        tenant: &str,
        target: &Target,
    ) -> Result<Vec<Pool>, AdapterError> {
        self.call(turn, tenant, target, target.connection.observe.pools()).await
    }

    /// Reads a tenant as a whole.
    pub(super) async fn observe(
        &self,
        turn: &mut Turn,
        tenant: &str,
        target: &Target,
    ) -> Result<Observation, AdapterError> {
        self.call(turn, tenant, target, target.connection.observe.observe()).await
    }

    /// Waits until the adapter can send these operations at once.
    pub(super) async fn ready(&self, target: &Target, operations: &[&Operation]) -> Result<(), AdapterError> {
        let Some(execute) = &target.connection.execute else { return Ok(()) };
        timeout(CALL_LIMIT, execute.ready(operations)).await.unwrap_or_else(|_| Err(no_answer()))
    }

    /// Sends operations in one request, each once; [`Turn::request`] was asked before.
    pub(super) async fn execute(
        &self,
        target: &Target,
        operations: &[&Operation],
    ) -> Vec<Result<Receipt, AdapterError>> {
        let Some(execute) = &target.connection.execute else {
            let reads_only = |operation: &&Operation| {
                let message = format!("nothing can be sent to `{}`: its adapter only reads", operation.tenant);
                Err(AdapterError::new(ErrorKind::Unsupported, message))
            };
            return operations.iter().map(reads_only).collect();
        };
        let call = async {
            match operations {
                [operation] => vec![execute.execute(operation).await],
                operations => execute.execute_all(operations).await,
            }
        };
        let no_answer = || Err(AdapterError { maybe_in_effect: true, ..no_answer() });
        let mut answers = timeout(CALL_LIMIT, call).await.unwrap_or_default();
        // An adapter that forgets one has perhaps sent it.
        answers.resize_with(operations.len(), no_answer);
        if let Some(operation) = operations.first() {
            for answer in &answers {
                self.heed(&operation.tenant, target, answer);
            }
        }
        answers
    }

    /// One request that changes nothing.
    async fn call<T>(
        &self,
        turn: &mut Turn,
        tenant: &str,
        target: &Target,
        call: impl Future<Output = Result<T, AdapterError>>,
    ) -> Result<T, AdapterError> {
        if turn.request().await.is_err() {
            return Err(impatient());
        }
        let answer = timeout(CALL_LIMIT, call).await.unwrap_or_else(|_| Err(no_answer()));
        self.heed(tenant, target, &answer);
        answer
    }

    /// Does what an answer asks of those that come after.
    fn heed<T>(&self, tenant: &str, target: &Target, answer: &Result<T, AdapterError>) {
        let Some(stile) = self.stiles.get(tenant) else { return };
        match answer {
            Err(error) if error.kind == ErrorKind::Throttled || error.retry_after.is_some() => {
                if let Some((pause, in_flight)) = stile.rest(error.retry_after) {
                    self.watch.tell(&Event::Throttled { tenant: tenant.into(), pause, in_flight });
                }
            }
            Err(_) => {}
            Ok(_) => {
                stile.went_well();
                if let Some(pause) = target.connection.observe.pause() {
                    stile.rest_before_next(pause);
                }
            }
        }
    }

    /// One look at what came of an operation that was sent.
    pub(super) async fn look(&self, turn: &mut Turn, target: &Target, operation: &Operation, coming: &Coming) -> Look {
        let polled = match &coming.handle {
            Some(handle) => self.poll(turn, target, operation, handle).await,
            None => Polled::Silent,
        };
        match polled {
            Polled::Says(look) => return look,
            // Nobody can look it up.
            Polled::Done if operation.kind == OperationKind::Release => {
                return Look::Certain(Fate::new(Outcome::Applied, None), None);
            }
            Polled::Silent if operation.kind == OperationKind::Release => {
                let message = "sent, and the vendor does not say what came of it".to_owned();
                return Look::Certain(Fate::new(Outcome::Unknown, message), None);
            }
            Polled::Done | Polled::Silent => {}
        }
        let account = match self.read(turn, target, operation).await {
            Ok(account) => account,
            Err(error) => return Look::Blind(error),
        };
        let fate = match see(&target.rules, operation, coming.before.as_deref(), account.as_ref()) {
            Sight::There => match &coming.reliance {
                Reliance::Earlier(run) => Fate::new(Outcome::Already, format!("sent by `{run}`")),
                Reliance::SaidAlready => Fate::new(Outcome::Already, None),
                Reliance::Accepted | Reliance::SaidDone | Reliance::Doubtful(_) => Fate::new(Outcome::Applied, None),
            },
            Sight::Other(what) => Fate::new(Outcome::Failed, what).because(Trouble::Refused),
            sight @ (Sight::Coming | Sight::Absent) => return Look::Open(sight),
        };
        Look::Certain(fate, account)
    }

    /// Asks the vendor what became of an operation by its name for it.
    async fn poll(&self, turn: &mut Turn, target: &Target, operation: &Operation, handle: &Handle) -> Polled {
        let asked = target.connection.observe.poll(operation, handle);
        let answer = self.call(turn, &operation.tenant, target, asked).await;
        match answer {
            Ok(Receipt::Done | Receipt::Already) => Polled::Done,
            Ok(Receipt::Accepted(_)) => Polled::Says(Look::Open(Sight::Coming)),
            Err(error) => match error.kind {
                ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Busy | ErrorKind::Denied => {
                    Polled::Says(Look::Blind(error))
                }
                // A name that nobody knows, or an answer that makes no sense, says nothing of the person.
                ErrorKind::NotFound | ErrorKind::Malformed | ErrorKind::Io | ErrorKind::Unsupported => Polled::Silent,
                ErrorKind::Conflict | ErrorKind::NoSeat | ErrorKind::Forbidden if error.maybe_in_effect => {
                    Polled::Silent
                }
                ErrorKind::Conflict | ErrorKind::NoSeat | ErrorKind::Forbidden => {
                    Polled::Says(Look::Certain(Fate::refused("accepted, and refused later: ", &error), None))
                }
            },
        }
    }

    /// Looks at an operation that was sent until its fate is certain or the wait is over.
    ///
    /// Where somebody waits for what comes after it, or the vendor is at work on it, a wish to stop changes nothing: whoever
    /// plans anew would not see it, and ask for it again.
    pub(super) async fn follow(&self, operation: &Operation, coming: &Coming, leads_on: bool) -> Fate {
        let Some((target, stile)) = self.tenant(&operation.tenant) else {
            let message = format!("the manifest has no tenant `{}` to look at", operation.tenant);
            return Fate::new(Outcome::Unknown, message);
        };
        // Where requests take effect later, an answer says little of when.
        let window = match &coming.reliance {
            Reliance::SaidDone | Reliance::SaidAlready | Reliance::Doubtful(_)
                if !target.rules.takes_effect_later() =>
            {
                Some(READ_BACK_WINDOW)
            }
            _ => None,
        };
        let shows_at_once = target.connection.observe.is_settled() && coming.reliance != Reliance::Accepted;
        let mut looks =
            Looks::new(&self.patience, Some(&self.stop).filter(|_| !leads_on && coming.handle.is_none()), window);
        if coming.handle.is_some() {
            looks = looks.slowly();
            looks.next().await;
        }
        loop {
            let seen = match self.look(&mut stile.look().await, target, operation, coming).await {
                Look::Certain(fate, _) => return fate,
                Look::Open(Sight::Absent) if shows_at_once => return self.give_up(Ok(Sight::Absent), &coming.reliance),
                Look::Open(sight) => Ok(sight),
                Look::Blind(error) => Err(error),
            };
            if !looks.next().await {
                return self.give_up(seen, &coming.reliance);
            }
        }
    }

    /// The fate of an operation whose effect did not come while there was patience.
    fn give_up(&self, seen: Result<Sight, AdapterError>, reliance: &Reliance) -> Fate {
        let sight = match seen {
            Ok(sight) => sight,
            Err(error) => {
                let mut fate = Fate::refused("sent, and it cannot be read what came of it: ", &error);
                fate.outcome = Outcome::Unknown;
                return fate;
            }
        };
        match (sight, reliance) {
            (Sight::Coming, _) | (_, Reliance::Accepted) => {
                Fate::new(Outcome::Pending, "accepted, and not in effect yet".to_owned())
            }
            // Who stopped the run did not let it look long enough to be sure.
            (_, _) if self.stop.is_stopped() && !self.patience.left().is_zero() => {
                Fate::new(Outcome::Unknown, "sent, and the run was stopped before its effect was to be seen".to_owned())
            }
            (_, Reliance::SaidDone | Reliance::SaidAlready) => {
                Fate::new(Outcome::Failed, "the vendor says that it is done, and nothing changed".to_owned())
                    .because(Trouble::Refused)
            }
            (_, Reliance::Doubtful(why)) => {
                Fate::new(Outcome::Failed, format!("without effect, and without a clear answer: {why}"))
                    .because(Trouble::Lost)
            }
            (_, Reliance::Earlier(run)) => {
                Fate::new(Outcome::Failed, format!("sent by `{run}` and without effect; plan again"))
                    .because(Trouble::NeverCame)
            }
        }
    }

    /// Waits until a tenant takes changes; false when the wait is over before.
    pub(super) async fn wait_until_free(&self, tenant: &SmolStr, target: &Target, reason: &str) -> bool {
        self.watch.tell(&Event::Busy { tenant: tenant.clone(), reason: reason.to_owned() });
        let Some(stile) = self.stiles.get(tenant) else { return false };
        let mut looks = Looks::new(&self.patience, Some(&self.stop), None);
        while looks.next().await {
            if self.stop.is_stopped() {
                return false;
            }
            if matches!(self.busy(&mut stile.look().await, tenant, target).await, Ok(None)) {
                self.watch.tell(&Event::Free { tenant: tenant.clone() });
                return true;
            }
        }
        false
    }
}

/// The tenant asked for a rest that is longer than the run may wait: it is as good as busy.
pub(super) fn impatient() -> AdapterError {
    AdapterError::new(ErrorKind::Busy, "it asks for a rest that is longer than the run may wait")
}

fn no_answer() -> AdapterError {
    let limit = CALL_LIMIT.as_secs();
    AdapterError::new(ErrorKind::Unavailable, format!("the vendor did not answer within {limit} seconds"))
}
