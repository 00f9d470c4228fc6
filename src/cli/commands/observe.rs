//! `reseat observe`.

use std::path::PathBuf;

use clap::Args;

use super::current::tell_differences;
use super::{Context, Ended, wait};
use crate::cli::args::{Trust, When};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::report::escape::escape;
use crate::workflow::state_files::{self, StateForm};
use crate::workflow::{manifest, observe};

/// What `observe` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Tenants of the manifest to read [default: all]
    #[arg(value_name = "TENANT")]
    pub(in crate::cli) tenants: Vec<String>,
    /// Folder to write a state file a tenant to, for `--state`; it is made where it is not there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: Trust,
    #[command(flatten)]
    when: When,
}

/// Prints the current state of a tenant as a state file, or writes one for each.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let manifest = manifest::load(&context.manifest(None)?, arguments.trust.path(), arguments.when.now()?)?;
    tell_differences(&manifest, context);
    let named = if arguments.tenants.is_empty() { manifest.desired.tenants.len() } else { arguments.tenants.len() };
    if arguments.out.is_none() && named > 1 {
        let message = format!("{named} tenants do not fit into one state file");
        return Err(Failure::usage(message).help("name one tenant, or write a file each with `--out DIR`"));
    }
    let observations = wait(observe::ask(&manifest, &arguments.tenants, context.looking()?))?;
    let form = match context.globals.format {
        Format::Text => StateForm::Yaml,
        Format::Json => StateForm::Json,
    };
    let Some(out) = &arguments.out else {
        for observation in observations.values() {
            context.output.data(&state_files::text(observation, form)?)?;
        }
        return Ok(Exit::Done);
    };
    for path in state_files::write(&observations, out, form)? {
        context.output.remark(&format!("wrote {}\n", escape(&path.to_string_lossy())));
    }
    Ok(Exit::Done)
}
