//! One world from its seed to its end: rounds with faults, then rounds without, in which it must converge.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use reseat::adapter::{Connection, Execute, Observe};
use reseat::apply::{EventSink, RunError, RunOptions, RunReport, RunRequest, StopSignal, Target};
use reseat::env::{Clock, Now, SimulatedClock};
use reseat::model::{
    ChangeId, Digest, Effect, Expects, Inputs, Observation, ObservationInput, Operation, OperationId, OperationKind,
    Outcome, Plan, UsageHistory,
};
use reseat::plan::{self, PlanRequest};
use reseat::policy::ApprovalContext;
use reseat::store::{MemoryStorage, Store, StoreError};
use smol_str::SmolStr;
use tokio::time::sleep;

use super::faults::{Faults, between, strikes};
use super::vendor::Vendor;
use super::witness::{Ending, Witness};
use super::world::{START, World};

/// Rounds with faults.
const ROUNDS: u8 = 3;
/// Rounds without faults, within which the desired state must be reached.
const CALM_ROUNDS: u8 = 6;
/// The maximum wait of a run.
const PATIENCE: Duration = Duration::from_secs(600);

/// Returns the story of a seed.
pub(crate) fn tell(seed: u64) -> Ending {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime of one thread needs nothing");
    // Created inside, because time is only virtual there.
    runtime.block_on(async { Story::new(seed).tell().await })
}

/// An operation of another administrator in the console.
pub(crate) fn by_hand(tenant: &SmolStr, kind: OperationKind, account: &SmolStr, license: &SmolStr) -> Operation {
    Operation {
        id: OperationId("by-hand".into()),
        change: ChangeId("by-hand".into()),
        kind,
        effect: Effect::Gain,
        tenant: tenant.clone(),
        person: "someone@acme.example".into(),
        account: account.clone(),
        license: license.clone(),
        to: None,
        after: Vec::new(),
        parked: false,
        loses: Vec::new(),
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        memberships: Vec::new(),
        expects: Expects { holdings: Digest::of_bytes(b"") },
        on_failure: None,
        why: String::new(),
        source: None,
    }
}

struct Story {
    rng: Rng,
    world: World,
    vendors: BTreeMap<SmolStr, Vendor>,
    witness: Arc<Witness>,
    memory: MemoryStorage,
    wall: &'static SimulatedClock,
    /// The record at which the next run dies, and whether it is on disk by then.
    record_of_death: Option<(u64, bool)>,
}

/// How a run ended.
enum End {
    Concluded(Box<RunReport>),
    Halted(RunError),
    Killed,
}

impl Story {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let world = World::draw(&mut rng);
        let witness = Arc::new(Witness::default());
        witness.say(format!("{:?}", world.faults));
        let memory = MemoryStorage::new();
        let vendors = world.tenants.iter().map(|(name, tenant)| {
            let vendor = Vendor::new(name, tenant, world.faults, rng.fork(), Arc::clone(&witness), memory.clone());
            (name.clone(), vendor)
        });
        let vendors = vendors.collect();
        // A few bytes per world, released when the program ends.
        let wall = Box::leak(Box::new(SimulatedClock::new(START)));
        Self { rng, world, vendors, witness, memory, wall, record_of_death: None }
    }

    async fn tell(mut self) -> Ending {
        for _ in 0..self.rng.u8(1..=ROUNDS) {
            self.round(self.world.faults).await;
            sleep(between(&mut self.rng, 0, 20_000)).await;
        }
        self.witness.say("calm".to_owned());
        for vendor in self.vendors.values() {
            vendor.heal();
        }
        // Requests in flight take effect.
        sleep(Duration::from_secs(900)).await;
        let mut is_converged = false;
        for _ in 0..CALM_ROUNDS {
            is_converged = self.round(Faults::default()).await;
            if is_converged {
                break;
            }
            sleep(Duration::from_secs(60)).await;
        }
        if !is_converged {
            self.witness.accuse(format!("{CALM_ROUNDS} calm rounds, and there is still something to do"));
        }
        let truth = self.truth();
        self.witness.judge_end(&self.world, &truth);
        self.audit().await;
        self.witness.end()
    }

    fn truth(&self) -> BTreeMap<SmolStr, Observation> {
        self.vendors.iter().map(|(name, vendor)| (name.clone(), vendor.truth())).collect()
    }

    /// Observes, plans and applies; returns true if there was nothing to do.
    async fn round(&mut self, faults: Faults) -> bool {
        let mut observations = BTreeMap::new();
        for (name, vendor) in &self.vendors {
            match vendor.observe().await {
                Ok(observation) => {
                    observations.insert(name.clone(), observation);
                }
                Err(error) => self.witness.say(format!("{name} cannot be observed: {error}")),
            }
        }
        let plan = Arc::new(self.plan(&observations));
        if plan.operations.is_empty() {
            self.witness.say("nothing to do".to_owned());
            if self.is_unsettled().await {
                self.witness.planned(&plan, self.truth());
                self.run(&plan, faults).await;
            }
            return observations.len() == self.vendors.len();
        }
        for operation in &plan.operations {
            let after: Vec<&str> = operation.after.iter().map(|id| id.0.as_str()).collect();
            self.witness.say(format!("  {} after {after:?}", super::witness::name(operation)));
        }
        self.witness.planned(&plan, self.truth());
        let mut end = self.run(&plan, faults).await;
        // The next process resumes a dead run, or plans again.
        while !matches!(end, End::Concluded(_)) && self.rng.bool() {
            sleep(between(&mut self.rng, 0, 5_000)).await;
            end = self.run(&plan, faults).await;
        }
        if let End::Concluded(conclusion) = &end {
            self.claim(&plan, conclusion);
            let truth = self.truth();
            self.witness.judge_run(&self.world, &truth);
        }
        false
    }

    /// Returns whether a dead run left unfinished operations, which the next one recovers even if it has nothing else to do.
    async fn is_unsettled(&self) -> bool {
        let open = Arc::new(Store::read_in_memory(&self.memory)).unfinished_runs().await;
        open.is_ok_and(|open| !open.is_empty())
    }

    /// Returns everyone whom the run reports as not as planned.
    fn claim(&self, plan: &Plan, conclusion: &RunReport) {
        for (operation, said) in plan.operations.iter().zip(&conclusion.run.outcomes) {
            let message = said.message.as_deref().unwrap_or_default();
            self.witness.say(format!("  {} {} {message}", said.id, said.outcome.as_str()));
            if !said.outcome.is_success() {
                self.witness.owed(&operation.tenant, &operation.account);
            }
            if matches!(said.outcome, Outcome::Pending | Outcome::Unknown) {
                self.witness.claimed(&operation.tenant, &operation.account);
            }
        }
        for stranded in &conclusion.stranded {
            self.witness.mark("stranded");
            self.witness.say(format!("  stranded: {}", stranded.person));
            let accounts = &self.world.tenants[&stranded.tenant].state.accounts;
            if let Some(account) = accounts.iter().find(|account| account.email == stranded.person) {
                self.witness.claimed(&stranded.tenant, &account.id);
            }
        }
    }

    fn plan(&self, observations: &BTreeMap<SmolStr, Observation>) -> Plan {
        let digest = Digest::of_bytes(b"");
        let input = |observation: &Observation| ObservationInput {
            digest: Digest::of_bytes(format!("{observation:?}").as_bytes()),
            observed_at: observation.observed_at,
            complete: observation.complete,
        };
        let inputs = Inputs {
            manifest: digest.clone(),
            policy: digest,
            allow_removals: None,
            author: None,
            undoes: None,
            observations: observations.iter().map(|(name, seen)| (name.clone(), input(seen))).collect(),
        };
        let request = PlanRequest {
            desired: &self.world.desired,
            manifest: &self.world.desired,
            rules: &self.world.rules(),
            observations,
            policy: &self.world.policy,
            usage_history: &UsageHistory::default(),
            consent: &ApprovalContext::default(),
            allow_removals: None,
            unlimited: false,
            differences: &[],
            now: Now::at(Clock::Simulated(self.wall).time()),
        };
        plan::make(&request, || Ok(inputs)).expect("a plan has a JSON form")
    }

    /// Executes the plan like a process, with everything that can happen to processes.
    async fn run(&mut self, plan: &Arc<Plan>, faults: Faults) -> End {
        let stop = StopSignal::new();
        let mut kill_after = strikes(&mut self.rng, faults.kill).then(|| between(&mut self.rng, 1, 8_000));
        let stop_after = strikes(&mut self.rng, faults.stop).then(|| between(&mut self.rng, 1, 8_000));
        let theft_after = strikes(&mut self.rng, faults.lock_loss).then(|| between(&mut self.rng, 1, 8_000));
        let jump_after = strikes(&mut self.rng, faults.clock_jump).then(|| between(&mut self.rng, 1, 8_000));
        let jump = self.rng.i64(-7_200..7_200);
        let seed = self.rng.u64(..);
        let after = |time: Option<Duration>| async move {
            match time {
                Some(time) => sleep(time).await,
                None => std::future::pending().await,
            }
        };
        let happens = async {
            tokio::join!(
                async {
                    after(stop_after).await;
                    self.witness.mark("stop");
                    self.witness.say("a signal stops the run".to_owned());
                    stop.stop();
                },
                async {
                    after(theft_after).await;
                    self.witness.mark("lock loss");
                    self.witness.say("another process takes the lock".to_owned());
                    self.memory.steal_lock("another runner");
                    self.witness.lock_out(true);
                },
                async {
                    after(jump_after).await;
                    self.witness.say(format!("the clock jumps by {jump} s"));
                    self.witness.mark("clock jump");
                    self.wall.shift(jump);
                },
                std::future::pending::<()>()
            );
        };
        if kill_after.is_some() && self.rng.bool() {
            // At a record rather than a moment: before it is on disk, or after.
            kill_after = None;
            self.record_of_death = Some((self.memory.record_count() + self.rng.u64(1..=24), self.rng.bool()));
        }
        let end = tokio::select! {
            biased;
            // It first opens the store, which a stopped world continues from.
            end = self.process(plan, stop.clone(), seed) => match end {
                Ok(conclusion) => End::Concluded(Box::new(conclusion)),
                Err(halt) => End::Halted(halt),
            },
            () = after(kill_after) => End::Killed,
            () = self.memory.wait_until_stopped() => End::Killed,
            _ = happens => End::Killed,
        };
        self.record_of_death = None;
        self.witness.lock_out(false);
        if matches!(end, End::Killed) {
            self.witness.mark("kill");
        }
        self.witness.say(match &end {
            End::Concluded(conclusion) => format!("the run ends: {:?}", conclusion.run.summary),
            End::Halted(halt) => format!("the run halts: {halt:?}"),
            End::Killed => "the run is killed".to_owned(),
        });
        if let End::Halted(RunError::Store(error)) = &end
            && !matches!(error, StoreError::LockLost)
        {
            self.witness.accuse(format!("the store fails: {error}"));
        }
        end
    }

    async fn process(&self, plan: &Arc<Plan>, stop: StopSignal, seed: u64) -> Result<RunReport, RunError> {
        let clock = Clock::Simulated(self.wall);
        let store = Arc::new(Store::open_in_memory(&self.memory, "simulation", clock.time()).await?);
        match self.record_of_death {
            Some((record, false)) => self.memory.stop_before(record),
            Some((record, true)) => self.memory.stop_after(record),
            None => {}
        }
        let targets = self.vendors.iter().map(|(name, vendor)| {
            let execute: Arc<dyn Execute> = Arc::new(vendor.clone());
            let connection = Connection { observe: Arc::new(vendor.clone()), execute: Some(execute) };
            let settings = &self.world.tenants[name].settings;
            (name.clone(), Target::new(connection, settings).expect("the vendor is known"))
        });
        let request = RunRequest {
            plan: Arc::clone(plan),
            resumes: None,
            tenants: targets.collect(),
            store,
            manifest: "world".to_owned(),
            policy: Arc::new(self.world.policy.clone()),
            consents: Vec::new(),
            options: RunOptions { clock, wait: PATIENCE, deadline: None, seed, events: EventSink::discard(), stop },
        };
        request.run().await
    }

    /// The journal must be consistent afterwards.
    async fn audit(&self) {
        let store = match Store::open_in_memory(&self.memory, "auditor", Clock::Simulated(self.wall).time()).await {
            Ok(store) => Arc::new(store),
            Err(error) => return self.witness.accuse(format!("the store cannot be opened: {error}")),
        };
        match store.verify(None).await {
            Ok(Ok(verified)) => self.witness.say(format!("{} records, {} runs", verified.records, verified.runs)),
            Ok(Err(broken)) => self.witness.accuse(format!("the journal is not whole: {broken:?}")),
            Err(error) => self.witness.accuse(format!("the journal cannot be verified: {error}")),
        }
        match store.audit(1, usize::MAX).await {
            Ok(records) => self.witness.judge_journal(&records),
            Err(error) => self.witness.accuse(format!("the journal cannot be read: {error}")),
        }
        match store.unfinished_runs().await {
            Ok(open) if open.is_empty() => {}
            Ok(open) => self.witness.accuse(format!("{} runs are still open", open.len())),
            Err(error) => self.witness.accuse(format!("the journal cannot be read: {error}")),
        }
    }
}
