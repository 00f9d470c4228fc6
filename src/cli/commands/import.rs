//! `reseat import`.

use std::path::PathBuf;

use clap::Args;
use similar::TextDiff;

use super::{Context, Ended, wait};
use crate::cli::args::When;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::report::{escape, import as report, json};
use crate::workflow::{import, manifest, observe};

/// What `import` takes.
#[derive(Debug, Args)]
pub struct Arguments {
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
    when: When,
}

/// Writes what is missing in the manifest, and says what it cannot say.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let now = arguments.when.now()?;
    let path = context.manifest(None)?;
    let states: Vec<PathBuf> = arguments.state.iter().cloned().collect();
    let (manifest, states) = observe::read_beside(&states, || manifest::load(&path, None, now));
    let manifest = manifest?;
    let tenant = manifest.tenant(&arguments.tenant)?.0.name.clone();
    let mut observations = match arguments.state {
        Some(_) => observe::adopt(&manifest, states)?,
        None => wait(observe::ask(&manifest, std::slice::from_ref(&tenant), context.looking()?))?,
    };
    let Some(observation) = observations.remove(&tenant) else {
        return Err(Failure::new(Exit::Input, format!("the state file is not of tenant `{tenant}`")));
    };
    let imported = import::prepare(&manifest, &observation, arguments.out.as_deref(), now)?;
    if !arguments.dry_run {
        import::write(&imported.drafts)?;
    }
    match context.globals.format {
        Format::Json => context.output.data(&json::pretty(&imported.import)?)?,
        Format::Text if arguments.dry_run => {
            for file in &imported.import.files {
                let before = imported.before(&file.path);
                let name = escape::escape(&file.path);
                let diff = TextDiff::from_lines(&*before, &file.text);
                let mut unified = diff.unified_diff();
                context.output.data(&unified.header(&name, &name).to_string())?;
            }
        }
        Format::Text => {}
    }
    context.output.talk(&report::text(&imported.import, arguments.dry_run));
    Ok(Exit::Done)
}
