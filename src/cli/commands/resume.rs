//! `reseat resume`.

use clap::Args;

use super::apply::report_convergence;
use super::execution::{ApplyJob, ApplyOptions};
use super::{CommandContext, CommandResult, block_on};
use crate::cli::args::{ApprovalArgs, TrustArgs, clock};
use crate::cli::exit::Exit;
use crate::cli::output_format::DocumentFormat;
use crate::env::Now;
use crate::report::escape::escape;
use crate::report::json;
use crate::workflow::manifest::{self, Manifest};
use crate::workflow::plan::PlanInputs;
use crate::workflow::resume::{self, ResumeTarget};

/// What `resume` takes.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// Run to go on with [default: the last one, if it is not complete]
    #[arg(value_name = "RUN")]
    run: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    #[command(flatten)]
    approvals: ApprovalArgs,
    #[command(flatten)]
    options: ApplyOptions,
}

/// Settles what is open, and goes on with the plan.
pub(crate) fn run(arguments: &ResumeArgs, context: &mut CommandContext) -> CommandResult {
    let path = context.manifest_path(None)?;
    let manifest = manifest::load(&path, arguments.trust.path(), Now::at(clock()?.time()))?;
    // What is open is settled before anything can speak against going on.
    arguments.options.recover(&manifest, context)?;
    let terms = arguments.approvals.inputs();
    resume_plan(&manifest, arguments.run.as_deref(), &arguments.options, &terms, true, context)
}

/// Goes on with the plan of a run, or of the last one.
pub(super) fn resume_plan(
    manifest: &Manifest,
    run: Option<&str>,
    running: &ApplyOptions,
    terms: &PlanInputs,
    asks: bool,
    context: &mut CommandContext,
) -> CommandResult {
    let store = context.store(&manifest.path)?;
    let (run, plan) = match block_on(resume::find_target(&store, run))? {
        ResumeTarget::Plan { run, plan } => (run, plan),
        ResumeTarget::Nothing { why } => {
            match context.globals.document_format {
                DocumentFormat::Text => context.output.info(&format!("nothing to resume: {}\n", escape(&why))),
                DocumentFormat::Json => context.output.print(&json::pretty(&resume::empty_run())?)?,
            }
            return Ok(Exit::Done);
        }
    };
    if context.globals.document_format == DocumentFormat::Text {
        context.output.info(&format!("going on with the plan of {}\n", escape(&run)));
    }
    let place = context.follow_up_options(&manifest.path);
    let plan = std::sync::Arc::unwrap_or_clone(plan);
    let job = ApplyJob {
        manifest,
        plan,
        inputs: terms.clone(),
        resumes: Some(run),
        follow_up_options: place,
        may_prompt: asks,
    };
    let (ended, is_over) = running.execute(job, context)?;
    if is_over {
        report_convergence(manifest, None, context);
    }
    Ok(ended)
}
