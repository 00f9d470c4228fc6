//! A world for the tests: a twin behind the adapter's traits, faults to order, and plans that fit it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use smol_str::SmolStr;
use tokio::time::Instant;

pub(super) use super::fixture::NOW;
use super::fixture::{account, document, holding, operation};

use crate::adapter::{AdapterError, Answer, Connection, ErrorKind, Execute, Observe, Receipt};
use crate::apply::{Conclusion, Event, Executor, Halt, Stop, Target, Watch};
use crate::env::Clock;
use crate::env::clock::day_of;
use crate::model::{
    Account, ChangeKind, Holding, Observation, OnFailure, Operation, OperationId, OperationKind, Outcome, Plan, Pool,
    PoolStatus, TenantSettings,
};
use crate::policy::Policy;
use crate::store::{Store, StoreUrl};
use crate::vendor::Rules;
use crate::vendor::tests::wiki;
use crate::vendor::twin::{Answer as Said, Reason, Twin};

/// What goes wrong with one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The vendor refuses it.
    Refuse,
    /// It never arrives, and nobody says so.
    LoseRequest,
    /// It takes effect, and nobody says so.
    LoseAnswer,
    /// The vendor says that it is done, and does nothing.
    Ignore,
    /// It takes effect, and the answer never comes.
    Hang,
    /// It never arrives, and the answer never comes.
    HangBefore,
    /// The adapter panics.
    BreakOff,
}

/// A tenant in memory.
pub(super) struct Tenant {
    twin: Mutex<Twin>,
    faults: Mutex<BTreeMap<String, Fault>>,
    sent: Mutex<Vec<String>>,
    latency: Duration,
    began: Instant,
    in_flight: AtomicUsize,
    pub(super) most_in_flight: AtomicUsize,
    pub(super) unreachable: AtomicBool,
    /// Whether what was sent shows at once or never comes.
    pub(super) settled: AtomicBool,
    store: StoreUrl,
}

/// A plan's operation as the tests name it, such as `remove u-1 reader`.
fn name(operation: &Operation) -> String {
    format!("{} {} {}", operation.kind.as_str(), operation.account, operation.license)
}

impl Tenant {
    pub(super) fn new(twin: Twin, latency: Duration, store: StoreUrl) -> Self {
        Self {
            twin: Mutex::new(twin),
            faults: Mutex::default(),
            sent: Mutex::default(),
            latency,
            began: Instant::now(),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            unreachable: AtomicBool::new(false),
            settled: AtomicBool::new(false),
            store,
        }
    }

    /// The tenant as an executor reaches it.
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

    pub(super) fn set_busy(&self, reason: Option<&str>) {
        self.twin.lock().unwrap().set_busy(reason.map(str::to_owned));
    }

    /// Somebody else changes an account.
    pub(super) fn meddle(&self, kind: OperationKind, account: &str, license: &str) {
        let operation = operation("x", kind, account, license);
        self.twin.lock().unwrap().execute(&operation, NOW).unwrap();
    }

    pub(super) fn holds(&self, account: &str) -> Vec<String> {
        let twin = self.twin.lock().unwrap();
        let holdings = &twin.account(account).unwrap().holdings;
        holdings.iter().map(|holding| holding.license.to_string()).collect()
    }

    fn now(&self) -> Timestamp {
        NOW + jiff::SignedDuration::try_from(self.began.elapsed()).unwrap()
    }

    async fn carry_out(&self, operation: &Operation) -> Result<Receipt, AdapterError> {
        // The record must be on the disk, where another process can read it, before anything is sent.
        let reader = Store::open_existing(&self.store).await.unwrap().unwrap();
        let journaled = Arc::new(reader).unfinished().await.unwrap();
        let is_journaled = |id| journaled.iter().any(|run| run.unanswered.iter().any(|open| open.operation.id == id));
        assert!(is_journaled(operation.id.clone()), "{} was sent before it was journaled", operation.id);

        self.sent.lock().unwrap().push(name(operation));
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
            Some(Fault::Ignore) => Ok(Receipt::Done),
            Some(Fault::HangBefore) => std::future::pending().await,
            Some(Fault::BreakOff) => panic!("a fault that the test asked for"),
            Some(Fault::LoseAnswer) => self.twin_does(operation).and_then(|_| lost()),
            Some(Fault::Hang) => {
                self.twin_does(operation)?;
                std::future::pending().await
            }
            None => self.twin_does(operation),
        }
    }

    fn twin_does(&self, operation: &Operation) -> Result<Receipt, AdapterError> {
        let now = self.now();
        match self.twin.lock().unwrap().execute(operation, now) {
            Ok(Said::Done) => Ok(Receipt::Done),
            Ok(Said::Accepted) => Ok(Receipt::Accepted),
            Ok(Said::Already) => Ok(Receipt::Already),
            Err(refused) => {
                let kind = match refused.reason {
                    Reason::UnknownAccount => ErrorKind::NotFound,
                    Reason::Conflict => ErrorKind::Conflict,
                    Reason::NoSeat => ErrorKind::NoSeat,
                    Reason::Forbidden => ErrorKind::Forbidden,
                    Reason::Busy => ErrorKind::Busy,
                };
                Err(AdapterError::new(kind, refused.message))
            }
        }
    }
}

impl Observe for Tenant {
    fn observe(&self) -> Answer<'_, Observation> {
        Box::pin(async {
            let mut twin = self.twin.lock().unwrap();
            twin.advance(self.now());
            Ok(twin.state().clone())
        })
    }

    fn account<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Account>> {
        Box::pin(async move {
            let mut twin = self.twin.lock().unwrap();
            twin.advance(self.now());
            Ok(twin.account(id).cloned())
        })
    }

    fn busy(&self) -> Answer<'_, Option<String>> {
        Box::pin(async {
            if self.unreachable.load(Ordering::SeqCst) {
                return Err(AdapterError::new(ErrorKind::Unavailable, "nobody answers").help("look at the network"));
            }
            Ok(self.twin.lock().unwrap().state().busy.clone())
        })
    }

    fn is_settled(&self) -> bool {
        self.settled.load(Ordering::SeqCst)
    }
}

impl Execute for Tenant {
    fn execute<'a>(&'a self, operation: &'a Operation) -> Answer<'a, Receipt> {
        Box::pin(async move {
            let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_in_flight.fetch_max(now, Ordering::SeqCst);
            let answer = self.carry_out(operation).await;
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            answer
        })
    }
}

/// Two tenants that start alike, `wiki` and `notes`, a store, and what is in the plan so far.
pub(super) struct World {
    /// `wiki`, to which operations go unless a test says otherwise.
    pub(super) tenant: Arc<Tenant>,
    pub(super) notes: Arc<Tenant>,
    pub(super) settings: TenantSettings,
    pub(super) policy: Policy,
    pub(super) stop: Stop,
    pub(super) wait: Duration,
    pub(super) events: Arc<Mutex<Vec<Event>>>,
    rules: Rules,
    folder: tempfile::TempDir,
    operations: Vec<Operation>,
    holdings: BTreeMap<SmolStr, Vec<Holding>>,
}

/// Who holds what at the start.
pub(super) struct Start {
    pub(super) accounts: &'static [(&'static str, &'static [&'static str])],
    pub(super) pools: &'static [(&'static str, u64)],
    /// When an accepted request takes effect.
    pub(super) delay: Duration,
    /// How long the vendor takes to answer.
    pub(super) latency: Duration,
    pub(super) concurrency: u32,
}

impl Default for Start {
    fn default() -> Self {
        Self { accounts: &[], pools: &[], delay: Duration::ZERO, latency: Duration::ZERO, concurrency: 1 }
    }
}

impl World {
    pub(super) fn new(start: &Start) -> Self {
        let settings = TenantSettings {
            name: "wiki".into(),
            concurrency: Some(start.concurrency),
            ..wiki(ChangeKind::RemoveThenAssign, None)
        };
        let rules = Rules::resolve(&settings).unwrap();
        let account =
            |(id, licenses): &(&str, &[&str])| account(id, licenses.iter().map(|name| holding(name)).collect());
        let pool = |(license, total): &(&str, u64)| Pool {
            license: (*license).into(),
            total: Some(*total),
            used: None,
            expires: None,
            status: PoolStatus::Active,
        };
        let accounts: Vec<Account> = start.accounts.iter().map(account).collect();
        let holdings = accounts.iter().map(|account| (account.id.clone(), account.holdings.clone())).collect();
        let state = Observation {
            api_version: crate::model::API_VERSION.into(),
            kind: "observation".into(),
            tenant: "wiki".into(),
            vendor: "generic".into(),
            observed_at: NOW,
            complete: true,
            busy: None,
            pools: start.pools.iter().map(pool).collect(),
            accounts,
        };
        let folder = tempfile::tempdir().unwrap();
        let tenant = || {
            let twin = Twin::new(rules.clone(), start.delay, state.clone());
            Arc::new(Tenant::new(twin, start.latency, StoreUrl::beside(folder.path())))
        };
        Self {
            tenant: tenant(),
            notes: tenant(),
            settings,
            policy: Policy::default(),
            stop: Stop::new(),
            wait: Duration::from_millis(300),
            events: Arc::default(),
            rules,
            folder,
            operations: Vec::new(),
            holdings,
        }
    }

    /// The same world with a new plan, without an operation yet.
    pub(super) fn next(mut self) -> Self {
        self.operations.clear();
        self
    }

    /// Adds an operation to the plan, to be sent after those.
    pub(super) fn plan(&mut self, kind: OperationKind, account: &str, license: &str, after: &[&str]) -> &mut Operation {
        let id = format!("op-{}", self.operations.len() + 1);
        let held = self.holdings.get_mut(account).unwrap();
        let mut planned = operation(&id, kind, account, license);
        planned.expects = self.rules.expects(held, license);
        planned.after = after.iter().map(|id| OperationId(SmolStr::new(id))).collect();
        *held = self.rules.holdings_after(held, kind, license, None);
        self.operations.push(planned);
        self.operations.last_mut().unwrap()
    }

    /// Adds a move: `remove`, then `assign`, which gives the old license back where it fails.
    pub(super) fn plan_move(&mut self, account: &str, from: &str, to: &str, after: &[&str]) {
        let remove = self.plan(OperationKind::Remove, account, from, after).id.0.clone();
        self.plan(OperationKind::Assign, account, to, &[&remove]).on_failure = Some(OnFailure::GiveBack);
    }

    /// The plan so far, to be changed.
    pub(super) fn operations(&mut self) -> impl Iterator<Item = &mut Operation> {
        self.operations.iter_mut()
    }

    pub(super) fn document(&self) -> Plan {
        document(self.operations.clone())
    }

    pub(super) fn url(&self) -> StoreUrl {
        StoreUrl::beside(self.folder.path())
    }

    /// Applies the plan, as a process of its own would.
    pub(super) async fn apply(&self) -> Conclusion {
        self.try_apply().await.unwrap()
    }

    pub(super) async fn try_apply(&self) -> Result<Conclusion, Halt> {
        let store = Arc::new(Store::open(&self.url(), NOW).await?);
        let events = Arc::clone(&self.events);
        let executor = Executor {
            plan: Arc::new(self.document()),
            resumes: None,
            tenants: [("wiki", &self.tenant), ("notes", &self.notes)]
                .map(|(name, tenant)| (name.into(), tenant.target(&self.settings)))
                .into(),
            store,
            manifest: "seats".to_owned(),
            policy: Arc::new(self.policy.clone()),
            consents: Vec::new(),
            clock: Clock::Fixed(NOW),
            wait: self.wait,
            watch: Watch::new(move |event| events.lock().unwrap().push(event.clone())),
            stop: self.stop.clone(),
            deadline: None,
            seed: 7,
        };
        executor.run().await
    }
}

/// What a store counts of a license of `wiki`, whatever plan did it.
pub(super) async fn touched(world: &World, license: &str) -> (u64, u64) {
    let reader = Store::open_existing(&world.url()).await.unwrap().unwrap();
    let past = reader.past(day_of(NOW), None).await.unwrap();
    let touched = past.within("wiki", license, day_of(NOW), 1);
    (touched.losses, touched.changes)
}

/// The outcomes of a run in the order of the plan, as words.
pub(super) fn words(conclusion: &Conclusion) -> Vec<&'static str> {
    conclusion.run.outcomes.iter().map(|outcome| outcome.outcome.as_str()).collect()
}

pub(super) fn message(conclusion: &Conclusion, index: usize) -> &str {
    conclusion.run.outcomes[index].message.as_deref().unwrap_or_default()
}

pub(super) fn count(conclusion: &Conclusion, outcome: Outcome) -> usize {
    conclusion.run.outcomes.iter().filter(|known| known.outcome == outcome).count()
}
