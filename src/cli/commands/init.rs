//! The arguments of `reseat init`.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::args::FormatArgs;
use crate::cli::run::RunCommand;
use crate::workflow::init;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Vendors [default: all]
    #[arg(value_name = "VENDOR", value_parser = PossibleValuesParser::new(init::vendors()))]
    vendors: Vec<String>,
    #[command(flatten)]
    format: FormatArgs,
}

impl RunCommand for InitArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("init")
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        init::init(&self.vendors, session)
    }
}
