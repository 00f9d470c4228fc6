//! `reseat doctor`.

use clap::Args;

use super::current_state::print_differences;
use super::{CommandContext, CommandResult, block_on};
use crate::cli::args::{DateArgs, TrustArgs};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output_format::DocumentFormat;
use crate::report::{doctor as report, json};
use crate::workflow::{doctor, manifest};

/// What `doctor` takes.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Tenant of the manifest to look at [default: all]
    #[arg(value_name = "TENANT")]
    tenant: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    #[command(flatten)]
    date: DateArgs,
}

/// Looks at the store and the tenants, and says what to do about what is not as it should be.
pub(crate) fn run(arguments: &DoctorArgs, context: &mut CommandContext) -> CommandResult {
    let path = context.manifest_path(None)?;
    let manifest = manifest::load(&path, arguments.trust.path(), arguments.date.now()?)?;
    print_differences(&manifest, context);
    let store = context.store(&path);
    let access = context.write_access()?;
    let looking = doctor::diagnose(&manifest, arguments.tenant.as_deref(), store, access);
    let found = block_on(looking)?;
    let text = match context.globals.document_format {
        DocumentFormat::Text => report::text(&found.diagnosis, context.output.stdout_style()),
        DocumentFormat::Json => json::pretty(&found.diagnosis)?,
    };
    context.output.print(&text)?;
    Ok(found.kind.map_or(Exit::Done, CliError::exit_for))
}
