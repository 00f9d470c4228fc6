//! `reseat schema`.

use clap::{Args, ValueEnum};

use super::{Context, Ended};
use crate::cli::exit::Exit;
use crate::pipeline::schema::Format;

/// What `schema` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Format to describe
    #[arg(value_enum, value_name = "FORMAT", default_value_t = Choice::Manifest)]
    name: Choice,
}

/// The formats that have a schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Choice {
    /// What people edit.
    Manifest,
    /// What `observe` prints, what `--state` takes, and what the `file` adapter keeps.
    Observation,
    /// What `plan --out` writes.
    Plan,
    /// What `apply --format json` prints.
    Run,
    /// What `--events FILE` writes, a line each.
    Event,
    /// What `policy test --format json` prints.
    PolicyTest,
    /// A line of `audit export`.
    Audit,
    /// What the program of an `exec` adapter reads, a line each.
    ExecRequest,
    /// What the program of an `exec` adapter writes, a line each.
    ExecAnswer,
    /// What `import --format json` prints.
    Import,
    /// What `emulate --knobs` takes.
    Knobs,
    /// What `doctor --format json` prints.
    Doctor,
}

/// Prints the schema.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let format = match arguments.name {
        Choice::Manifest => Format::Manifest,
        Choice::Observation => Format::Observation,
        Choice::Plan => Format::Plan,
        Choice::Run => Format::Run,
        Choice::Event => Format::Event,
        Choice::PolicyTest => Format::PolicyTest,
        Choice::Audit => Format::Audit,
        Choice::ExecRequest => Format::ExecRequest,
        Choice::ExecAnswer => Format::ExecAnswer,
        Choice::Import => Format::Import,
        Choice::Knobs => Format::Knobs,
        Choice::Doctor => Format::Doctor,
    };
    context.output.data(&format.text()?)?;
    Ok(Exit::Done)
}
