//! `reseat observe`.

use clap::Args;

use super::current::tell_differences;
use super::{Context, Ended, wait};
use crate::cli::args::{Trust, When};
use crate::cli::exit::Exit;
use crate::cli::form::Format;
use crate::pipeline::{manifest, observe};
use crate::report::json;

/// What `observe` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Tenant of the manifest to read
    #[arg(value_name = "TENANT")]
    tenant: String,
    #[command(flatten)]
    trust: Trust,
    #[command(flatten)]
    when: When,
}

/// Prints the current state of a tenant, as a state file.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let manifest = manifest::load(&context.manifest(None)?, arguments.trust.path(), arguments.when.now()?)?;
    tell_differences(&manifest, context);
    let observations = wait(observe::ask(&manifest, Some(&arguments.tenant), context.looking()?))?;
    for observation in observations.values() {
        let text = match context.globals.format {
            Format::Text => observe::yaml(observation)?,
            Format::Json => json::pretty(observation)?,
        };
        context.output.data(&text)?;
    }
    Ok(Exit::Done)
}
