//! The loop of a run: hands out operations, waits for them, and writes down what came of each.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use smol_str::SmolStr;
use tokio::task::{Id, JoinError, JoinSet};

use super::conclusion::Conclusion;
use super::fate::{Fate, Trouble};
use super::gate::{self, Halt};
use super::give_back::{GivenBack, stranded};
use super::schedule::{Dropped, Index, Schedule};
use super::settle::settle;
use super::step::{Bench, Landing, busy};
use super::touch;
use super::world::{Target, World};
use super::{Event, Stop, Watch};
use crate::env::Clock;
use crate::model::{Consented, OnFailure, OperationOutcome, Outcome, Plan, Run, SkipReason, Stranded};
use crate::policy::Policy;
use crate::store::{Entry, Links, RunState, Store, StoreError, Touch};

/// Everything that a run needs.
pub struct Executor {
    /// The plan; [`precheck`](super::precheck) has passed it.
    pub plan: Arc<Plan>,
    /// The run whose plan it goes on with.
    pub resumes: Option<SmolStr>,
    /// The tenants of the manifest, by name.
    pub tenants: BTreeMap<SmolStr, Target>,
    /// The store, which holds the lock.
    pub store: Arc<Store>,
    /// The manifest's path as it was given, for the history.
    pub manifest: String,
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// What was allowed although a rule says no, for the history.
    pub consents: Vec<Consented>,
    /// The clock.
    pub clock: Clock,
    /// How long the run may wait, all in all.
    pub wait: Duration,
    /// How long the run may take; then it ends as if stopped.
    pub deadline: Option<Duration>,
    /// Where chance begins: it spreads the pauses before something is tried again.
    pub seed: u64,
    /// Who is told of what happens.
    pub watch: Watch,
    /// The wish to end soon.
    pub stop: Stop,
}

/// What a task of the run comes back with.
enum Arrival {
    /// The tenant was asked whether it takes changes.
    Gate(SmolStr, Option<Fate>),
    /// An operation was sent, or is known not to be.
    Landed(Index, Result<Landing, StoreError>),
    /// An operation was followed to its end.
    Followed(Index, Fate),
    /// An operation failed, and its person's old license was to be given back.
    GaveBack(Index, Fate, Result<GivenBack, StoreError>),
}

/// A run under way.
struct Course {
    bench: Arc<Bench>,
    schedule: Schedule,
    outcomes: Vec<Option<OperationOutcome>>,
    tasks: JoinSet<Arrival>,
    /// What each task is about, should it break off.
    about: BTreeMap<Id, Index>,
    busy: BTreeSet<SmolStr>,
    unreachable: BTreeSet<SmolStr>,
    skipped: BTreeMap<SkipReason, u64>,
    stranded: Vec<Stranded>,
    failure: Option<StoreError>,
    /// Operations that did not succeed, and whose person has the old license again, or may.
    given_back: BTreeSet<Index>,
}

impl Executor {
    /// Settles what a run that died left open, and carries the plan out.
    ///
    /// # Errors
    /// When policy refuses the plan by now; then nothing is sent. When the store cannot be read or written; then nothing
    /// more is sent, and the next run settles what is open.
    pub async fn run(self) -> Result<Conclusion, Halt> {
        let Self { plan, resumes, tenants, store, manifest, policy, consents, clock, wait, watch, stop, .. } = self;
        let world = Arc::new(World::new(tenants, clock, wait, watch, stop));
        settle(&world, &store).await?;
        let is_complete = store.knows_complete(&plan.digest).await?;
        let earlier = store.earlier(&plan.digest).await?;
        if !is_complete {
            gate::pass(&store, &policy, &plan, &world.tenants, clock.time()).await?;
        }
        let links = Links { resumes: resumes.as_deref(), undoes: plan.inputs.undoes.as_deref() };
        let journal = store.begin_linked(&plan, &manifest, &consents, links, clock.time()).await?;
        world.watch.tell(&Event::Started { run: journal.id().clone(), operations: plan.operations.len() });
        let slots = |tenant: &str| world.tenants.get(tenant).map_or(1, |target| target.concurrency);
        let mut course = Course {
            schedule: Schedule::new(&plan.operations, slots),
            outcomes: vec![None; plan.operations.len()],
            tasks: JoinSet::new(),
            about: BTreeMap::new(),
            busy: BTreeSet::new(),
            unreachable: BTreeSet::new(),
            skipped: BTreeMap::new(),
            stranded: Vec::new(),
            failure: None,
            given_back: BTreeSet::new(),
            bench: Arc::new(Bench { world: Arc::clone(&world), journal, earlier }),
        };
        let stopped = if is_complete {
            let all = course.schedule.drop_rest();
            let fate = Fate::new(Outcome::Already, "an earlier run applied this plan".to_owned());
            course.write(all.into_iter().map(|index| (index, fate.clone())).collect()).await?;
            false
        } else {
            course.go().await?
        };
        Ok(course.conclude(&plan, stopped).await?)
    }
}

impl Course {
    /// Carries everything out; returns whether the run was stopped before everything was sent.
    async fn go(&mut self) -> Result<bool, StoreError> {
        for tenant in self.schedule.tenants() {
            let world = Arc::clone(&self.bench.world);
            self.tasks.spawn(async move { gate(&world, tenant).await });
        }
        loop {
            let world = Arc::clone(&self.bench.world);
            if !world.stop.is_stopped() && self.failure.is_none() {
                while let Some(index) = self.schedule.next() {
                    self.send(index);
                }
            }
            let Some(arrival) = self.tasks.join_next_with_id().await else { break };
            let arrived = match arrival {
                Ok((id, arrival)) => {
                    self.about.remove(&id);
                    self.arrive(arrival).await
                }
                Err(error) => self.broke_off(&error).await,
            };
            if let Err(error) = arrived {
                // Without a journal nothing is sent; what is in flight is awaited all the same.
                self.failure.get_or_insert(error);
            }
        }
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let rest = self.schedule.drop_rest();
        let stopped = !rest.is_empty();
        let fates = rest.into_iter().map(|index| (index, self.stopped_before(index))).collect();
        self.write(fates).await?;
        Ok(stopped)
    }

    fn send(&mut self, index: Index) {
        let (bench, operation) = (Arc::clone(&self.bench), Arc::clone(self.schedule.operation(index)));
        let task = self.tasks.spawn(async move { Arrival::Landed(index, bench.send(&operation).await) });
        self.about.insert(task.id(), index);
    }

    async fn arrive(&mut self, arrival: Arrival) -> Result<(), StoreError> {
        match arrival {
            Arrival::Gate(tenant, None) => self.schedule.open(&tenant),
            Arrival::Gate(tenant, Some(fate)) => self.close(&tenant, &fate).await?,
            Arrival::Landed(index, landing) => match landing? {
                Landing::Done(fate) => self.end(index, fate).await?,
                Landing::Coming(coming) => {
                    self.schedule.free_slot(index);
                    let operation = Arc::clone(self.schedule.operation(index));
                    let world = Arc::clone(&self.bench.world);
                    world.watch.tell(&Event::Waiting { operation: operation.id.clone() });
                    let task = self.tasks.spawn(async move {
                        let fate = world.follow(&operation, &coming).await;
                        Arrival::Followed(index, fate)
                    });
                    self.about.insert(task.id(), index);
                }
            },
            Arrival::Followed(index, fate) => self.end(index, fate).await?,
            Arrival::GaveBack(index, fate, given) => {
                let given = given?;
                let removal = self.schedule.removal_before(index);
                if given.is_taken {
                    self.given_back.insert(index);
                }
                if let Some((reason, removal)) = given.stranded.zip(removal) {
                    let (removal, wanted) = (self.schedule.operation(removal), self.schedule.operation(index));
                    let stranded = stranded(removal, wanted, reason);
                    self.bench.world.watch.tell(&Event::Stranded(stranded.clone()));
                    self.stranded.push(stranded);
                }
                self.conclude_one(index, fate.and(&given.message)).await?;
                if let Some(removal) = removal.filter(|_| given.is_taken) {
                    let dropped = self.schedule.undo(removal);
                    let failed = self.schedule.operation(index).id.clone();
                    let why = |_: &Self, _| format!("the seat it needs was given back, for `{failed}` did not succeed");
                    self.skip(dropped, why).await?;
                }
            }
        }
        Ok(())
    }

    /// Ends an operation, unless its person is to get the old license back first.
    async fn end(&mut self, index: Index, fate: Fate) -> Result<(), StoreError> {
        if fate.outcome == Outcome::Failed && self.spawn_give_back(index, &fate) {
            return Ok(());
        }
        self.conclude_one(index, fate).await
    }

    /// Starts to give the old license back, where the operation asks for it and the old one is gone.
    fn spawn_give_back(&mut self, index: Index, fate: &Fate) -> bool {
        let operation = Arc::clone(self.schedule.operation(index));
        let Some(removal) =
            self.schedule.removal_before(index).filter(|_| operation.on_failure == Some(OnFailure::GiveBack))
        else {
            return false;
        };
        let (bench, removal, fate) =
            (Arc::clone(&self.bench), Arc::clone(self.schedule.operation(removal)), fate.clone());
        let task = self.tasks.spawn(async move {
            let given = bench.give_back(&operation, &removal).await;
            Arrival::GaveBack(index, fate, given)
        });
        self.about.insert(task.id(), index);
        true
    }

    async fn conclude_one(&mut self, index: Index, fate: Fate) -> Result<(), StoreError> {
        let tenant = self.schedule.operation(index).tenant.clone();
        let (outcome, trouble) = (fate.outcome, fate.trouble);
        if trouble == Some(Trouble::Unreachable) {
            self.unreachable.insert(tenant.clone());
        }
        let busy_fate = (trouble == Some(Trouble::Busy)).then(|| fate.clone());
        self.write(vec![(index, fate)]).await?;
        let dropped = self.schedule.end(index, outcome.is_success());
        match busy_fate {
            Some(fate) => {
                let fates = dropped.into_iter().map(|dropped| (dropped.index, fate.clone())).collect();
                self.write(fates).await?;
                self.close(&tenant, &fate).await
            }
            None => {
                let why = |course: &Self, because: Index| {
                    let needed = &course.schedule.operation(because).id;
                    let word = course.outcomes[because].as_ref().map_or("skipped", |known| known.outcome.as_str());
                    format!("not sent, for it needs `{needed}`, which is {word}")
                };
                self.skip(dropped, why).await
            }
        }
    }

    /// Skips what depends on something that did not succeed; whoever lost a license for it gets it back.
    async fn skip(&mut self, dropped: Vec<Dropped>, why: impl Fn(&Self, Index) -> String) -> Result<(), StoreError> {
        for Dropped { index, because } in dropped {
            let fate = Fate::skipped(SkipReason::Dependent, why(self, because));
            if !self.spawn_give_back(index, &fate) {
                self.write(vec![(index, fate)]).await?;
            }
        }
        Ok(())
    }

    /// Sends nothing more to a tenant.
    async fn close(&mut self, tenant: &SmolStr, fate: &Fate) -> Result<(), StoreError> {
        match fate.trouble {
            Some(Trouble::Busy) => self.busy.insert(tenant.clone()),
            Some(Trouble::Unreachable) => self.unreachable.insert(tenant.clone()),
            None => false,
        };
        let rest = self.schedule.drop_tenant(tenant);
        self.write(rest.into_iter().map(|index| (index, fate.clone())).collect()).await
    }

    /// A task broke off: something was sent, perhaps, and nobody knows.
    async fn broke_off(&mut self, error: &JoinError) -> Result<(), StoreError> {
        match self.about.remove(&error.id()) {
            Some(index) => {
                let message = "the adapter broke off; look at the vendor's console".to_owned();
                self.conclude_one(index, Fate::new(Outcome::Unknown, message)).await
            }
            None => Ok(()),
        }
    }

    fn stopped_before(&self, index: Index) -> Fate {
        let operation = self.schedule.operation(index);
        let fate = Fate::skipped(SkipReason::Stopped, "the run was stopped");
        match self.schedule.removal_before(index) {
            Some(removal) => {
                let old = &self.schedule.operation(removal).license;
                fate.and(&format!("{} gave up `{old}` and has nothing in its place yet", operation.person))
            }
            None => fate,
        }
    }

    /// What came of an operation for the holders of licenses: also that somebody gave up a license for it in vain.
    fn touches(&self, index: Index, outcome: Outcome) -> Vec<Touch> {
        let tenants = &self.bench.world.tenants;
        let operation = self.schedule.operation(index);
        match outcome {
            Outcome::Failed | Outcome::Skipped if !self.given_back.contains(&index) => {
                let taken = self.schedule.taken_before(index).map(|taken| self.schedule.operation(taken));
                taken.and_then(|taken| touch::stranded(tenants, taken)).into_iter().collect()
            }
            // An earlier run of this plan sent it, and may have died before it was counted.
            Outcome::Already if self.bench.earlier.contains_key(&operation.id) => touch::touches(tenants, operation),
            _ => touch::done(tenants, operation, outcome),
        }
    }

    /// Writes fates down, all or none, and tells of them.
    async fn write(&mut self, fates: Vec<(Index, Fate)>) -> Result<(), StoreError> {
        if fates.is_empty() {
            return Ok(());
        }
        let at: Timestamp = self.bench.world.clock.time();
        let operations: Vec<_> = fates.iter().map(|(index, _)| Arc::clone(self.schedule.operation(*index))).collect();
        let touches: Vec<_> = fates.iter().map(|(index, fate)| self.touches(*index, fate.outcome)).collect();
        let entries: Vec<Entry<'_>> = fates
            .iter()
            .zip(&operations)
            .zip(&touches)
            .map(|(((_, fate), operation), touches)| Entry::Outcome {
                operation: &operation.id,
                outcome: fate.outcome,
                message: fate.message.as_deref(),
                touches,
            })
            .collect();
        self.bench.journal.record_all(&entries, at).await?;
        for ((index, fate), operation) in fates.into_iter().zip(&operations) {
            let Fate { outcome, message, trouble: _, skip } = fate;
            if let Some(reason) = skip {
                *self.skipped.entry(reason).or_default() += 1;
            }
            let operation = operation.id.clone();
            self.bench.world.watch.tell(&Event::Done {
                operation: operation.clone(),
                outcome,
                message: message.clone(),
            });
            self.outcomes[index] = Some(OperationOutcome { id: operation, outcome, message, at });
        }
        Ok(())
    }

    async fn conclude(self, plan: &Plan, stopped: bool) -> Result<Conclusion, StoreError> {
        let journal = &self.bench.journal;
        let outcomes = self.outcomes.into_iter().flatten().collect();
        let run = Run::new(journal.id().clone(), plan.digest.clone(), outcomes);
        let state = if run.summary.is_complete() { RunState::Complete } else { RunState::Partial };
        journal.finish(state, &run.summary, self.bench.world.clock.time()).await?;
        Ok(Conclusion {
            run,
            stranded: self.stranded,
            busy: self.busy,
            unreachable: self.unreachable,
            stopped,
            skipped: self.skipped,
        })
    }
}

/// Asks a tenant whether it takes changes, and waits where it does not; the fate of all its operations where it does
/// not to the end.
async fn gate(world: &World, tenant: SmolStr) -> Arrival {
    let Some(target) = world.tenants.get(&tenant) else { return Arrival::Gate(tenant, None) };
    let fate = match world.busy(target).await {
        Ok(None) => None,
        Ok(Some(reason)) => {
            let is_free = world.wait_until_free(&tenant, target, &reason).await;
            (!is_free).then(|| busy(world, &reason))
        }
        Err(error) => {
            let mut fate = Fate::refused("nothing was sent, for the tenant could not be read: ", &error);
            (fate.outcome, fate.skip) = (Outcome::Skipped, Some(SkipReason::Unreachable));
            Some(fate)
        }
    };
    Arrival::Gate(tenant, fate)
}
