//! `reseat show`.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Ended};
use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::diagnostic::Files;
use crate::pipeline::plan_file;
use crate::report::{json, plan};

/// What `show` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// File that `plan --out` wrote
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
}

/// Prints the plan, if nobody altered it.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let document = plan_file::read(&arguments.plan)?;
    let text = match context.globals.format {
        Format::Text => plan::text(&document, &Files::default(), context.output.data_look()),
        Format::Json => json::pretty(&document)?,
    };
    context.output.data(&text)?;
    Ok(Exit::Done)
}
