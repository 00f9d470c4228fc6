//! `reseat resume`.

use clap::Args;

use super::apply::look_again;
use super::running::{Job, Running};
use super::{Context, Ended, wait};
use crate::cli::args::{Consenting, Trust, clock};
use crate::cli::exit::Exit;
use crate::cli::form::Format;
use crate::env::Now;
use crate::report::escape::escape;
use crate::report::json;
use crate::workflow::make::Terms;
use crate::workflow::manifest::{self, Manifest};
use crate::workflow::resume::{self, Rest};

/// What `resume` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Run to go on with [default: the last one, if it is not complete]
    #[arg(value_name = "RUN")]
    run: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) trust: Trust,
    #[command(flatten)]
    consenting: Consenting,
    #[command(flatten)]
    running: Running,
}

/// Settles what is open, and goes on with the plan.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let path = context.manifest(None)?;
    let manifest = manifest::load(&path, arguments.trust.path(), Now::at(clock()?.time()))?;
    // What is open is settled before anything can speak against going on.
    arguments.running.settle(&manifest, context)?;
    let terms = arguments.consenting.terms();
    go_on(&manifest, arguments.run.as_deref(), &arguments.running, &terms, true, context)
}

/// Goes on with the plan of a run, or of the last one.
pub(super) fn go_on(
    manifest: &Manifest,
    run: Option<&str>,
    running: &Running,
    terms: &Terms,
    asks: bool,
    context: &mut Context,
) -> Ended {
    let store = context.store(&manifest.path)?;
    let (run, plan) = match wait(resume::rest(&store, run))? {
        Rest::Of { run, plan } => (run, plan),
        Rest::Nothing { why } => {
            match context.globals.format {
                Format::Text => context.output.remark(&format!("nothing to resume: {}\n", escape(&why))),
                Format::Json => context.output.data(&json::pretty(&resume::nothing())?)?,
            }
            return Ok(Exit::Done);
        }
    };
    if context.globals.format == Format::Text {
        context.output.remark(&format!("going on with the plan of {}\n", escape(&run)));
    }
    let place = context.place(&manifest.path);
    let plan = std::sync::Arc::unwrap_or_clone(plan);
    let job = Job { manifest, plan, terms: terms.clone(), resumes: Some(run), place, asks };
    let (ended, is_over) = running.carry_out(job, context)?;
    if is_over {
        look_again(manifest, None, context);
    }
    Ok(ended)
}
