//! `reseat completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Context, Ended};
use crate::cli::args::Cli;
use crate::cli::exit::Exit;

/// What `completions` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Shell to complete for
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "reseat", &mut script);
    context.output.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
