//! `reseat init`.

use std::fmt::Write as _;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Context, Ended};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::env::Clock;
use crate::report::escape::escape;
use crate::workflow::starter;

/// What `init` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Vendors to start with; without any, all that have a profile
    #[arg(value_name = "VENDOR", value_parser = PossibleValuesParser::new(starter::vendors()))]
    vendors: Vec<String>,
}

/// Writes the files, and says which and what to do next.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let folder = context.manifest(None)?;
    let clock = Clock::from_environment().map_err(Failure::usage)?;
    let written = starter::write(&folder, &arguments.vendors, clock.time())?;
    let mut text = String::new();
    for path in written {
        let _ = writeln!(text, "wrote {}", escape(&path.to_string_lossy()));
    }
    context.output.remark(&text);
    context.output.remark("edit reseat.yaml, then: reseat validate, reseat plan, reseat apply\n");
    Ok(Exit::Done)
}
