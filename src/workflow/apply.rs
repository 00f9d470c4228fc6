//! `reseat apply`: executes a plan file exactly, or plans a manifest, shows the plan, asks, and executes it.

use std::path::Path;

use smol_str::SmolStr;

use super::current_state::{self, CurrentState, StateSource};
use super::error::WorkflowError;
use super::execution::{self, Execution, ExecutionOptions};
use super::exit::Exit;
use super::manifest::{self, Manifest};
use super::plan::{self, PlanInputs, policy_exit};
use super::resume::{self, continue_run};
use super::reviewed::{self, ReviewMatch, ReviewedPlan};
use super::session::Session;
use super::state_files::Observations;
use super::{plan_file, preconditions, unfinished};
use crate::diagnostic::{Files, has_error};
use crate::model::Plan;
use crate::report::escape::escape;
use crate::report::{findings, plan as plan_report, review_mismatch, run as run_report};

/// Most people that a line names.
const NAMED_MAX: usize = 5;

/// What to apply, and how.
pub struct ApplyRequest<'a> {
    /// The plan file or manifest.
    pub path: Option<&'a Path>,
    /// The current state; for a plan file only `trusted` and `now` count.
    pub source: StateSource<'a>,
    /// Whether an option was given that only planning uses.
    pub has_planning_options: bool,
    /// Approvals and allowed removals.
    pub inputs: PlanInputs,
    /// Reviewed plans that the new plan must match.
    pub reviewed: &'a [String],
    /// Whether to ask before anything is sent.
    pub asks: bool,
    /// Limits and files of the run.
    pub options: &'a ExecutionOptions,
}

/// Applies a plan file or a manifest.
///
/// # Errors
/// If the plan must not be executed, or a tenant or the store fails.
pub async fn apply(request: &ApplyRequest<'_>, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
    match request.path {
        Some(path) if plan_file::is_plan_file(path) => apply_plan_file(path, request, session).await,
        _ => apply_manifest(request, session).await,
    }
}

async fn apply_plan_file(
    path: &Path,
    request: &ApplyRequest<'_>,
    session: &mut Session<'_>,
) -> Result<Exit, WorkflowError> {
    if !request.reviewed.is_empty() {
        let message = "`--reviewed` cannot be used with a plan file, which is applied exactly";
        return Err(WorkflowError::usage(message));
    }
    if request.has_planning_options {
        let message =
            "`--state`, `--at` and `--allow-removals` cannot be used with a plan file, which is applied exactly";
        return Err(WorkflowError::usage(message));
    }
    let plan = plan_file::read(path)?;
    let manifest_path = session.manifest_path(None)?;
    let manifest = manifest::load(&manifest_path, request.source.trusted, request.source.now)?;
    execution::recover(&manifest, request.options, session).await?;
    execute(plan, &manifest, request, session).await
}

async fn apply_manifest(request: &ApplyRequest<'_>, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
    if request.asks && !session.ui.is_interactive() {
        return Err(WorkflowError::usage("cannot ask for confirmation without a terminal")
            .with_help("apply with `--yes`, or apply a reviewed plan file: `reseat apply plan.json`"));
    }
    let path = session.manifest_path(request.path)?;
    let reviewed = reviewed::read(request.reviewed)?;
    let store = session.store(&path)?;

    // An interrupted run comes first: recovering it may change the current state.
    if unfinished::has_unfinished_run(&store).await? {
        let manifest = manifest::load(&path, request.source.trusted, request.source.now)?;
        if let Some(run) = execution::recover(&manifest, request.options, session).await?
            && offer_resume(&run, &path, request.asks, session).await?
        {
            return continue_run(&manifest, Some(&run), request.options, &request.inputs, request.asks, session).await;
        }
    }

    let CurrentState { manifest, observations, now } =
        current_state::load(&path, &request.source, &store, session).await?;
    let plan = plan::plan(&manifest, &observations, &store, &request.inputs, now).await?;
    if !reviewed.is_empty()
        && let Some(exit) = check_reviewed(&plan, &observations, &reviewed, session)?
    {
        return Ok(exit);
    }
    if let Some(run) = resume::handed_over_run(&store, &manifest, &plan, session.clock).await? {
        let text = "handed over manual steps, and the manifest requires nothing else; continuing that run";
        session.ui.print_stderr(&format!("{} {text}\n", escape(&run)));
        return continue_run(&manifest, Some(&run), request.options, &request.inputs, request.asks, session).await;
    }

    plan::show(&plan, &manifest.files, session)?;
    if has_error(&plan.findings) {
        return Err(WorkflowError::new(Exit::Denied, plan.findings, manifest.files));
    }
    // Checked before the question, so that nobody confirms a plan that is refused.
    preconditions::check_freeze(&manifest, &plan, session.clock)?;
    preconditions::check_age(&manifest, &plan, session.clock)?;
    if !plan.operations.is_empty() && request.asks {
        let question = format!("apply {}?", plan_report::summarize_plan(&plan));
        if !session.ui.confirm(&question) {
            session.ui.info("nothing was sent\n");
            return Ok(policy_exit(&plan));
        }
    }
    execute(plan, &manifest, request, session).await
}

/// Compares the plan with the reviewed ones. Returns the exit code if it must not be applied.
fn check_reviewed(
    plan: &Plan,
    observations: &Observations,
    reviewed: &[ReviewedPlan],
    session: &mut Session<'_>,
) -> Result<Option<Exit>, WorkflowError> {
    let text = match reviewed::compare_with_reviewed(plan, observations, reviewed) {
        ReviewMatch::Identical => "the plan is identical to the reviewed plan".to_owned(),
        ReviewMatch::Remainder { done: 0 } => {
            "the plan is the reviewed plan; only changes that it leaves out differ".to_owned()
        }
        ReviewMatch::Remainder { done } => {
            format!("the plan is the remainder of the reviewed plan; {} in effect", run_report::operations_are(done))
        }
        ReviewMatch::Empty => "the reviewed plan is already applied, or its changes are no longer needed".to_owned(),
        ReviewMatch::Differs(mismatch) => {
            session.print_document(&mismatch, review_mismatch::text)?;
            if !session.json {
                let text = findings::text(&mismatch.findings, &Files::default(), session.ui.stderr_style());
                session.ui.print_stderr(&text);
            }
            return Ok(Some(Exit::Stale));
        }
    };
    session.ui.print_stderr(&format!("{text}\n"));
    Ok(None)
}

/// Asks whether to continue an interrupted run. Without a terminal, names the command instead.
async fn offer_resume(
    run: &SmolStr,
    manifest: &Path,
    asks: bool,
    session: &mut Session<'_>,
) -> Result<bool, WorkflowError> {
    let store = session.store(manifest)?;
    let lost = unfinished::lost_memberships(&store, run).await?;
    if !lost.is_empty() {
        let shown: Vec<_> = lost.iter().take(NAMED_MAX).map(|one| escape(one).into_owned()).collect();
        let more = lost.len() - shown.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        session.ui.print_stderr(&format!(
            "this run restores the memberships that {} removed: {}{more}\n",
            escape(run),
            shown.join(", ")
        ));
    }
    if session.ui.is_interactive() && asks {
        return Ok(session.ui.confirm(&format!("continue the plan of {} instead of making a new plan?", escape(run))));
    }
    let options = session.follow_up_options(manifest);
    session.ui.info(&format!("making a new plan; `reseat resume{options}` would continue the interrupted one\n"));
    Ok(false)
}

async fn execute(
    plan: Plan,
    manifest: &Manifest,
    request: &ApplyRequest<'_>,
    session: &mut Session<'_>,
) -> Result<Exit, WorkflowError> {
    let execution = Execution { manifest, plan, inputs: &request.inputs, resumes: None, may_prompt: request.asks };
    let executed = execution::execute(execution, request.options, session).await?;
    if executed.is_complete {
        execution::report_convergence(manifest, request.source.now, session).await;
    }
    Ok(executed.exit)
}
