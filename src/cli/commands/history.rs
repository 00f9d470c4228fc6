//! `reseat history`.

use clap::Args;

use super::{Context, Ended, wait};
use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::pipeline;
use crate::report::{history, json};

/// What `history` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Runs to list, the newest first
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: u32,
}

/// Prints the last runs.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let manifest = context.manifest(None)?;
    let store = context.store(&manifest)?;
    let records = wait(pipeline::history::runs(&store, arguments.limit))?;
    let text = match context.globals.format {
        Format::Text => history::text(&records, context.output.data_look()),
        Format::Json => json::pretty(&history::document(&records)?)?,
    };
    context.output.data(&text)?;
    Ok(Exit::Done)
}
