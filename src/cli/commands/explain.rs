//! `reseat explain`.

use clap::Args;

use super::{Context, Ended};
use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::diagnostic::code;
use crate::report::{catalog, json};

/// What `explain` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Code of a finding, such as M101; without it all codes are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Prints one entry of the catalog, or all.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let look = context.output.data_look();
    let text = match (&arguments.code, context.globals.format) {
        (None, Format::Text) => catalog::list(code::all(), look),
        (None, Format::Json) => json::pretty(&catalog::entries(code::all()))?,
        (Some(id), format) => {
            let code = code::find(id.trim()).ok_or_else(|| {
                Failure::usage(format!("there is no code `{id}`")).help("`reseat explain` lists all codes")
            })?;
            match format {
                Format::Text => catalog::entry(code, look),
                Format::Json => json::pretty(&catalog::Entry::of(code))?,
            }
        }
    };
    context.output.data(&text)?;
    Ok(Exit::Done)
}
