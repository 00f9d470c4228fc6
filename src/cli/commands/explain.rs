//! The arguments of `reseat explain`.

use clap::Args;

use crate::cli::args::FormatArgs;
use crate::cli::run::RunCommand;
use crate::workflow::explain::explain;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Finding code, such as M101, or policy rule [default: list all]
    #[arg(value_name = "CODE|RULE")]
    code: Option<String>,
    #[command(flatten)]
    format: FormatArgs,
}

impl RunCommand for ExplainArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("explain")
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        explain(self.code.as_deref(), session)
    }
}
