//! `reseat undo`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::execution::{ApplyJob, ApplyOptions};
use super::plan::policy_exit;
use super::{CommandContext, CommandResult, apply, block_on};
use crate::cli::args::{PlanOptions, TrustArgs, clock};
use crate::cli::error::CliError;
use crate::cli::output_format::DocumentFormat;
use crate::diagnostic::has_error;
use crate::env::Now;
use crate::model::Plan;
use crate::report::escape::escape;
use crate::report::run as run_report;
use crate::report::{json, plan};
use crate::workflow::manifest::{self, Manifest};
use crate::workflow::{WorkflowError, WorkflowErrorKind, plan as planning, preconditions, undo};

/// What `undo` takes.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// Run to take back, as `reseat history` names it
    #[arg(value_name = "RUN")]
    run: String,
    /// Write the plan to this file, for `apply` and `show`, and apply nothing
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    #[command(flatten)]
    plan_options: PlanOptions,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    options: ApplyOptions,
}

/// Plans back what a run changed, shows it, asks, and applies; with `--out`, writes the plan and applies nothing.
pub(crate) fn run(arguments: &UndoArgs, context: &mut CommandContext) -> CommandResult {
    if arguments.out.is_none() && !arguments.yes && !context.output.is_interactive() {
        return Err(CliError::usage("there is no terminal to ask on")
            .with_help("undo with `--yes`, or write the plan with `--out plan.json` and apply that"));
    }
    let path = context.manifest_path(None)?;
    let manifest = manifest::load(&path, arguments.trust.path(), Now::at(clock()?.time()))?;
    if arguments.out.is_none() {
        // What a run that died left open comes first: it may be the one that is undone.
        arguments.options.recover(&manifest, context)?;
    }
    let document = make_plan(&manifest, arguments, context)?;
    if let Some(out) = &arguments.out {
        return write_plan(&document, out, &manifest, context);
    }
    apply::show_plan(&document, &manifest.files, context)?;
    if has_error(&document.findings) {
        let problem = WorkflowError::new(WorkflowErrorKind::Denied, document.findings, manifest.files.clone());
        return Err(problem.into());
    }
    preconditions::check_freeze(&manifest, &document, clock()?)?;
    if document.operations.is_empty() {
        context.output.info(&format!("nothing to undo of {}\n", escape(&arguments.run)));
        if context.globals.document_format == DocumentFormat::Json {
            context.output.print(&json::pretty(&crate::workflow::resume::empty_run())?)?;
        }
        return Ok(policy_exit(&document));
    }
    if !arguments.yes {
        let question = format!("undo {}: apply {}? [y/N] ", escape(&arguments.run), plan::summarize_plan(&document));
        if !context.output.confirm(&question) {
            context.output.info("nothing was sent\n");
            return Ok(policy_exit(&document));
        }
    }
    let place = context.follow_up_options(&manifest.path);
    let terms = arguments.plan_options.inputs();
    let job = ApplyJob {
        manifest: &manifest,
        plan: document,
        inputs: terms,
        resumes: None,
        follow_up_options: place,
        may_prompt: !arguments.yes,
    };
    let (ended, is_over) = arguments.options.execute(job, context)?;
    if is_over {
        report_rest(&manifest, arguments, context);
    }
    Ok(ended)
}

fn make_plan(manifest: &Manifest, arguments: &UndoArgs, context: &CommandContext) -> Result<Plan, CliError> {
    let store = context.store(&manifest.path)?;
    block_on(undo::plan(manifest, &store, &arguments.run, &arguments.plan_options.inputs(), context.read_access()?))
}

/// Writes the plan, and shows it as `plan` does.
fn write_plan(document: &Plan, out: &Path, manifest: &Manifest, context: &mut CommandContext) -> CommandResult {
    planning::write(document, out)?;
    let text = match context.globals.document_format {
        DocumentFormat::Text => plan::text(document, &manifest.files, context.output.stdout_style()),
        DocumentFormat::Json => json::pretty(document)?,
    };
    context.output.print(&text)?;
    let out = escape(&out.to_string_lossy()).into_owned();
    let next = if has_error(&document.findings) || document.operations.is_empty() {
        String::new()
    } else {
        format!("; apply it with `reseat apply {out}{}`", context.follow_up_options(&manifest.path))
    };
    context.output.info(&format!("wrote {out}{next}\n"));
    Ok(policy_exit(document))
}

/// Plans the undo again, and says what is left of it.
fn report_rest(manifest: &Manifest, arguments: &UndoArgs, context: &mut CommandContext) {
    let run = escape(&arguments.run).into_owned();
    let said = match make_plan(manifest, arguments, context) {
        Ok(plan) if plan.operations.is_empty() => {
            let rest = run_report::summarize_left_out(&plan.summary);
            let rest = if rest.is_empty() { rest } else { format!("; {rest}") };
            format!("undone: nothing of {run} is left to take back{rest}\n")
        }
        Ok(plan) => {
            format!("not undone: {} are left; run it again\n", run_report::count_operations(plan.operations.len()))
        }
        Err(_) => format!("the tenants could not be read again; `reseat undo {run}` tells what is left\n"),
    };
    context.output.info(&said);
}
