//! The arguments of `reseat diff`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{CurrentStateArgs, FormatArgs};
use crate::cli::run::RunCommand;
use crate::workflow::diff::diff;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// Manifest file or folder [default: .]
    #[arg(value_name = "MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    current_state: CurrentStateArgs,
    /// Exit with 10 for differences, 11 for a loss
    ///
    /// Destroyed data counts as a loss.
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    format: FormatArgs,
}

impl RunCommand for DiffArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        self.current_state.needs(["diff", "diff --state"]).manifest(self.path.as_deref())
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let source = self.current_state.source(session);
        diff(self.path.as_deref(), &source, self.detailed_exitcode, session).await
    }
}
