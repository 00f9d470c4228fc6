//! `reseat codeowners`.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Ended};
use crate::cli::args::clock;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::diagnostic::has_error;
use crate::env::Now;
use crate::report::escape::escape;
use crate::report::json;
use crate::workflow::{Kind, Problem, codeowners, manifest};

/// What `codeowners` takes.
#[derive(Debug, Args)]
pub struct Arguments {
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
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let path = context.manifest(arguments.path.as_deref())?;
    let loaded = manifest::check(&path, None, Now::at(clock()?.time())).loaded;
    if has_error(&loaded.findings) {
        return Err(Problem::new(Kind::Input, loaded.findings, loaded.files).into());
    }
    if loaded.owners.is_empty() && !arguments.write {
        return Err(Failure::new(Exit::Input, "the manifest has no `owners`")
            .help("write `owners: [{ tenants: [TENANT], owners: [\"@TEAM\"] }]`"));
    }
    let root = codeowners::root(&path, arguments.root.as_deref());
    if arguments.write {
        for path in codeowners::write(&loaded, &root)? {
            context.output.talk(&format!("wrote {}\n", escape(&path.to_string_lossy())));
        }
        return Ok(Exit::Done);
    }
    let (text, findings) = codeowners::part(&loaded, &root);
    if !findings.is_empty() {
        return Err(Problem::new(Kind::Input, findings, loaded.files).into());
    }
    match context.globals.format {
        Format::Text => context.output.data(&text)?,
        Format::Json => context.output.data(&json::pretty(&serde_json::json!({ "codeowners": text }))?)?,
    }
    Ok(Exit::Done)
}
