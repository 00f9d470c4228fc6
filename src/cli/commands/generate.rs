//! The arguments of `reseat generate`, which is hidden: it only serves benchmarks.

use std::path::PathBuf;

use clap::Args;

use crate::cli::generate::SyntheticTenant;
use crate::cli::run::RunCommand;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// Folder for `manifest/` and `state.json`
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Generate this many people
    #[arg(long, default_value_t = 10_000)]
    people: u64,
    /// Split the assignments into this many files
    #[arg(long, default_value_t = 1)]
    files: u64,
    /// Change this many of a thousand people
    #[arg(long, default_value_t = 10)]
    changes: u64,
    /// Generate attributes and custom policy rules
    #[arg(long)]
    rules: bool,
}

impl RunCommand for GenerateArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("generate")
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let Self { folder, people, files, changes, rules } = self;
        let tenant = SyntheticTenant { people: *people, files: *files, changes: *changes, rules: *rules };
        let shown = folder.display();
        tenant.write(folder).map_err(|error| {
            WorkflowError::message(Exit::Input, format!("cannot write to `{shown}`: {error}"))
                .with_help("name a new folder")
        })?;
        session.ui.info(&format!("wrote {shown}; try `reseat plan {shown}/manifest --state {shown}/state.json`\n"));
        Ok(Exit::Done)
    }
}
