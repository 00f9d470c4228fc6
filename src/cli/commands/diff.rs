//! `reseat diff`.

use std::path::PathBuf;

use clap::Args;

use super::current_state::{CurrentStateArgs, LoadedState, print_differences};
use super::{CommandContext, CommandResult};
use crate::cli::exit::Exit;
use crate::cli::output_format::DocumentFormat;
use crate::report::{diff, json};
use crate::workflow::diff as compare;

/// What `diff` takes.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(value_name = "MANIFEST")]
    pub(in crate::cli) path: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) current_state: CurrentStateArgs,
    /// Exit with 10 when something differs, and with 11 when somebody would lose a seat or data
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Prints current against desired.
pub(crate) fn run(arguments: &DiffArgs, context: &mut CommandContext) -> CommandResult {
    let path = context.manifest_path(arguments.path.as_deref())?;
    let store = context.history_store(&path, arguments.current_state.trusted())?;
    let LoadedState { manifest, observations, now } = arguments.current_state.load(&path, &store, context)?;
    print_differences(&manifest, context);
    let differences = compare::compare(&manifest, &observations, now);
    let text = match context.globals.document_format {
        DocumentFormat::Text => diff::text(&differences.diff, context.output.stdout_style()),
        DocumentFormat::Json => json::pretty(&differences.diff)?,
    };
    context.print(&text)?;
    if differences.diff.is_empty() && context.globals.document_format == DocumentFormat::Text {
        context.output.info("nothing differs\n");
    }
    Ok(match (arguments.detailed_exitcode, differences.diff.is_empty(), differences.has_loss) {
        (false, ..) | (_, true, _) => Exit::Done,
        (true, false, false) => Exit::Changes,
        (true, false, true) => Exit::Losses,
    })
}
