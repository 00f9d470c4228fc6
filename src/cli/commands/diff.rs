//! `reseat diff`.

use std::path::PathBuf;

use clap::Args;

use super::current::{Current, Situation, tell_differences};
use super::{Context, Ended};
use crate::cli::exit::Exit;
use crate::cli::form::Format;
use crate::report::{diff, json};
use crate::workflow::compare;

/// What `diff` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(value_name = "MANIFEST")]
    pub(in crate::cli) path: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) current: Current,
    /// Exit with 10 when something differs, and with 11 when somebody would lose a seat or data
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Prints current against desired.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let path = context.manifest(arguments.path.as_deref())?;
    let store = context.memory(&path, arguments.current.trusted())?;
    let Situation { manifest, observations, now } = arguments.current.read(&path, &store, context)?;
    tell_differences(&manifest, context);
    let differences = compare::compare(&manifest, &observations, now);
    let text = match context.globals.format {
        Format::Text => diff::text(&differences.diff, context.output.data_look()),
        Format::Json => json::pretty(&differences.diff)?,
    };
    context.print(&text)?;
    if differences.diff.is_empty() && context.globals.format == Format::Text {
        context.output.remark("nothing differs\n");
    }
    Ok(match (arguments.detailed_exitcode, differences.diff.is_empty(), differences.hurts) {
        (false, ..) | (_, true, _) => Exit::Done,
        (true, false, false) => Exit::Changes,
        (true, false, true) => Exit::Losses,
    })
}
