//! The arguments of `reseat history`.

use clap::{Args, Subcommand};

use crate::cli::args::FormatArgs;
use crate::cli::run::RunCommand;
use crate::workflow::history;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct HistoryArgs {
    /// List the last N runs
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    format: FormatArgs,
    #[command(subcommand)]
    command: Option<HistoryCommand>,
}

#[derive(Debug, Subcommand)]
enum HistoryCommand {
    /// Show one run with all operations and the vendor's answers
    Show {
        /// Run, such as run-20261122-021140-1
        #[arg(value_name = "RUN")]
        run: String,
        #[command(flatten)]
        format: FormatArgs,
    },
}

impl RunCommand for HistoryArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("history").manifest(None).uses_store()
    }

    fn is_json(&self) -> bool {
        match &self.command {
            None => self.format.is_json(),
            Some(HistoryCommand::Show { format, .. }) => format.is_json(),
        }
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        match &self.command {
            None => history::list(self.limit, session).await,
            Some(HistoryCommand::Show { run, .. }) => history::show(run, session).await,
        }
    }
}
