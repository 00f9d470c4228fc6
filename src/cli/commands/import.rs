//! `reseat import`.

use std::path::PathBuf;

use clap::Args;
use similar::TextDiff;

use super::{CommandContext, CommandResult, block_on};
use crate::cli::args::DateArgs;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output_format::DocumentFormat;
use crate::report::{escape, import as report, json};
use crate::workflow::{import, manifest, observe};

/// What `import` takes.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Tenant of the manifest to import
    #[arg(value_name = "TENANT")]
    pub(in crate::cli) tenant: String,
    /// State file to use instead of asking the tenant
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state: Option<PathBuf>,
    /// File for what stands nowhere yet, or a folder for it [default: assignments/TENANT.yaml in the manifest's folder]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    date: DateArgs,
}

/// Writes what is missing in the manifest, and says what it cannot say.
pub(crate) fn run(arguments: &ImportArgs, context: &mut CommandContext) -> CommandResult {
    let now = arguments.date.now()?;
    let path = context.manifest_path(None)?;
    let states: Vec<PathBuf> = arguments.state.iter().cloned().collect();
    let (manifest, states) = observe::read_state_files_during(&states, || manifest::load(&path, None, now));
    let manifest = manifest?;
    let tenant = manifest.tenant(&arguments.tenant)?.0.name.clone();
    let mut observations = match arguments.state {
        Some(_) => observe::validate_state_files(&manifest, states)?,
        None => block_on(observe::observe_tenants(&manifest, std::slice::from_ref(&tenant), context.read_access()?))?,
    };
    let Some(observation) = observations.remove(&tenant) else {
        return Err(CliError::new(Exit::Input, format!("the state file is not of tenant `{tenant}`")));
    };
    let imported = import::prepare(&manifest, &observation, arguments.out.as_deref(), now)?;
    if !arguments.dry_run {
        import::write(&imported.drafts)?;
    }
    match context.globals.document_format {
        DocumentFormat::Json => context.output.print(&json::pretty(&imported.import)?)?,
        DocumentFormat::Text if arguments.dry_run => {
            for file in &imported.import.files {
                let before = imported.before(&file.path);
                let name = escape::escape(&file.path);
                let diff = TextDiff::from_lines(&*before, &file.text);
                let mut unified = diff.unified_diff();
                context.output.print(&unified.header(&name, &name).to_string())?;
            }
        }
        DocumentFormat::Text => {}
    }
    context.output.print_stderr(&report::text(&imported.import, arguments.dry_run));
    Ok(Exit::Done)
}
