//! `reseat apply`.

use std::path::{Path, PathBuf};

use clap::Args;
use smol_str::SmolStr;

use super::current_state::{CurrentStateArgs, LoadedState};
use super::execution::{ApplyJob, ApplyOptions};
use super::plan::policy_exit;
use super::{CommandContext, CommandResult, block_on, resume};
use crate::cli::args::{PlanOptions, clock};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output_format::DocumentFormat;
use crate::diagnostic::{Files, has_error};
use crate::model::Plan;
use crate::report::escape::escape;
use crate::report::{findings, json, plan, review_mismatch as drift_report, run as run_report};
use crate::workflow::manifest::{self, Manifest};
use crate::workflow::plan::{Observations, PlanInputs};
use crate::workflow::reviewed::{self, ReviewMatch, ReviewedPlan};
use crate::workflow::{
    WorkflowError, WorkflowErrorKind, execution, observe, plan as planning, plan_file, preconditions,
    resume as resume_plan,
};

/// Most people whom a line names.
const NAMED_MAX: usize = 5;

/// What `apply` takes.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Plan file to apply exactly, or manifest to plan, show and apply [default: .]
    #[arg(value_name = "PLAN|MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) current_state: CurrentStateArgs,
    #[command(flatten)]
    plan_options: PlanOptions,
    /// Do not ask before a manifest is applied
    #[arg(short, long)]
    yes: bool,
    /// Plan the manifest afresh, and apply it only if that is what was reviewed: a plan file, a folder of them, or a plan's
    /// `content` digest; nobody is asked then
    #[arg(long, value_name = "PLAN|CONTENT")]
    reviewed: Vec<String>,
    #[command(flatten)]
    options: ApplyOptions,
}

impl ApplyArgs {
    /// The manifest beside the verb, where it is no plan file.
    pub(in crate::cli) fn manifest(&self) -> Option<&Path> {
        self.path.as_deref().filter(|path| !plan_file::is_plan_file(path))
    }
}

/// Applies a plan file exactly, or plans, shows, asks and applies.
pub(crate) fn run(arguments: &ApplyArgs, context: &mut CommandContext) -> CommandResult {
    match &arguments.path {
        Some(path) if plan_file::is_plan_file(path) => apply_file(path, arguments, context),
        _ => apply_manifest(arguments, context),
    }
}

fn apply_file(path: &Path, arguments: &ApplyArgs, context: &mut CommandContext) -> CommandResult {
    if !arguments.reviewed.is_empty() {
        let message = "a plan file is applied as it is: `--reviewed` is for a manifest that is planned afresh";
        return Err(CliError::usage(message));
    }
    if arguments.current_state.is_set() || arguments.plan_options.has_manifest_only_option() {
        let message = "a plan file is applied as it is: `--state`, `--at` and `--allow-removals` are for manifests";
        return Err(CliError::usage(message));
    }
    let document = plan_file::read(path)?;
    let manifest_path = context.manifest_path(None)?;
    let manifest = manifest::load(&manifest_path, arguments.current_state.trusted(), arguments.current_state.now()?)?;
    arguments.options.recover(&manifest, context)?;
    execute(document, &manifest, arguments, context)
}

fn apply_manifest(arguments: &ApplyArgs, context: &mut CommandContext) -> CommandResult {
    let asks = !arguments.yes && arguments.reviewed.is_empty();
    if asks && !context.output.is_interactive() {
        return Err(CliError::usage("there is no terminal to ask on")
            .with_help("apply with `--yes`, or apply a plan file that was reviewed: `reseat apply plan.json`"));
    }
    let path = context.manifest_path(arguments.path.as_deref())?;
    let reviewed = reviewed::read(&arguments.reviewed)?;
    let store = context.store(&path)?;
    // What a run that died left open comes first: it may change what is there.
    if block_on(execution::has_unfinished_run(&store))? {
        let manifest = manifest::load(&path, arguments.current_state.trusted(), arguments.current_state.now()?)?;
        let died = arguments.options.recover(&manifest, context)?;
        if let Some(died) = died
            && offer_resume(&died, &path, asks, context)?
        {
            let terms = arguments.plan_options.inputs();
            return resume::resume_plan(&manifest, Some(&died), &arguments.options, &terms, asks, context);
        }
    }
    let LoadedState { manifest, observations, now } = arguments.current_state.load(&path, &store, context)?;
    let document = block_on(planning::plan(&manifest, &observations, &store, &arguments.plan_options.inputs(), now))?;
    if !reviewed.is_empty()
        && let Some(exit) = check_reviewed(&document, &observations, &reviewed, context)?
    {
        return Ok(exit);
    }
    let handed_over = resume_plan::handed_over_run(&store, &manifest, &document, clock()?);
    if let Some(run) = block_on(handed_over)? {
        let what = "handed steps over to be done by hand, and nothing else is wished";
        context.output.print_stderr(&format!("{} {what}\n", escape(&run)));
        let terms = arguments.plan_options.inputs();
        return resume::resume_plan(&manifest, Some(&run), &arguments.options, &terms, asks, context);
    }
    show_plan(&document, &manifest.files, context)?;
    if has_error(&document.findings) {
        let problem = WorkflowError::new(WorkflowErrorKind::Denied, document.findings, manifest.files.clone());
        return Err(problem.into());
    }
    // Nobody is asked for what is going to be refused.
    preconditions::check_freeze(&manifest, &document, clock()?)?;
    preconditions::check_age(&manifest, &document, clock()?)?;
    if !document.operations.is_empty() && asks {
        let question = format!("apply {}? [y/N] ", plan::summarize_plan(&document));
        if !context.output.confirm(&question) {
            context.output.info("nothing was sent\n");
            return Ok(policy_exit(&document));
        }
    }
    execute(document, &manifest, arguments, context)
}

/// How it ends where the plan is not what was reviewed: says who differs. Nothing where it may be applied.
fn check_reviewed(
    document: &Plan,
    observations: &Observations,
    reviewed: &[ReviewedPlan],
    context: &mut CommandContext,
) -> Result<Option<Exit>, CliError> {
    let said = match reviewed::compare_with_reviewed(document, observations, reviewed) {
        ReviewMatch::Identical => "this is what was reviewed".to_owned(),
        ReviewMatch::Remainder { done: 0 } => "this is what was reviewed; only what is left out differs".to_owned(),
        ReviewMatch::Remainder { done } => {
            format!("this is what is left of what was reviewed; {} in effect", run_report::operations_are(done))
        }
        ReviewMatch::Empty => "nothing is left to do of what was reviewed, whatever it was".to_owned(),
        ReviewMatch::Differs(drift) => {
            match context.globals.document_format {
                DocumentFormat::Json => context.output.print(&json::pretty(&drift)?)?,
                DocumentFormat::Text => {
                    context.output.print(&drift_report::text(&drift, context.output.stdout_style()))?;
                    let look = context.output.stderr_style();
                    context.output.print_stderr(&findings::text(&drift.findings, &Files::default(), look));
                }
            }
            return Ok(Some(Exit::Stale));
        }
    };
    context.output.print_stderr(&format!("{said}\n"));
    Ok(None)
}

/// Offers to go on with the plan of a run that died; where nobody can be asked, says how.
fn offer_resume(died: &SmolStr, manifest: &Path, asks: bool, context: &mut CommandContext) -> Result<bool, CliError> {
    let store = context.store(manifest)?;
    let lost = block_on(resume_plan::lost_memberships(&store, died))?;
    if !lost.is_empty() {
        let shown: Vec<_> = lost.iter().take(NAMED_MAX).map(|one| escape(one).into_owned()).collect();
        let more = lost.len() - shown.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let run = escape(died);
        context.output.print_stderr(&format!(
            "memberships that {run} took along are given back when this run ends: {}{more}\n",
            shown.join(", ")
        ));
    }
    if context.output.is_interactive() && asks {
        let question = format!("go on with the plan of {}, instead of planning anew? [y/N] ", escape(died));
        return Ok(context.output.confirm(&question));
    }
    let place = context.follow_up_options(manifest);
    context.output.info(&format!("`reseat resume{place}` would go on with that plan; planning anew\n"));
    Ok(false)
}

/// Shows the plan before it is applied: with the run as text it is data, beside the run as JSON it is talk.
pub(super) fn show_plan(document: &Plan, files: &Files, context: &mut CommandContext) -> Result<(), CliError> {
    match context.globals.document_format {
        DocumentFormat::Text => {
            let text = plan::text(document, files, context.output.stdout_style());
            context.output.print(&format!("{text}\n"))?;
        }
        DocumentFormat::Json => {
            let text = plan::text(document, files, context.output.stderr_style());
            context.output.print_stderr(&text);
        }
    }
    Ok(())
}

/// Sends the plan, reports what came of it, and looks whether anything is left.
fn execute(document: Plan, manifest: &Manifest, arguments: &ApplyArgs, context: &mut CommandContext) -> CommandResult {
    let place = context.follow_up_options(&manifest.path);
    let asks = !arguments.yes && arguments.reviewed.is_empty();
    let job = ApplyJob {
        manifest,
        plan: document,
        inputs: arguments.plan_options.inputs(),
        resumes: None,
        follow_up_options: place,
        may_prompt: asks,
    };
    let (ended, is_over) = arguments.options.execute(job, context)?;
    if is_over {
        report_convergence(manifest, Some(&arguments.current_state), context);
    }
    Ok(ended)
}

/// Observes and plans again, and says what is left; the run is over, so that nothing here changes how it ended.
pub(super) fn report_convergence(
    manifest: &Manifest,
    current: Option<&CurrentStateArgs>,
    context: &mut CommandContext,
) {
    let left = || -> Result<Plan, CliError> {
        let clock = clock()?;
        let now = current.map_or_else(|| Ok(crate::env::Now::at(clock.time())), CurrentStateArgs::now)?;
        let observations =
            block_on(observe::observe_for_plan(manifest, &context.store(&manifest.path)?, context.read_access()?))?;
        block_on(planning::plan(manifest, &observations, &context.store(&manifest.path)?, &PlanInputs::default(), now))
    };
    let said = match left() {
        Ok(plan) if plan.operations.is_empty() => {
            let rest = run_report::summarize_left_out(&plan.summary);
            let rest = if rest.is_empty() { rest } else { format!("; {rest}") };
            format!("converged: planning again gives nothing to do{rest}\n")
        }
        Ok(plan) => {
            let left = run_report::count_operations(plan.operations.len());
            format!("not converged: planning again gives {left}\n")
        }
        Err(_) => "the tenants could not be read again; `reseat plan` tells what is left\n".to_owned(),
    };
    context.output.info(&said);
}
