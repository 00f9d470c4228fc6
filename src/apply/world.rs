//! What every part of a run shares: the tenants, the clock, the patience, and who listens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::fate::Fate;
use super::patience::{Looks, Patience};
use super::sight::{Sight, see};
use super::{Event, Stop, Watch};
use crate::adapter::{AdapterError, Connection, ErrorKind, Execute, Receipt};
use crate::env::Clock;
use crate::model::{Account, Holding, Operation, Outcome, TenantSettings};
use crate::vendor::{Rules, UnknownVendor};

/// How long an effect may lag behind the answer, at a vendor where requests take effect with the answer.
const READ_BACK_WINDOW: Duration = Duration::from_secs(5);

/// How long one call to a vendor may take; adapters have shorter limits of their own.
const CALL_LIMIT: Duration = Duration::from_secs(300);

/// A tenant that operations can be sent to.
#[derive(Clone)]
pub struct Target {
    /// How to reach it.
    pub connection: Connection,
    /// Its rules.
    pub rules: Arc<Rules>,
    /// Operations in flight.
    pub concurrency: u32,
    /// What the vendor calls a license, where that differs.
    pub names: BTreeMap<SmolStr, SmolStr>,
}

impl Target {
    /// The tenant of those settings.
    ///
    /// # Errors
    /// When no profile has the vendor's name.
    pub fn new(connection: Connection, settings: &TenantSettings) -> Result<Self, UnknownVendor> {
        let rules = Rules::resolve(settings)?;
        let concurrency = rules.concurrency(settings);
        let named = settings.pools.iter().filter_map(|(license, pool)| Some((license.clone(), pool.name.clone()?)));
        Ok(Self { connection, rules: Arc::new(rules), concurrency, names: named.collect() })
    }
}

/// What every part of a run shares.
pub(super) struct World {
    pub(super) tenants: BTreeMap<SmolStr, Target>,
    pub(super) clock: Clock,
    pub(super) patience: Patience,
    pub(super) watch: Watch,
    pub(super) stop: Stop,
    /// Accounts that may be read at the same time, by tenant: what is pending can be a crowd.
    reads: BTreeMap<SmolStr, Semaphore>,
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
}

impl World {
    pub(super) fn new(
        tenants: BTreeMap<SmolStr, Target>,
        clock: Clock,
        wait: Duration,
        watch: Watch,
        stop: Stop,
    ) -> Self {
        let reads = tenants
            .iter()
            .map(|(name, target)| (name.clone(), Semaphore::new(target.concurrency.max(1) as usize)))
            .collect();
        Self { tenants, clock, patience: Patience::new(wait), watch, stop, reads }
    }

    /// Reads the account of an operation afresh.
    pub(super) async fn read(&self, target: &Target, operation: &Operation) -> Result<Option<Account>, AdapterError> {
        let _turn = match self.reads.get(&operation.tenant) {
            Some(reads) => reads.acquire().await.ok(),
            None => None,
        };
        match timeout(CALL_LIMIT, target.connection.observe.account(&operation.account)).await {
            Ok(answer) => answer,
            Err(_) => Err(no_answer()),
        }
    }

    /// Sends an operation, once.
    pub(super) async fn execute(&self, execute: &dyn Execute, operation: &Operation) -> Result<Receipt, AdapterError> {
        match timeout(CALL_LIMIT, execute.execute(operation)).await {
            Ok(answer) => answer,
            Err(_) => Err(AdapterError { maybe_in_effect: true, ..no_answer() }),
        }
    }

    /// Asks a tenant why it takes no changes just now, if it does not.
    pub(super) async fn busy(&self, target: &Target) -> Result<Option<String>, AdapterError> {
        match timeout(CALL_LIMIT, target.connection.observe.busy()).await {
            Ok(answer) => answer,
            Err(_) => Err(no_answer()),
        }
    }

    /// One look at what came of an operation that was sent: its fate, where that is certain, else what was seen.
    pub(super) async fn look(
        &self,
        target: &Target,
        operation: &Operation,
        coming: &Coming,
    ) -> Result<Fate, Result<Sight, AdapterError>> {
        let account = self.read(target, operation).await.map_err(Err)?;
        match see(&target.rules, operation, coming.before.as_deref(), account.as_ref()) {
            Sight::There => Ok(match &coming.reliance {
                Reliance::Earlier(run) => Fate::new(Outcome::Already, format!("sent by `{run}`")),
                Reliance::SaidAlready => Fate::new(Outcome::Already, None),
                Reliance::Accepted | Reliance::SaidDone | Reliance::Doubtful(_) => Fate::new(Outcome::Applied, None),
            }),
            Sight::Other(what) => Ok(Fate::new(Outcome::Failed, what)),
            sight @ (Sight::Coming | Sight::Absent) => Err(Ok(sight)),
        }
    }

    /// Looks at an operation that was sent until its fate is certain or the wait is over.
    pub(super) async fn follow(&self, operation: &Operation, coming: &Coming) -> Fate {
        let Some(target) = self.tenants.get(&operation.tenant) else {
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
        let mut looks = Looks::new(&self.patience, &self.stop, window);
        let mut seen = match self.look(target, operation, coming).await {
            Ok(fate) => return fate,
            Err(seen) => seen,
        };
        while looks.next().await {
            seen = match self.look(target, operation, coming).await {
                Ok(fate) => return fate,
                Err(seen) => seen,
            };
        }
        self.give_up(seen, &coming.reliance)
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
            (_, _) if self.stop.is_stopped() => {
                Fate::new(Outcome::Unknown, "sent, and the run was stopped before its effect was to be seen".to_owned())
            }
            (_, Reliance::SaidDone | Reliance::SaidAlready) => {
                Fate::new(Outcome::Failed, "the vendor says that it is done, and nothing changed".to_owned())
            }
            (_, Reliance::Doubtful(why)) => {
                Fate::new(Outcome::Failed, format!("without effect, and without a clear answer: {why}"))
            }
            (_, Reliance::Earlier(run)) => {
                Fate::new(Outcome::Failed, format!("sent by `{run}` and without effect; plan again"))
            }
        }
    }

    /// Waits until a tenant takes changes; false when the wait is over before.
    pub(super) async fn wait_until_free(&self, tenant: &SmolStr, target: &Target, reason: &str) -> bool {
        self.watch.tell(&Event::Busy { tenant: tenant.clone(), reason: reason.to_owned() });
        let mut looks = Looks::new(&self.patience, &self.stop, None);
        while looks.next().await {
            if self.stop.is_stopped() {
                return false;
            }
            if matches!(self.busy(target).await, Ok(None)) {
                return true;
            }
        }
        false
    }
}

fn no_answer() -> AdapterError {
    let limit = CALL_LIMIT.as_secs();
    AdapterError::new(ErrorKind::Unavailable, format!("the vendor did not answer within {limit} seconds"))
}
