//! `reseat codeowners`.

use std::path::PathBuf;

use clap::Args;

use super::{CommandContext, CommandResult};
use crate::cli::args::clock;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output_format::DocumentFormat;
use crate::diagnostic::has_error;
use crate::env::Now;
use crate::report::escape::escape;
use crate::report::json;
use crate::workflow::{WorkflowError, WorkflowErrorKind, codeowners, manifest};

/// What `codeowners` takes.
#[derive(Debug, Args)]
pub struct CodeownersArgs {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(value_name = "MANIFEST")]
    pub(in crate::cli) path: Option<PathBuf>,
    /// Repository that the paths begin at [default: the nearest folder upwards that Git or a forge knows]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Put it into the repository's CODEOWNERS files, between their `# reseat` lines
    #[arg(long)]
    write: bool,
}

/// Prints or writes what the manifest's `owners` mean for a forge.
pub(crate) fn run(arguments: &CodeownersArgs, context: &mut CommandContext) -> CommandResult {
    let path = context.manifest_path(arguments.path.as_deref())?;
    let loaded = manifest::check(&path, None, Now::at(clock()?.time()));
    if has_error(&loaded.findings) {
        return Err(WorkflowError::new(WorkflowErrorKind::Input, loaded.findings, loaded.files).into());
    }
    if loaded.owners.is_empty() && !arguments.write {
        return Err(CliError::new(Exit::Input, "the manifest has no `owners`")
            .with_help("write `owners: [{ tenants: [TENANT], owners: [\"@TEAM\"] }]`"));
    }
    let root = codeowners::find_root(&path, arguments.root.as_deref());
    if arguments.write {
        for path in codeowners::write(&loaded, &root)? {
            context.output.print_stderr(&format!("wrote {}\n", escape(&path.to_string_lossy())));
        }
        return Ok(Exit::Done);
    }
    let (text, findings) = codeowners::generate_section(&loaded, &root);
    if !findings.is_empty() {
        return Err(WorkflowError::new(WorkflowErrorKind::Input, findings, loaded.files).into());
    }
    match context.globals.document_format {
        DocumentFormat::Text => context.output.print(&text)?,
        DocumentFormat::Json => context.output.print(&json::pretty(&serde_json::json!({ "codeowners": text }))?)?,
    }
    Ok(Exit::Done)
}
