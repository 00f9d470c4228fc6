//! A scenario for tests: tenants, a store, and plans that fit them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use smol_str::SmolStr;

pub(super) use super::fixture::NOW;
use super::fixture::{account, document, holding, operation, sealed};
use super::handles::AsyncVendor;
pub(super) use super::tenant::{FakeTenant, Fault, TestStore};
use crate::apply::manual::ManualExecutor;
use crate::apply::{Event, EventSink, RunError, RunOptions, RunReport, RunRequest, StopSignal};
use crate::env::Clock;
use crate::env::clock::day_of;
use crate::model::{
    Account, ChangeKind, Holding, Observation, OnFailure, Operation, OperationId, OperationKind, Outcome, Plan,
    PlanPool, Policy, Pool, PoolStatus, TenantSettings,
};
use crate::profile::Rules;
use crate::profile::simulator::Simulator;
use crate::profile::tests::wiki;
use crate::store::{MemoryStorage, StoreUrl};

/// Two equal tenants, `wiki` and `notes`, a store, and a plan under construction.
pub(super) struct Scenario {
    /// `wiki`, the default tenant of operations.
    pub(super) tenant: Arc<FakeTenant>,
    pub(super) notes: Arc<FakeTenant>,
    /// The asynchronous vendor of `wiki`, if any.
    pub(super) desk: Option<Arc<AsyncVendor>>,
    /// Performs the manual steps of `wiki`, if it has any.
    pub(super) hands: Option<Arc<dyn ManualExecutor>>,
    pub(super) settings: TenantSettings,
    pub(super) policy: Policy,
    pub(super) stop: StopSignal,
    pub(super) wait: Duration,
    pub(super) events: Arc<Mutex<Vec<Event>>>,
    pub(super) deadline: Option<Duration>,
    pub(super) kept: TestStore,
    /// The record at which the next run crashes, and whether it crashes before it.
    pub(super) dies_at: Mutex<Option<(u64, bool)>>,
    rules: Rules,
    folder: tempfile::TempDir,
    pools: Vec<PlanPool>,
    operations: Vec<Operation>,
    holdings: BTreeMap<SmolStr, Vec<Holding>>,
}

/// The initial state.
pub(super) struct InitialState {
    pub(super) accounts: &'static [(&'static str, &'static [&'static str])],
    pub(super) pools: &'static [(&'static str, u64)],
    /// When an accepted request takes effect.
    pub(super) delay: Duration,
    /// The vendor's response time.
    pub(super) latency: Duration,
    pub(super) concurrency: u32,
}

impl Default for InitialState {
    fn default() -> Self {
        Self { accounts: &[], pools: &[], delay: Duration::ZERO, latency: Duration::ZERO, concurrency: 1 }
    }
}

/// The settings of the tenant.
pub(super) fn settings() -> TenantSettings {
    TenantSettings { name: "wiki".into(), ..wiki(ChangeKind::RemoveThenAssign, None) }
}

impl Scenario {
    /// A scenario with its store in a file.
    pub(super) fn new(start: &InitialState) -> Self {
        Self::with(start, &|folder| TestStore::File(StoreUrl::default_for(folder)))
    }

    /// A scenario with its store in memory, so that time can be virtual.
    pub(super) fn in_memory(start: &InitialState) -> Self {
        let memory = MemoryStorage::new();
        Self { wait: Duration::from_secs(600), ..Self::with(start, &|_| TestStore::Memory(memory.clone())) }
    }

    /// The same with a vendor whose changes are atomic.
    pub(super) fn atomic(start: &InitialState) -> Self {
        let memory = MemoryStorage::new();
        let settings = TenantSettings { name: "wiki".into(), ..wiki(ChangeKind::Atomic, None) };
        Self { wait: Duration::from_secs(600), ..Self::of(settings, start, &|_| TestStore::Memory(memory.clone())) }
    }

    fn with(start: &InitialState, kept: &dyn Fn(&Path) -> TestStore) -> Self {
        Self::of(settings(), start, kept)
    }

    fn of(settings: TenantSettings, start: &InitialState, kept: &dyn Fn(&Path) -> TestStore) -> Self {
        let settings = TenantSettings { concurrency: Some(start.concurrency), ..settings };
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
            let simulator = Simulator::new(rules.clone(), start.delay, state.clone());
            Arc::new(FakeTenant::new(simulator, start.latency, kept(folder.path())))
        };
        Self {
            tenant: tenant(),
            notes: tenant(),
            desk: None,
            hands: None,
            settings,
            policy: Policy::default(),
            stop: StopSignal::new(),
            wait: Duration::from_millis(300),
            events: Arc::default(),
            deadline: None,
            kept: kept(folder.path()),
            dies_at: Mutex::default(),
            rules,
            folder,
            pools: Vec::new(),
            operations: Vec::new(),
            holdings,
        }
    }

    /// The same scenario with an empty plan.
    pub(super) fn next(mut self) -> Self {
        self.operations.clear();
        self
    }

    /// Adds an operation that depends on others.
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

    /// Adds an atomic change.
    pub(super) fn plan_change(&mut self, account: &str, from: &str, to: &str, after: &[&str]) {
        let held = self.holdings.get(account).unwrap().clone();
        let holds = self.rules.holdings_after(&held, OperationKind::Change, from, Some(to));
        self.plan(OperationKind::Change, account, from, after).to = Some(to.into());
        self.holdings.insert(account.into(), holds);
    }

    /// Adds a move: `remove`, then `assign` with a rollback.
    pub(super) fn plan_move(&mut self, account: &str, from: &str, to: &str, after: &[&str]) {
        let remove = self.plan(OperationKind::Remove, account, from, after).id.0.clone();
        self.plan(OperationKind::Assign, account, to, &[&remove]).on_failure = Some(OnFailure::RollBack);
    }

    /// Returns the operations so far.
    pub(super) fn operations(&mut self) -> impl Iterator<Item = &mut Operation> {
        self.operations.iter_mut()
    }

    pub(super) fn document(&self) -> Plan {
        let mut plan = document(self.operations.clone());
        plan.pools.clone_from(&self.pools);
        sealed(plan)
    }

    /// Adds a pool to the plan.
    pub(super) fn plan_pool(&mut self, license: &str, total: u64, used_before: u64) {
        self.pools.push(PlanPool {
            tenant: "wiki".into(),
            license: license.into(),
            total: Some(total),
            reserve: 0,
            used_before,
            used_after: 0,
            missing: 0,
            unused: None,
            cost_per_seat: None,
            cost: None,
        });
    }

    /// Returns the storage of a scenario in memory.
    pub(super) fn memory(&self) -> &MemoryStorage {
        match &self.kept {
            TestStore::Memory(memory) => memory,
            TestStore::File(_) => panic!("the store is in a file"),
        }
    }

    pub(super) fn url(&self) -> StoreUrl {
        StoreUrl::default_for(self.folder.path())
    }

    /// Applies the plan like a new process.
    pub(super) async fn apply(&self) -> RunReport {
        self.try_apply().await.unwrap()
    }

    pub(super) async fn try_apply(&self) -> Result<RunReport, RunError> {
        let store = Arc::new(self.kept.open().await?);
        match self.dies_at.lock().unwrap().take() {
            Some((number, true)) => self.memory().stop_before(number),
            Some((number, false)) => self.memory().stop_after(number),
            None => {}
        }
        let events = Arc::clone(&self.events);
        let mut tenants: BTreeMap<SmolStr, _> = [("wiki", &self.tenant), ("notes", &self.notes)]
            .map(|(name, tenant)| (name.into(), tenant.target(&self.settings)))
            .into();
        if let Some(desk) = &self.desk {
            tenants.insert("wiki".into(), desk.target(&self.settings));
        }
        if let (Some(hands), Some(target)) = (&self.hands, tenants.get_mut("wiki")) {
            (target.is_manual, target.manual_executor) = (true, Some(Arc::clone(hands)));
        }
        let request = RunRequest {
            plan: Arc::new(self.document()),
            resumes: None,
            tenants,
            store,
            manifest: "seats".to_owned(),
            policy: Arc::new(self.policy.clone()),
            consents: Vec::new(),
            options: RunOptions {
                clock: Clock::Fixed(NOW),
                wait: self.wait,
                deadline: self.deadline,
                seed: 7,
                events: EventSink::new(move |event| events.lock().unwrap().push(event.clone())),
                stop: self.stop.clone(),
            },
        };
        request.run().await
    }
}

/// Returns the losses and changes that the store counts of a license of `wiki`.
pub(super) async fn recorded_usage(world: &Scenario, license: &str) -> (u64, u64) {
    let reader = world.kept.reader().await;
    let past = reader.usage_since(day_of(NOW), None).await.unwrap();
    let touched = past.within("wiki", license, day_of(NOW), 1);
    (touched.losses, touched.changes)
}

/// Returns the outcomes of a run, in the order of the plan.
pub(super) fn outcome_names(report: &RunReport) -> Vec<&'static str> {
    report.run.outcomes.iter().map(|outcome| outcome.outcome.as_str()).collect()
}

pub(super) fn message(report: &RunReport, index: usize) -> &str {
    report.run.outcomes[index].message.as_deref().unwrap_or_default()
}

pub(super) fn count(report: &RunReport, outcome: Outcome) -> usize {
    report.run.outcomes.iter().filter(|known| known.outcome == outcome).count()
}
