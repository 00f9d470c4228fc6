//! `reseat undo`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::plan::verdict;
use super::running::{Job, Running};
use super::{Context, Ended, apply, wait};
use crate::cli::args::{Saying, Trust, clock};
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::diagnostic::has_error;
use crate::env::Now;
use crate::model::Plan;
use crate::report::escape::escape;
use crate::report::run as run_report;
use crate::report::{json, plan};
use crate::workflow::manifest::{self, Manifest};
use crate::workflow::{Kind, Problem, clearance, make, undo};

/// What `undo` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Run to take back, as `reseat history` names it
    #[arg(value_name = "RUN")]
    run: String,
    /// Write the plan to this file, for `apply` and `show`, and apply nothing
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: Trust,
    #[command(flatten)]
    saying: Saying,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    running: Running,
}

/// Plans back what a run changed, shows it, asks, and applies; with `--out`, writes the plan and applies nothing.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    if arguments.out.is_none() && !arguments.yes && !context.output.can_ask() {
        return Err(Failure::usage("there is no terminal to ask on")
            .help("undo with `--yes`, or write the plan with `--out plan.json` and apply that"));
    }
    let path = context.manifest(None)?;
    let manifest = manifest::load(&path, arguments.trust.path(), Now::at(clock()?.time()))?;
    if arguments.out.is_none() {
        // What a run that died left open comes first: it may be the one that is undone.
        arguments.running.settle(&manifest, context)?;
    }
    let document = make_plan(&manifest, arguments, context)?;
    if let Some(out) = &arguments.out {
        return write(&document, out, &manifest, context);
    }
    apply::show(&document, &manifest.files, context)?;
    if has_error(&document.findings) {
        let problem = Problem::new(Kind::Denied, document.findings, manifest.files.clone());
        return Err(problem.into());
    }
    clearance::check_freeze(&manifest, &document, clock()?)?;
    if document.operations.is_empty() {
        context.output.remark(&format!("nothing to undo of {}\n", escape(&arguments.run)));
        if context.globals.format == Format::Json {
            context.output.data(&json::pretty(&crate::workflow::resume::nothing())?)?;
        }
        return Ok(verdict(&document));
    }
    if !arguments.yes {
        let question = format!("undo {}: apply {}? [y/N] ", escape(&arguments.run), plan::deeds(&document));
        if !context.output.ask(&question) {
            context.output.remark("nothing was sent\n");
            return Ok(verdict(&document));
        }
    }
    let place = context.place(&manifest.path);
    let terms = arguments.saying.terms();
    let job = Job { manifest: &manifest, plan: document, terms, resumes: None, place, asks: !arguments.yes };
    let (ended, is_over) = arguments.running.carry_out(job, context)?;
    if is_over {
        look_again(&manifest, arguments, context);
    }
    Ok(ended)
}

fn make_plan(manifest: &Manifest, arguments: &Arguments, context: &Context) -> Result<Plan, Failure> {
    let store = context.store(&manifest.path)?;
    wait(undo::plan(manifest, &store, &arguments.run, &arguments.saying.terms(), context.looking()?))
}

/// Writes the plan, and shows it as `plan` does.
fn write(document: &Plan, out: &Path, manifest: &Manifest, context: &mut Context) -> Ended {
    make::write(document, out)?;
    let text = match context.globals.format {
        Format::Text => plan::text(document, &manifest.files, context.output.data_look()),
        Format::Json => json::pretty(document)?,
    };
    context.output.data(&text)?;
    let out = escape(&out.to_string_lossy()).into_owned();
    let next = if has_error(&document.findings) || document.operations.is_empty() {
        String::new()
    } else {
        format!("; apply it with `reseat apply {out}{}`", context.place(&manifest.path))
    };
    context.output.remark(&format!("wrote {out}{next}\n"));
    Ok(verdict(document))
}

/// Plans the undo again, and says what is left of it.
fn look_again(manifest: &Manifest, arguments: &Arguments, context: &mut Context) {
    let run = escape(&arguments.run).into_owned();
    let said = match make_plan(manifest, arguments, context) {
        Ok(plan) if plan.operations.is_empty() => {
            let rest = run_report::left_out(&plan.summary);
            let rest = if rest.is_empty() { rest } else { format!("; {rest}") };
            format!("undone: nothing of {run} is left to take back{rest}\n")
        }
        Ok(plan) => format!("not undone: {} are left; run it again\n", run_report::operations(plan.operations.len())),
        Err(_) => format!("the tenants could not be read again; `reseat undo {run}` tells what is left\n"),
    };
    context.output.remark(&said);
}
