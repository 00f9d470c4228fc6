//! `reseat observe`.

use std::path::PathBuf;

use clap::Args;

use super::current_state::print_differences;
use super::{CommandContext, CommandResult, block_on};
use crate::cli::args::{DateArgs, TrustArgs};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output_format::DocumentFormat;
use crate::report::escape::escape;
use crate::workflow::state_files::{self, StateFileFormat};
use crate::workflow::{manifest, observe};

/// What `observe` takes.
#[derive(Debug, Args)]
pub struct ObserveArgs {
    /// Tenants of the manifest to read [default: all]
    #[arg(value_name = "TENANT")]
    pub(in crate::cli) tenants: Vec<String>,
    /// Folder to write a state file a tenant to, for `--state`; it is made where it is not there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    #[command(flatten)]
    date: DateArgs,
}

/// Prints the current state of a tenant as a state file, or writes one for each.
pub(crate) fn run(arguments: &ObserveArgs, context: &mut CommandContext) -> CommandResult {
    let manifest = manifest::load(&context.manifest_path(None)?, arguments.trust.path(), arguments.date.now()?)?;
    print_differences(&manifest, context);
    let named = if arguments.tenants.is_empty() { manifest.desired.tenants.len() } else { arguments.tenants.len() };
    if arguments.out.is_none() && named > 1 {
        let message = format!("{named} tenants do not fit into one state file");
        return Err(CliError::usage(message).with_help("name one tenant, or write a file each with `--out DIR`"));
    }
    let observations = block_on(observe::observe_tenants(&manifest, &arguments.tenants, context.read_access()?))?;
    let form = match context.globals.document_format {
        DocumentFormat::Text => StateFileFormat::Yaml,
        DocumentFormat::Json => StateFileFormat::Json,
    };
    let Some(out) = &arguments.out else {
        for observation in observations.values() {
            context.output.print(&state_files::to_text(observation, form)?)?;
        }
        return Ok(Exit::Done);
    };
    for path in state_files::write(&observations, out, form)? {
        context.output.info(&format!("wrote {}\n", escape(&path.to_string_lossy())));
    }
    Ok(Exit::Done)
}
