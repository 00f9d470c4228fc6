//! The verbs, a file each.

pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod codeowners;
pub(crate) mod comment;
pub(crate) mod completions;
pub(crate) mod current_state;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod emulate;
mod execution;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod graph;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod observe;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod resume;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod undo;
pub(crate) mod validate;
pub(crate) mod why;

use std::path::{Path, PathBuf};

use super::args::{GlobalArgs, clock};
use super::error::CliError;
use super::exit::Exit;
use super::output::Output;
use super::output_format::OutputFormat;
use crate::adapter::AccessOptions;
use crate::report::escape::escape;
use crate::store::StoreUrl;
use crate::workflow::WorkflowError;

/// What every verb works with.
pub(crate) struct CommandContext {
    pub(crate) globals: GlobalArgs,
    pub(crate) output: Output,
}

impl CommandContext {
    /// The manifest: what was given beside the verb, what `-m` says, or the working directory.
    pub(crate) fn manifest_path(&self, given: Option<&Path>) -> Result<PathBuf, CliError> {
        match (given, &self.globals.manifest) {
            (Some(given), Some(option)) if given != option => Err(CliError::usage(format!(
                "two manifests are given: `{}` and `--manifest {}`",
                given.display(),
                option.display()
            ))),
            (Some(path), _) => Ok(path.to_owned()),
            (None, Some(path)) => Ok(path.clone()),
            (None, None) => Ok(PathBuf::from(".")),
        }
    }

    /// What has to be typed beside a verb so that it is about the same manifest and store: nothing, or with a blank before.
    pub(crate) fn follow_up_options(&self, manifest: &Path) -> String {
        let mut place = String::new();
        if manifest != Path::new(".") {
            place.push_str(&format!(" -m {}", escape(&manifest.to_string_lossy())));
        }
        if let Some(store) = &self.globals.store {
            // The address of a server may hold a password.
            let store = if store.contains('@') { "URL".into() } else { escape(store) };
            place.push_str(&format!(" --store {store}"));
        }
        if self.globals.allow_exec {
            place.push_str(" --allow-exec");
        }
        place
    }

    /// Prints what the verb has to say: text by the reader's pager where it is long, every other form as it is.
    pub(crate) fn print(&mut self, text: &str) -> Result<(), CliError> {
        match self.globals.output_format {
            OutputFormat::Text => Ok(self.output.print_paged(text)?),
            _ => Ok(self.output.print(text)?),
        }
    }

    /// What may be done where tenants are only looked at.
    pub(crate) fn read_access(&self) -> Result<AccessOptions, CliError> {
        Ok(AccessOptions::read_only(clock()?).allow_exec(self.globals.allow_exec))
    }

    /// What may be done where tenants are changed.
    pub(crate) fn write_access(&self) -> Result<AccessOptions, CliError> {
        Ok(AccessOptions::read_write(clock()?).allow_exec(self.globals.allow_exec))
    }

    /// The store that a plan reads what was done before from. A manifest under review brings none with it: whoever wrote it
    /// could have made one.
    pub(crate) fn history_store(&self, manifest: &Path, trusted: Option<&Path>) -> Result<StoreUrl, WorkflowError> {
        self.store(trusted.unwrap_or(manifest))
    }

    /// The store: what `--store` says, or the folder in the manifest's own.
    pub(crate) fn store(&self, manifest: &Path) -> Result<StoreUrl, WorkflowError> {
        match &self.globals.store {
            Some(text) => Ok(StoreUrl::parse(text)?),
            None => Ok(StoreUrl::default_for(manifest)),
        }
    }
}

/// Waits for work that waits for others.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, WorkflowError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::new(Exit::Internal, format!("no threads can be made: {error}")))?;
    Ok(runtime.block_on(work)?)
}

/// How a verb ends.
pub(crate) type CommandResult = Result<Exit, CliError>;
