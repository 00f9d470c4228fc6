//! `reseat schema`.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::{CommandContext, CommandResult};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::workflow::schema::{SCHEMA_FORMATS, SchemaFormat};

/// What `schema` takes.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Format to describe
    #[arg(value_name = "FORMAT", default_value = "manifest", value_parser = schema_names())]
    name: String,
}

/// The names of all formats, with what is written in them.
fn schema_names() -> PossibleValuesParser {
    SCHEMA_FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.description)).into()
}

/// Prints the schema.
pub(crate) fn run(arguments: &SchemaArgs, context: &mut CommandContext) -> CommandResult {
    let format = SchemaFormat::find(&arguments.name);
    let format = format.ok_or_else(|| CliError::usage(format!("there is no format `{}`", arguments.name)))?;
    context.output.print(&format.to_json()?)?;
    Ok(Exit::Done)
}
