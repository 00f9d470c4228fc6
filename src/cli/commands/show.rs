//! `reseat show`.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Ended};
use crate::cli::args::{Trust, clock};
use crate::cli::exit::Exit;
use crate::cli::form::{Form, Format};
use crate::cli::paper::Paper;
use crate::diagnostic::Files;
use crate::env::Now;
use crate::report::markdown::{Limit, markdown};
use crate::report::review::Review;
use crate::report::{html, json, plan};
use crate::workflow::{manifest, plan_file, runbook};

/// What `show` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// File that `plan --out` wrote
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) trust: Trust,
    #[command(flatten)]
    paper: Paper,
}

/// Prints the plan, if nobody altered it.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    arguments.paper.check(context.globals.form)?;
    let document = plan_file::read(&arguments.plan)?;
    let text = match (context.globals.form, context.globals.format) {
        (Form::Runbook, _) => {
            // A plan does not say what its tenants are; the manifest does.
            let path = context.manifest(None)?;
            let clock = clock()?;
            let manifest = manifest::load(&path, arguments.trust.path(), Now::at(clock.time()))?;
            let command = format!("reseat resume{}", context.place(&path));
            runbook::preview(&manifest, &document, &command, clock)?
        }
        (Form::Markdown, _) => markdown(&Review::of(&document), &arguments.paper.reader(Limit::GITHUB)),
        (Form::Html, _) => html::html(&Review::of(&document), &Files::default()),
        (_, Format::Text) => plan::text(&document, &Files::default(), context.output.data_look()),
        (_, Format::Json) => json::pretty(&document)?,
    };
    context.print(&text)?;
    Ok(Exit::Done)
}
