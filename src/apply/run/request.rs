//! The request to run a plan, and the steps before and after its operations.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::RunLoop;
use super::context::RunContext;
use super::report::RunReport;
use crate::apply::event::Event;
use crate::apply::options::RunOptions;
use crate::apply::policy_check::{self, RunError};
use crate::apply::recover::recover;
use crate::apply::target::Target;
use crate::apply::tenant::RunControl;
use crate::apply::unfinished::unfinished_work;
use crate::model::{ConsentRecord, Plan, Policy};
use crate::store::{RunLinks, Store};

/// A plan to run.
pub struct RunRequest {
    /// The plan; it has passed the [preflight checks](crate::apply::preflight).
    pub plan: Arc<Plan>,
    /// The run that this one continues.
    pub resumes: Option<SmolStr>,
    /// The tenants of the manifest, by name.
    pub tenants: BTreeMap<SmolStr, Target>,
    /// The store, which holds the lock.
    pub store: Arc<Store>,
    /// The manifest's path as the user gave it, for the history.
    pub manifest: String,
    /// The policy in force.
    pub policy: Arc<Policy>,
    /// What was allowed in spite of a rule, for the history.
    pub consents: Vec<ConsentRecord>,
    /// How the run waits, reports and stops.
    pub options: RunOptions,
}

impl RunRequest {
    /// Recovers interrupted runs, then runs the plan.
    ///
    /// # Errors
    /// - Policy now denies the plan; nothing was sent.
    /// - The store failed or the lock was lost; nothing more is sent, and the next run recovers what is unfinished.
    pub async fn run(self) -> Result<RunReport, RunError> {
        let Self { plan, resumes, tenants, store, manifest, policy, consents, options } = self;
        let control = RunControl::new(&options);
        let tenants = control.clients(tenants);
        recover(&control, &tenants, &store, &options.stop).await?;
        let clock = options.clock;
        let is_complete = store.has_completed(&plan.digest).await?;
        let previous = store.previous_attempts(&plan.digest).await?;
        if !is_complete {
            policy_check::check_policy(&store, &policy, &plan, &tenants, clock.time()).await?;
        }
        let unfinished = unfinished_work(&store, &plan.digest).await?;
        let links = RunLinks { resumes: resumes.as_deref(), undoes: plan.inputs.undoes.as_deref() };
        let journal = store.begin_linked(&plan, &manifest, &consents, links, clock.time()).await?;
        control.events.emit(&Event::Started { run: journal.id().clone(), operations: plan.operations.len() });
        let context = RunContext::new(control, tenants, plan, store, journal, previous);
        let mut run = RunLoop::new(Arc::new(context), options.deadline);
        if is_complete {
            run.mark_complete()?
        } else {
            run.run(&options.stop).await?
        }
        Ok(run.finish(unfinished).await?)
    }
}
