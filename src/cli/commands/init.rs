//! `reseat init`.

use std::fmt::Write as _;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{CommandContext, CommandResult};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::env::Clock;
use crate::report::escape::escape;
use crate::workflow::init;

/// What `init` takes.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Vendors to start with; without any, all that have a profile
    #[arg(value_name = "VENDOR", value_parser = PossibleValuesParser::new(init::vendors()))]
    vendors: Vec<String>,
}

/// Writes the files, and says which and what to do next.
pub(crate) fn run(arguments: &InitArgs, context: &mut CommandContext) -> CommandResult {
    let folder = context.manifest_path(None)?;
    let clock = Clock::from_environment().map_err(CliError::usage)?;
    let written = init::write(&folder, &arguments.vendors, clock.time())?;
    let mut text = String::new();
    for path in written {
        let _ = writeln!(text, "wrote {}", escape(&path.to_string_lossy()));
    }
    context.output.info(&text);
    context.output.info("edit reseat.yaml, then: reseat validate, reseat plan, reseat apply\n");
    Ok(Exit::Done)
}
