//! A run: what it needs, and what it does before and after the operations are sent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use crate::apply::policy_check::{self, RunError};
use crate::apply::recover::recover;
use crate::apply::run::RunLoop;
use crate::apply::run::context::RunContext;
use crate::apply::run::report::RunReport;
use crate::apply::run::tenants::TenantClients;
use crate::apply::target::Target;
use crate::apply::unfinished::unfinished_work;
use crate::apply::{Event, EventSink, StopSignal};
use crate::env::Clock;
use crate::model::{ConsentRecord, Plan, Policy};
use crate::store::{RunLinks, Store};

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
    pub consents: Vec<ConsentRecord>,
    /// The clock.
    pub clock: Clock,
    /// How long the run may wait, all in all.
    pub wait: Duration,
    /// How long the run may take; then it ends as if stopped.
    pub deadline: Option<Duration>,
    /// Where chance begins: it spreads the pauses before something is tried again.
    pub seed: u64,
    /// Who is told of what happens.
    pub events: EventSink,
    /// The wish to end soon.
    pub stop: StopSignal,
}

impl Executor {
    /// Settles what a run that died left open, and carries the plan out.
    ///
    /// # Errors
    /// When policy refuses the plan by now; then nothing is sent. When the store cannot be read or written, or the lock
    /// is lost; then nothing more is sent, and the next run settles what is open.
    pub async fn run(self) -> Result<RunReport, RunError> {
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
            events: watch,
            stop,
        } = self;
        let world = Arc::new(TenantClients::new(tenants, clock, wait, seed, watch));
        recover(&world, &store, &stop).await?;
        let is_complete = store.has_completed(&plan.digest).await?;
        let earlier = store.previous_attempts(&plan.digest).await?;
        if !is_complete {
            policy_check::check_policy(&store, &policy, &plan, &world.targets, clock.time()).await?;
        }
        let left_open = unfinished_work(&store, &plan.digest).await?;
        let links = RunLinks { resumes: resumes.as_deref(), undoes: plan.inputs.undoes.as_deref() };
        let journal = store.begin_linked(&plan, &manifest, &consents, links, clock.time()).await?;
        world.events.emit(&Event::Started { run: journal.id().clone(), operations: plan.operations.len() });
        let (trials, places) = (std::sync::Mutex::default(), std::sync::OnceLock::new());
        let bench = Arc::new(RunContext {
            tenants: world,
            plan,
            store,
            journal,
            previous: earlier,
            trial_removals: trials,
            indices: places,
        });
        let mut course = RunLoop::new(bench, deadline);
        if is_complete {
            course.mark_complete()?
        } else {
            course.run(&stop).await?
        }
        Ok(course.finish(left_open).await?)
    }
}
