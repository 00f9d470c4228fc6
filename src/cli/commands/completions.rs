//! `reseat completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{CommandContext, CommandResult};
use crate::cli::args::CommandLine;
use crate::cli::exit::Exit;

/// What `completions` takes.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Shell to complete for
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(arguments: &CompletionsArgs, context: &mut CommandContext) -> CommandResult {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut CommandLine::command(), "reseat", &mut script);
    context.output.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
