//! A run: what it needs, and what it does before and after the operations are sent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use super::bench::Bench;
use super::conclusion::Conclusion;
use super::course::Course;
use super::gate::{self, Halt};
use super::left_open::left_open;
use super::settle::settle;
use super::target::Target;
use super::world::World;
use super::{Event, Stop, Watch};
use crate::env::Clock;
use crate::model::{Consented, Plan};
use crate::policy::Policy;
use crate::store::{Links, Store};

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

impl Executor {
    /// Settles what a run that died left open, and carries the plan out.
    ///
    /// # Errors
    /// When policy refuses the plan by now; then nothing is sent. When the store cannot be read or written, or the lock
    /// is lost; then nothing more is sent, and the next run settles what is open.
    pub async fn run(self) -> Result<Conclusion, Halt> {
        let Self {
            plan,
            resumes,
            tenants,
            store,
            manifest,
            policy,
            consents,
            clock,
            wait,
            deadline,
            seed,
            watch,
            stop,
        } = self;
        let world = Arc::new(World::new(tenants, clock, wait, seed, watch));
        settle(&world, &store, &stop).await?;
        let is_complete = store.knows_complete(&plan.digest).await?;
        let earlier = store.earlier(&plan.digest).await?;
        if !is_complete {
            gate::pass(&store, &policy, &plan, &world.tenants, clock.time()).await?;
        }
        let left_open = left_open(&store, &plan.digest).await?;
        let links = Links { resumes: resumes.as_deref(), undoes: plan.inputs.undoes.as_deref() };
        let journal = store.begin_linked(&plan, &manifest, &consents, links, clock.time()).await?;
        world.watch.tell(&Event::Started { run: journal.id().clone(), operations: plan.operations.len() });
        let (trials, places) = (std::sync::Mutex::default(), std::sync::OnceLock::new());
        let bench = Arc::new(Bench { world, plan, store, journal, earlier, trials, places });
        let mut course = Course::new(bench, deadline);
        if is_complete {
            course.know_complete()?
        } else {
            course.go(&stop).await?
        }
        Ok(course.conclude(left_open).await?)
    }
}
