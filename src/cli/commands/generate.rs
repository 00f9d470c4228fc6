//! `reseat generate`: worlds for measurements; hidden from the help, for it serves those who work on reseat.

use std::path::PathBuf;

use clap::Args;

use super::{CommandContext, CommandResult};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::generate::SyntheticTenant;

/// What `generate` takes.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// Folder to write `manifest/` and `state.json` into
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// How many people there are
    #[arg(long, default_value_t = 10_000)]
    people: u64,
    /// How many files the assignments are split into
    #[arg(long, default_value_t = 1)]
    files: u64,
    /// How many of a thousand people differ between manifest and state
    #[arg(long, default_value_t = 10)]
    changes: u64,
    /// Give people attributes, and the policy rules of its own that ask for them
    #[arg(long)]
    rules: bool,
}

/// Writes a world.
pub(crate) fn run(arguments: &GenerateArgs, context: &mut CommandContext) -> CommandResult {
    let GenerateArgs { folder: _, people, files, changes, rules } = *arguments;
    let world = SyntheticTenant { people, files, changes, rules };
    let folder = arguments.folder.display();
    world.write(&arguments.folder).map_err(|error| {
        CliError::new(Exit::Input, format!("writing a world into `{folder}` failed: {error}"))
            .with_help("give a folder that does not exist yet")
    })?;
    context.output.info(&format!("wrote {folder}; try `reseat plan {folder}/manifest --state {folder}/state.json`\n"));
    Ok(Exit::Done)
}
