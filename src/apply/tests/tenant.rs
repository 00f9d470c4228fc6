//! A fake tenant: a simulator behind the adapter traits, with injected faults.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::fixture::{NOW, operation};
use crate::adapter::{AdapterError, AdapterFuture, BatchFuture, Connection, ErrorKind, Execute, Observe, Receipt};
use crate::apply::Target;
use crate::model::{Account, Observation, Operation, OperationKind, Pool, TenantSettings};
use crate::profile::simulator::{RefusalReason, Simulator, SimulatorReply as Said};
use crate::store::{MemoryStorage, Store, StoreError, StoreUrl};

/// What goes wrong with one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The vendor refuses it.
    Refuse,
    /// The request is lost.
    LoseRequest,
    /// It takes effect, and the answer is lost.
    LoseAnswer,
    /// The vendor reports success, and does nothing.
    Ignore,
    /// It takes effect, and the call hangs.
    Hang,
    /// The request is lost, and the call hangs.
    HangBefore,
    /// The adapter panics.
    BreakOff,
    /// The vendor requests a pause of so many seconds, so many times.
    Throttle(u64, u32),
    /// The vendor is unreachable, so many times.
    Unreachable(u32),
    /// The vendor denies access.
    Deny,
    /// It takes effect, and two other accounts get the same license.
    Steal(&'static str, &'static str),
}

/// The storage of a test's store.
#[derive(Clone)]
pub(super) enum TestStore {
    /// A file that processes share.
    File(StoreUrl),
    /// Memory, so that time can be virtual.
    Memory(MemoryStorage),
}

impl TestStore {
    /// Opens the store like another process.
    pub(super) async fn reader(&self) -> Store {
        match self {
            Self::File(url) => Store::open_existing(url).await.unwrap().unwrap(),
            Self::Memory(memory) => Store::read_in_memory(memory),
        }
    }

    pub(super) async fn open(&self) -> Result<Store, StoreError> {
        match self {
            Self::File(url) => Store::open(url, NOW).await,
            Self::Memory(memory) => Store::open_in_memory(memory, "test", NOW).await,
        }
    }
}

/// A tenant in memory.
pub(super) struct FakeTenant {
    simulator: Mutex<Simulator>,
    faults: Mutex<BTreeMap<String, Fault>>,
    sent: Mutex<Vec<String>>,
    /// The time at which each operation was sent, in milliseconds.
    times: Mutex<Vec<u64>>,
    /// The operations that took effect.
    effects: Mutex<Vec<String>>,
    /// How many operations a call carries.
    pub(super) batch: AtomicUsize,
    /// The number of calls that change something.
    pub(super) requests: AtomicUsize,
    latency: Duration,
    began: Instant,
    in_flight: AtomicUsize,
    pub(super) most_in_flight: AtomicUsize,
    pub(super) unreachable: AtomicBool,
    /// Whether effects are visible at once.
    pub(super) settled: AtomicBool,
    store: TestStore,
}

/// Returns the name of an operation in tests, such as `remove u-1 reader`.
fn name(operation: &Operation) -> String {
    format!("{} {} {}", operation.kind.as_str(), operation.account, operation.license)
}

impl FakeTenant {
    pub(super) fn new(simulator: Simulator, latency: Duration, store: TestStore) -> Self {
        Self {
            simulator: Mutex::new(simulator),
            faults: Mutex::default(),
            sent: Mutex::default(),
            times: Mutex::default(),
            effects: Mutex::default(),
            batch: AtomicUsize::new(1),
            requests: AtomicUsize::new(0),
            latency,
            began: Instant::now(),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            unreachable: AtomicBool::new(false),
            settled: AtomicBool::new(false),
            store,
        }
    }

    /// Returns the tenant as a run's target.
    pub(super) fn target(self: &Arc<Self>, settings: &TenantSettings) -> Target {
        let connection = Connection {
            observe: Arc::clone(self) as Arc<dyn Observe>,
            execute: Some(Arc::clone(self) as Arc<dyn Execute>),
        };
        Target::new(connection, settings).unwrap()
    }

    pub(super) fn fault(&self, name: &str, fault: Fault) {
        self.faults.lock().unwrap().insert(name.to_owned(), fault);
    }

    pub(super) fn heal(&self) {
        self.faults.lock().unwrap().clear();
    }

    pub(super) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    /// Returns when each operation was sent, in milliseconds.
    pub(super) fn times(&self) -> Vec<u64> {
        self.times.lock().unwrap().clone()
    }

    /// Returns the operations that took effect.
    pub(super) fn effects(&self) -> Vec<String> {
        self.effects.lock().unwrap().clone()
    }

    /// Adds a membership to an account.
    pub(super) fn join(&self, account: &str, membership: &str) {
        let mut join = operation("x", OperationKind::Restore, account, "");
        join.memberships = vec![membership.into()];
        self.simulator.lock().unwrap().execute(&join, NOW).unwrap();
    }

    pub(super) fn memberships(&self, account: &str) -> Vec<String> {
        let simulator = self.simulator.lock().unwrap();
        simulator.account(account).unwrap().memberships.iter().map(ToString::to_string).collect()
    }

    pub(super) fn set_busy(&self, reason: Option<&str>) {
        self.simulator.lock().unwrap().set_busy(reason.map(str::to_owned));
    }

    /// Changes an account outside of the run.
    pub(super) fn meddle(&self, kind: OperationKind, account: &str, license: &str) {
        let operation = operation("x", kind, account, license);
        self.simulator.lock().unwrap().execute(&operation, NOW).unwrap();
    }

    pub(super) fn holds(&self, account: &str) -> Vec<String> {
        let simulator = self.simulator.lock().unwrap();
        let holdings = &simulator.account(account).unwrap().holdings;
        holdings.iter().map(|holding| holding.license.to_string()).collect()
    }

    fn now(&self) -> Timestamp {
        NOW + jiff::SignedDuration::try_from(self.began.elapsed()).unwrap()
    }

    async fn carry_out(&self, operation: &Operation) -> Result<Receipt, AdapterError> {
        // The record must be durable before anything is sent.
        let reader = self.store.reader().await;
        let journaled = Arc::new(reader).unfinished_runs().await.unwrap();
        let is_journaled = |id| journaled.iter().any(|run| run.unresolved.iter().any(|open| open.operation.id == id));
        assert!(is_journaled(operation.id.clone()), "{} was sent before it was journaled", operation.id);

        self.sent.lock().unwrap().push(name(operation));
        self.times.lock().unwrap().push(self.began.elapsed().as_millis() as u64);
        tokio::time::sleep(self.latency).await;
        let fault = self.faults.lock().unwrap().get(&name(operation)).copied();
        let lost = || {
            let mut error = AdapterError::new(ErrorKind::Unavailable, "the connection broke");
            error.maybe_in_effect = true;
            Err(error)
        };
        match fault {
            Some(Fault::Refuse) => Err(AdapterError::new(ErrorKind::Conflict, "the vendor says no")),
            Some(Fault::LoseRequest) => lost(),
            Some(Fault::Deny) => Err(AdapterError::new(ErrorKind::AccessDenied, "the key was revoked")),
            Some(Fault::Steal(one, other)) => {
                let answer = self.simulator_does(operation);
                self.meddle(OperationKind::Assign, one, &operation.license);
                self.meddle(OperationKind::Assign, other, &operation.license);
                answer
            }
            Some(Fault::Throttle(_, 0) | Fault::Unreachable(0)) => self.simulator_does(operation),
            Some(Fault::Throttle(seconds, times)) => {
                self.fault(&name(operation), Fault::Throttle(seconds, times - 1));
                let pause = Some(Duration::from_secs(seconds)).filter(|pause| !pause.is_zero());
                Err(AdapterError::new(ErrorKind::Throttled, "too many requests").with_retry_after(pause))
            }
            Some(Fault::Unreachable(times)) => {
                self.fault(&name(operation), Fault::Unreachable(times - 1));
                Err(AdapterError::new(ErrorKind::Unavailable, "nobody is at home"))
            }
            Some(Fault::Ignore) => Ok(Receipt::Done),
            Some(Fault::HangBefore) => std::future::pending().await,
            Some(Fault::BreakOff) => panic!("a fault that the test asked for"),
            Some(Fault::LoseAnswer) => self.simulator_does(operation).and_then(|_| lost()),
            Some(Fault::Hang) => {
                self.simulator_does(operation)?;
                std::future::pending().await
            }
            None => self.simulator_does(operation),
        }
    }

    pub(super) fn simulator_does(&self, operation: &Operation) -> Result<Receipt, AdapterError> {
        let now = self.now();
        let mut simulator = self.simulator.lock().unwrap();
        let before = simulator.account(&operation.account).cloned();
        let answer = simulator.execute(operation, now);
        if simulator.account(&operation.account) != before.as_ref() {
            self.effects.lock().unwrap().push(name(operation));
        }
        match answer {
            Ok(Said::Done) => Ok(Receipt::Done),
            Ok(Said::Accepted) => Ok(Receipt::Accepted(None)),
            Ok(Said::Already) => Ok(Receipt::Already),
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
}

impl Observe for FakeTenant {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        Box::pin(async {
            let mut simulator = self.simulator.lock().unwrap();
            simulator.advance(self.now());
            Ok(simulator.state().clone())
        })
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        Box::pin(async move {
            let mut simulator = self.simulator.lock().unwrap();
            simulator.advance(self.now());
            Ok(simulator.account(id).cloned())
        })
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        Box::pin(async {
            if self.unreachable.load(Ordering::SeqCst) {
                return Err(AdapterError::new(ErrorKind::Unavailable, "nobody answers").help("look at the network"));
            }
            Ok(self.simulator.lock().unwrap().state().busy.clone())
        })
    }

    fn pools(&self) -> AdapterFuture<'_, Vec<Pool>> {
        Box::pin(async {
            let simulator = self.simulator.lock().unwrap();
            let state = simulator.state();
            let held = |license: &str| {
                let holdings = state.accounts.iter().flat_map(|account| &account.holdings);
                holdings.filter(|held| held.license == license && held.uses_seat()).count() as u64
            };
            Ok(state.pools.iter().map(|pool| Pool { used: Some(held(&pool.license)), ..pool.clone() }).collect())
        })
    }

    fn is_immediate(&self) -> bool {
        self.settled.load(Ordering::SeqCst)
    }
}

impl Execute for FakeTenant {
    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt> {
        Box::pin(async move {
            self.requests.fetch_add(1, Ordering::SeqCst);
            let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_in_flight.fetch_max(now, Ordering::SeqCst);
            let answer = self.carry_out(operation).await;
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            answer
        })
    }

    fn batch_size(&self) -> usize {
        self.batch.load(Ordering::SeqCst)
    }

    fn execute_batch<'a>(&'a self, operations: &'a [&'a Operation]) -> BatchFuture<'a, Receipt> {
        Box::pin(async move {
            self.requests.fetch_add(1, Ordering::SeqCst);
            let mut answers = Vec::new();
            for operation in operations {
                answers.push(self.carry_out(operation).await);
            }
            answers
        })
    }
}
