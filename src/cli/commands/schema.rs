//! `reseat schema`.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::{Context, Ended};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::workflow::schema::{FORMATS, Format};

/// What `schema` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Format to describe
    #[arg(value_name = "FORMAT", default_value = "manifest", value_parser = names())]
    name: String,
}

/// The names of all formats, with what is written in them.
fn names() -> PossibleValuesParser {
    FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.about)).into()
}

/// Prints the schema.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let format = Format::find(&arguments.name);
    let format = format.ok_or_else(|| Failure::usage(format!("there is no format `{}`", arguments.name)))?;
    context.output.data(&format.text()?)?;
    Ok(Exit::Done)
}
