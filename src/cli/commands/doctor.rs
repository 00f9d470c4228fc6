//! `reseat doctor`.

use clap::Args;

use super::current::tell_differences;
use super::{Context, Ended, wait};
use crate::cli::args::{Trust, When};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::report::{doctor as report, json};
use crate::workflow::{doctor, manifest};

/// What `doctor` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Tenant of the manifest to look at [default: all]
    #[arg(value_name = "TENANT")]
    tenant: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) trust: Trust,
    #[command(flatten)]
    when: When,
}

/// Looks at the store and the tenants, and says what to do about what is not as it should be.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let path = context.manifest(None)?;
    let manifest = manifest::load(&path, arguments.trust.path(), arguments.when.now()?)?;
    tell_differences(&manifest, context);
    let store = context.store(&path);
    let access = context.changing()?;
    let looking = doctor::examine_all(&manifest, arguments.tenant.as_deref(), store, access);
    let found = wait(looking)?;
    let text = match context.globals.format {
        Format::Text => report::text(&found.diagnosis, context.output.data_look()),
        Format::Json => json::pretty(&found.diagnosis)?,
    };
    context.output.data(&text)?;
    Ok(found.kind.map_or(Exit::Done, Failure::exit_of))
}
