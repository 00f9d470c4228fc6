//! The arguments of `reseat codeowners`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::FormatArgs;
use crate::cli::run::RunCommand;
use crate::workflow::codeowners::codeowners;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct CodeownersArgs {
    /// Manifest file or folder [default: .]
    #[arg(value_name = "MANIFEST")]
    path: Option<PathBuf>,
    /// Use this repository instead of the enclosing one
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Write the repository's CODEOWNERS files
    ///
    /// Replaces the section between the `# reseat` markers.
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    format: FormatArgs,
}

impl RunCommand for CodeownersArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("codeowners").manifest(self.path.as_deref())
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        codeowners(self.path.as_deref(), self.root.as_deref(), self.write, session)
    }
}
