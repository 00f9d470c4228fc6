//! `reseat resume`: recovers an interrupted run and continues its plan.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;

use super::error::WorkflowError;
use super::execution::{self, Execution, ExecutionOptions};
use super::exit::Exit;
use super::history::unknown_run;
use super::manifest::{self, Manifest};
use super::plan::PlanInputs;
use super::preconditions;
use super::runbook::is_manual;
use super::session::Session;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::env::Clock;
use crate::model::{Digest, Operation, Outcome, Plan, Run, RunState};
use crate::report::escape::escape;
use crate::report::json;
use crate::store::{RunRecord, Store, StoreUrl};

/// Most runs that are searched.
const RUNS_MAX: u32 = 1_000;

/// Recovers an interrupted run, then continues the plan of `run`, or of the last run.
///
/// # Errors
/// If the store does not know the run, its plan must not be executed, or a tenant or the store fails.
pub async fn resume(
    run: Option<&str>,
    trusted: Option<&Path>,
    inputs: &PlanInputs,
    options: &ExecutionOptions,
    session: &mut Session<'_>,
) -> Result<Exit, WorkflowError> {
    let path = session.manifest_path(None)?;
    let manifest = manifest::load(&path, trusted, session.now())?;
    // Recovery comes first: it must not depend on whether the plan may continue.
    execution::recover(&manifest, options, session).await?;
    continue_run(&manifest, run, options, inputs, true, session).await
}

/// Continues the plan of a run, or of the last run.
///
/// # Errors
/// As [`resume`].
pub(super) async fn continue_run(
    manifest: &Manifest,
    run: Option<&str>,
    options: &ExecutionOptions,
    inputs: &PlanInputs,
    may_prompt: bool,
    session: &mut Session<'_>,
) -> Result<Exit, WorkflowError> {
    let store = session.store(&manifest.path)?;
    let (run, plan) = match find_target(&store, run).await? {
        ResumeTarget::Plan { run, plan } => (run, plan),
        ResumeTarget::Nothing { why } => {
            if session.json {
                session.ui.print(&json::pretty(&empty_run())?)?;
            } else {
                session.ui.info(&format!("nothing to resume: {}\n", escape(&why)));
            }
            return Ok(Exit::Done);
        }
    };
    if !session.json {
        session.ui.info(&format!("continuing the plan of {}\n", escape(&run)));
    }
    let plan = Arc::unwrap_or_clone(plan);
    let execution = Execution { manifest, plan, inputs, resumes: Some(run), may_prompt };
    let executed = execution::execute(execution, options, session).await?;
    if executed.is_complete {
        execution::report_convergence(manifest, session.now(), session).await;
    }
    Ok(executed.exit)
}

/// What is left of a run.
enum ResumeTarget {
    /// The plan to continue.
    Plan {
        /// The run that the new one follows.
        run: SmolStr,
        plan: Arc<Plan>,
    },
    /// Nothing is left.
    Nothing { why: String },
}

/// Finds the plan of a run, or of the last run.
async fn find_target(url: &StoreUrl, run: Option<&str>) -> Result<ResumeTarget, WorkflowError> {
    let none = || ResumeTarget::Nothing { why: "there is no run yet".to_owned() };
    let Some(store) = Store::open_existing(url).await? else {
        return match run {
            Some(run) => Err(unknown_run(run)),
            None => Ok(none()),
        };
    };
    let records = store.runs(RUNS_MAX).await?;
    let index = match run {
        Some(run) => records.iter().position(|record| record.run.run == run).ok_or_else(|| unknown_run(run))?,
        None => 0,
    };
    let Some(record) = records.get(index) else { return Ok(none()) };
    let name = &record.run.run;
    if store.has_completed(&record.run.plan).await? {
        return Ok(ResumeTarget::Nothing { why: format!("the plan of {name} is complete") });
    }
    if let Some(later) = records[..index].iter().find(|later| later.run.plan != record.run.plan) {
        return Err(superseded(record, later));
    }
    if record.state == RunState::Complete {
        return Ok(ResumeTarget::Nothing { why: format!("{name} is complete") });
    }
    let last = records.first().unwrap_or(record);
    match store.plan(&record.run.plan).await? {
        Some(plan) => Ok(ResumeTarget::Plan { run: last.run.run.clone(), plan }),
        None => Err(unknown_run(name)),
    }
}

fn superseded(record: &RunRecord, later: &RunRecord) -> WorkflowError {
    let message = format!("`{}` started another plan after `{}`", later.run.run, record.run.run);
    let finding = Finding::error(&codes::RUN_SUPERSEDED, message)
        .help("continue the later run with `reseat resume`, or plan again: `reseat plan --out plan.json`");
    WorkflowError::from_finding(Exit::Stale, finding)
}

/// Returns the last run if it handed over manual steps, its plan is still valid, and `plan` contains nothing else.
/// Continuing that run verifies the steps and asks nobody twice.
///
/// # Errors
/// If the store cannot be read.
pub(super) async fn handed_over_run(
    url: &StoreUrl,
    manifest: &Manifest,
    plan: &Plan,
    clock: Clock,
) -> Result<Option<SmolStr>, WorkflowError> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(None) };
    let Some((run, digest)) = store.recent_incomplete_runs().await?.into_iter().next() else { return Ok(None) };
    let Some(earlier) = store.plan(&digest).await? else { return Ok(None) };
    let is_current = earlier.inputs.manifest == plan.inputs.manifest && earlier.inputs.policy == plan.inputs.policy;
    if !is_current || preconditions::check_age(manifest, &earlier, clock).is_err() {
        return Ok(None);
    }
    let attempts = store.previous_attempts(&digest).await?;
    let is_manual_step =
        |operation: &&Operation| manifest.tenant(&operation.tenant).is_ok_and(|(settings, _)| is_manual(settings));
    let is_open = |operation: &Operation| {
        let outcome = attempts.get(&operation.id).map(|attempt| attempt.outcome);
        matches!(outcome, Some(None | Some(Outcome::Pending | Outcome::Unknown)))
    };
    if !earlier.operations.iter().filter(is_manual_step).any(is_open) {
        return Ok(None);
    }
    let key = |operation: &Operation| {
        let Operation { tenant, account, license, to, kind, .. } = operation;
        (tenant.clone(), account.clone(), license.clone(), to.clone(), *kind)
    };
    let known: BTreeSet<_> = earlier.operations.iter().map(key).collect();
    let adds_nothing = plan.operations.iter().all(|operation| known.contains(&key(operation)));
    Ok(adds_nothing.then_some(run))
}

/// Returns a run without operations, which is printed as JSON if there is nothing to do.
pub(super) fn empty_run() -> Run {
    Run::new(SmolStr::default(), Digest::of_bytes(b""), Vec::new())
}
