//! A misbehaving vendor: its simulator behind the adapter traits, with faults.
//!
//! A sent request survives the process that sent it, as on a real network.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use reseat::adapter::{AdapterError, AdapterFuture, ErrorKind, Execute, Observe, OperationHandle, Receipt};
use reseat::model::{Account, Observation, Operation, OperationKind, PoolSettings};
use reseat::profile::Simulator;
use reseat::profile::simulator::{RefusalReason, SimulatorReply as Said};
use reseat::store::{MemoryStorage, Store};
use smol_str::SmolStr;
use tokio::time::{Instant, sleep};

use super::faults::{Faults, between, strikes};
use super::lot::Lot;
use super::witness::{Sender, Witness, name};
use super::world::{OUTSIDER, START, TenantWorld};

/// How long a read may return a stale state; real vendors lag no longer than this.
const STALE_FOR: Duration = Duration::from_secs(3);

struct Inner {
    simulator: Simulator,
    rng: Rng,
    faults: Faults,
    /// The last change of an account, and its time.
    before: BTreeMap<SmolStr, (Instant, Account)>,
    busy_until: Option<Instant>,
    revoked_until: Option<Instant>,
    /// A request in progress, and its result.
    jobs: Vec<Option<Result<Receipt, AdapterError>>>,
}

struct Shared {
    name: SmolStr,
    reserves: BTreeMap<SmolStr, PoolSettings>,
    inner: Mutex<Inner>,
    witness: Arc<Witness>,
    journal: MemoryStorage,
    began: Instant,
    /// Whether requests are accepted with a handle first and executed later.
    queues: bool,
}

/// A tenant of a vendor.
#[derive(Clone)]
pub(crate) struct Vendor(Arc<Shared>);

impl Vendor {
    pub(crate) fn new(
        name: &SmolStr,
        world: &TenantWorld,
        faults: Faults,
        rng: Rng,
        witness: Arc<Witness>,
        journal: MemoryStorage,
    ) -> Self {
        let simulator = Simulator::new(world.rules.clone(), world.delay, world.state.clone());
        // Drawn separately, so that the worlds of kept seeds do not change.
        let queues = world.rules.takes_effect_later() && Rng::with_seed(rng.clone().u64(..) ^ 1).u8(0..3) == 0;
        let inner = Inner {
            simulator,
            rng,
            faults,
            before: BTreeMap::new(),
            busy_until: None,
            revoked_until: None,
            jobs: Vec::new(),
        };
        Self(Arc::new(Shared {
            name: name.clone(),
            reserves: world.settings.pools.clone(),
            inner: Mutex::new(inner),
            witness,
            journal,
            began: Instant::now(),
            queues,
        }))
    }

    /// Disables all faults.
    pub(crate) fn heal(&self) {
        let mut inner = self.0.inner();
        inner.faults = Faults::default();
        inner.busy_until = None;
        inner.revoked_until = None;
        inner.simulator.set_busy(None);
    }

    /// Returns the true state, whatever reads return.
    pub(crate) fn truth(&self) -> Observation {
        let now = self.0.now();
        let mut inner = self.0.inner();
        inner.simulator.advance(now);
        Observation { observed_at: now, ..inner.simulator.state().clone() }
    }
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the vendor's own clock, which nobody sets.
    fn now(&self) -> Timestamp {
        START + SignedDuration::try_from(self.began.elapsed()).unwrap_or(SignedDuration::ZERO)
    }

    /// Draws the latency of the next request.
    async fn way(&self) {
        let way = {
            let mut inner = self.inner();
            if inner.rng.u8(0..20) == 0 { between(&mut inner.rng, 200, 2_000) } else { between(&mut inner.rng, 1, 120) }
        };
        sleep(way).await;
    }

    /// Starts and ends the times in which the vendor is busy or denies access.
    fn tick(&self) {
        let now = self.now();
        let mut inner = self.inner();
        let inner = &mut *inner;
        inner.simulator.advance(now);
        if inner.busy_until.is_some_and(|until| until <= Instant::now()) {
            inner.busy_until = None;
            inner.simulator.set_busy(None);
        }
        if inner.revoked_until.is_some_and(|until| until <= Instant::now()) {
            inner.revoked_until = None;
        }
        if strikes(&mut inner.rng, inner.faults.busy) && inner.busy_until.is_none() {
            inner.busy_until = Some(Instant::now() + between(&mut inner.rng, 500, 90_000));
            inner.simulator.set_busy(Some("user audit".to_owned()));
            self.witness.mark("busy");
        }
        if strikes(&mut inner.rng, inner.faults.revoked / 4) && inner.revoked_until.is_none() {
            inner.revoked_until = Some(Instant::now() + between(&mut inner.rng, 500, 60_000));
        }
        if strikes(&mut inner.rng, inner.faults.meddle) {
            self.meddle(inner, now);
        }
    }

    /// Another administrator changes an account.
    fn meddle(&self, inner: &mut Inner, now: Timestamp) {
        let count = inner.simulator.state().accounts.len();
        let account = inner.simulator.state().accounts[inner.rng.usize(0..count)].clone();
        let pools = &inner.simulator.state().pools;
        let license = pools[inner.rng.usize(0..pools.len())].license.clone();
        let held = account.holdings.first().map(|holding| holding.license.clone());
        let (kind, license) = match held {
            Some(held) if inner.rng.bool() => (OperationKind::Remove, held),
            _ => (OperationKind::Assign, license),
        };
        self.by_hand(inner, kind, &account.id, &license, now);
    }

    fn by_hand(&self, inner: &mut Inner, kind: OperationKind, account: &SmolStr, license: &SmolStr, now: Timestamp) {
        let operation = super::story::by_hand(&self.name, kind, account, license);
        if let Some(before) = inner.simulator.account(account).cloned() {
            inner.before.insert(account.clone(), (Instant::now(), before));
        }
        if matches!(inner.simulator.execute(&operation, now), Ok(Said::Done | Said::Accepted)) {
            self.witness.say(format!(
                "{}: another administrator does {} {account} {license}",
                self.name,
                kind.as_str()
            ));
            self.witness.mark(if account == OUTSIDER { "seat theft" } else { "meddling" });
            let taken = (kind == OperationKind::Assign).then_some(license);
            self.witness.meddled(&self.name, account, taken);
        }
    }

    fn lot(&self) -> Lot {
        let mut inner = self.inner();
        let inner = &mut *inner;
        if inner.revoked_until.is_some() { Lot::Denied } else { Lot::draw(&mut inner.rng, inner.faults) }
    }

    /// A sent request must already be in the journal.
    async fn is_in_the_journal(&self, operation: &Operation) {
        let store = Arc::new(Store::read_in_memory(&self.journal));
        let runs = store.unfinished_runs().await.expect("memory can be read");
        let mut unanswered = runs.iter().flat_map(|run| &run.unresolved);
        if !unanswered.any(|open| open.operation.id == operation.id) {
            self.witness.accuse(format!("{} was sent before it was written down", name(operation)));
        }
    }

    /// Handles a request that has arrived.
    async fn serve(self: Arc<Self>, operation: Operation) -> Result<Receipt, AdapterError> {
        self.way().await;
        self.tick();
        let lot = self.lot();
        self.witness.mark(lot.name());
        let answer = match lot {
            Lot::Throttled => Err(throttled(&mut self.inner().rng)),
            Lot::Unreachable => Err(AdapterError::new(ErrorKind::Unavailable, "nobody answers")),
            Lot::Refused => Err(AdapterError::new(ErrorKind::Conflict, "the vendor says no")),
            Lot::Denied => Err(AdapterError::new(ErrorKind::AccessDenied, "the token was revoked")),
            Lot::LostBefore => Err(lost()),
            Lot::Forgotten => Ok(Receipt::Accepted(None)),
            Lot::Served | Lot::LostAfter | Lot::Hangs if self.queues => Ok(self.queue(&operation)),
            Lot::Served | Lot::LostAfter | Lot::Hangs => {
                let sender = self.witness.sender(&operation);
                self.change(&operation, sender)
            }
        };
        let word = match &answer {
            Ok(receipt) => format!("{receipt:?}"),
            Err(error) => format!("{:?}: {}", error.kind, error.message),
        };
        let also = match lot {
            Lot::LostAfter => ", and the answer is lost",
            Lot::Hangs => ", and the answer never comes",
            Lot::Forgotten => ", and forgotten",
            _ => "",
        };
        self.witness.say(format!("{:>8} {} = {word}{also}", self.began.elapsed().as_millis(), name(&operation)));
        self.way().await;
        match lot {
            Lot::LostAfter => Err(lost()),
            Lot::Hangs => std::future::pending().await,
            _ => answer,
        }
    }

    /// Accepts a request and executes it some seconds later, even if nobody waits for it.
    fn queue(self: &Arc<Self>, operation: &Operation) -> Receipt {
        let mut inner = self.inner();
        let inner = &mut *inner;
        let (number, pause) = (inner.jobs.len(), between(&mut inner.rng, 300, 8_000));
        inner.jobs.push(None);
        let (vendor, operation, sender) = (Arc::clone(self), operation.clone(), self.witness.sender(operation));
        tokio::spawn(async move {
            sleep(pause).await;
            let came = vendor.change(&operation, sender);
            vendor.witness.mark(if came.is_ok() { "done later" } else { "refused later" });
            vendor.inner().jobs[number] = Some(came);
        });
        Receipt::Accepted(OperationHandle::new(&format!("job-{number}")))
    }

    /// Applies the request.
    fn change(&self, operation: &Operation, sender: Option<Sender>) -> Result<Receipt, AdapterError> {
        let now = self.now();
        let mut inner = self.inner();
        let inner = &mut *inner;
        if operation.kind == OperationKind::Assign && strikes(&mut inner.rng, inner.faults.theft) {
            self.by_hand(inner, OperationKind::Assign, &OUTSIDER.into(), &operation.license, now);
        }
        let before = inner.simulator.state().clone();
        match inner.simulator.execute(operation, now) {
            Ok(said) => {
                if operation.id.0.contains("give-back") {
                    self.witness.mark("restored");
                }
                if said != Said::Already {
                    let changed = before.accounts.iter().find(|account| account.id == operation.account);
                    if let Some(account) = changed {
                        inner.before.insert(operation.account.clone(), (Instant::now(), account.clone()));
                    }
                    let arrives = operation.to.as_ref().unwrap_or(&operation.license);
                    let reserve = self.reserves.get(arrives).map_or(0, |pool| pool.reserve);
                    self.witness.took_effect(sender, reserve, operation, &before, inner.simulator.state());
                }
                Ok(match said {
                    Said::Done => Receipt::Done,
                    Said::Accepted => Receipt::Accepted(None),
                    Said::Already => Receipt::Already,
                })
            }
            Err(refused) => {
                let kind = match refused.reason {
                    RefusalReason::UnknownAccount => ErrorKind::NotFound,
                    RefusalReason::Conflict => ErrorKind::Conflict,
                    RefusalReason::NoSeat => ErrorKind::NoSeat,
                    RefusalReason::Forbidden => ErrorKind::Forbidden,
                    RefusalReason::Busy => ErrorKind::Busy,
                };
                Err(AdapterError::new(kind, refused.message))
            }
        }
    }

    /// Returns what prevents a read.
    fn read_fails(&self) -> Option<AdapterError> {
        let mut inner = self.inner();
        let inner = &mut *inner;
        if inner.revoked_until.is_some() {
            return Some(AdapterError::new(ErrorKind::AccessDenied, "the token was revoked"));
        }
        if strikes(&mut inner.rng, inner.faults.throttle) {
            return Some(throttled(&mut inner.rng));
        }
        let fails = strikes(&mut inner.rng, inner.faults.failed_read);
        fails.then(|| self.witness.mark("read failed"));
        fails.then(|| AdapterError::new(ErrorKind::Unavailable, "nobody answers"))
    }
}

impl Observe for Vendor {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        Box::pin(async {
            self.0.way().await;
            self.0.tick();
            if let Some(error) = self.0.read_fails() {
                return Err(error);
            }
            let mut state = self.truth();
            let mut inner = self.0.inner();
            let inner = &mut *inner;
            if strikes(&mut inner.rng, inner.faults.partial_page) {
                self.0.witness.mark("partial page");
                state.accounts.truncate(inner.rng.usize(0..=state.accounts.len()));
                state.complete = false;
            }
            Ok(state)
        })
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        Box::pin(async move {
            self.0.way().await;
            self.0.tick();
            if let Some(error) = self.0.read_fails() {
                return Err(error);
            }
            let mut inner = self.0.inner();
            let inner = &mut *inner;
            if strikes(&mut inner.rng, inner.faults.stale_read)
                && let Some((_, before)) = inner.before.get(id).filter(|(at, _)| at.elapsed() < STALE_FOR)
            {
                self.0.witness.mark("stale read");
                return Ok(Some(before.clone()));
            }
            Ok(inner.simulator.account(id).cloned())
        })
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        Box::pin(async {
            self.0.way().await;
            self.0.tick();
            match self.0.read_fails() {
                Some(error) => Err(error),
                None => Ok(self.0.inner().simulator.state().busy.clone()),
            }
        })
    }

    fn poll<'a>(&'a self, _: &'a Operation, handle: &'a OperationHandle) -> AdapterFuture<'a, Receipt> {
        Box::pin(async move {
            self.0.way().await;
            self.0.tick();
            if let Some(error) = self.0.read_fails() {
                return Err(error);
            }
            let number: usize = handle.as_str().trim_start_matches("job-").parse().expect("the name is one of ours");
            match &self.0.inner().jobs[number] {
                None => Ok(Receipt::Accepted(Some(handle.clone()))),
                Some(Ok(_)) => Ok(Receipt::Done),
                Some(Err(error)) => Err(error.clone()),
            }
        })
    }
}

impl Execute for Vendor {
    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt> {
        Box::pin(async move {
            self.0.witness.arrived(operation);
            self.0.is_in_the_journal(operation).await;
            // It was sent: it continues even if nobody waits for the response.
            let served = tokio::spawn(Arc::clone(&self.0).serve(operation.clone()));
            served.await.unwrap_or_else(|_| Err(lost()))
        })
    }
}

fn lost() -> AdapterError {
    let mut error = AdapterError::new(ErrorKind::Unavailable, "the connection broke");
    error.maybe_in_effect = true;
    error
}

fn throttled(rng: &mut Rng) -> AdapterError {
    let mut error = AdapterError::new(ErrorKind::Throttled, "too many requests");
    if rng.bool() {
        error.retry_after = Some(between(rng, 200, 20_000));
    }
    error
}
