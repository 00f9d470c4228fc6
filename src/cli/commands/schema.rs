//! The arguments of `reseat schema`.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::cli::run::RunCommand;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::schema::{SCHEMA_FORMATS, SchemaFormat};
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Format
    #[arg(value_name = "FORMAT", default_value = "manifest", value_parser = schema_names())]
    name: String,
}

fn schema_names() -> PossibleValuesParser {
    SCHEMA_FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.description)).into()
}

impl RunCommand for SchemaArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("schema")
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let format = SchemaFormat::find(&self.name)
            .ok_or_else(|| WorkflowError::usage(format!("unknown format `{}`", self.name)))?;
        session.ui.print(&format.to_json()?)?;
        Ok(Exit::Done)
    }
}
