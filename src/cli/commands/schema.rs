//! `reseat schema`.

use clap::{Args, ValueEnum};

use super::{Context, Ended};
use crate::cli::exit::Exit;
use crate::pipeline::schema::Format;

/// What `schema` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Format to describe
    #[arg(value_enum, value_name = "FORMAT", default_value_t = Choice::Plan)]
    name: Choice,
}

/// The formats that have a schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Choice {
    /// What `observe` prints, what `--state` takes, and what the `file` adapter keeps.
    Observation,
    /// What `plan --out` writes.
    Plan,
}

/// Prints the schema.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let format = match arguments.name {
        Choice::Observation => Format::Observation,
        Choice::Plan => Format::Plan,
    };
    context.output.data(&format.text()?)?;
    Ok(Exit::Done)
}
