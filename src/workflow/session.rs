//! What all commands share: manifest, store, permissions, clock and user interface.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::WorkflowError;
use super::manifest::Manifest;
use super::ui::Ui;
use crate::adapter::AccessOptions;
use crate::env::{Clock, Now};
use crate::report::escape::escape;
use crate::report::{TextStyle, json, plan};
use crate::store::StoreUrl;

/// The options of one invocation that every command accepts.
pub struct Session<'a> {
    /// The manifest of `--manifest`.
    pub manifest: Option<PathBuf>,
    /// The store of `--store`.
    pub store: Option<String>,
    /// Whether programs and commands of the manifest may run.
    pub allow_exec: bool,
    /// Whether documents and findings are printed as JSON.
    pub json: bool,
    /// The clock of the process.
    pub clock: Clock,
    /// Output and prompts.
    pub ui: &'a mut dyn Ui,
}

impl Session<'_> {
    /// Returns the path of the manifest: the argument, `--manifest` or the working directory.
    ///
    /// # Errors
    /// If the argument and `--manifest` differ.
    pub fn manifest_path(&self, argument: Option<&Path>) -> Result<PathBuf, WorkflowError> {
        match (argument, &self.manifest) {
            (Some(argument), Some(option)) if argument != option => Err(WorkflowError::usage(format!(
                "two manifests are given: `{}` and `--manifest {}`",
                argument.display(),
                option.display()
            ))),
            (Some(path), _) => Ok(path.to_owned()),
            (None, Some(path)) => Ok(path.clone()),
            (None, None) => Ok(PathBuf::from(".")),
        }
    }

    /// Returns the options of a follow-up command for the same manifest and store: empty, or with a leading space.
    pub fn follow_up_options(&self, manifest: &Path) -> String {
        let mut options = String::new();
        if manifest != Path::new(".") {
            options.push_str(&format!(" -m {}", escape(&manifest.to_string_lossy())));
        }
        if let Some(store) = &self.store {
            // The URL of a server may contain a password.
            let store = if store.contains('@') { "URL".into() } else { escape(store) };
            options.push_str(&format!(" --store {store}"));
        }
        if self.allow_exec {
            options.push_str(" --allow-exec");
        }
        options
    }

    /// Returns the current time and day.
    pub fn now(&self) -> Now {
        Now::at(self.clock.time())
    }

    /// Returns the permissions of a command that only reads tenants.
    pub fn read_access(&self) -> AccessOptions {
        AccessOptions::read_only(self.clock).allow_exec(self.allow_exec)
    }

    /// Returns the permissions of a command that changes tenants.
    pub fn write_access(&self) -> AccessOptions {
        AccessOptions::read_write(self.clock).allow_exec(self.allow_exec)
    }

    /// Returns the store: `--store`, or the folder beside the manifest.
    ///
    /// # Errors
    /// If `--store` is not a valid URL.
    pub fn store(&self, manifest: &Path) -> Result<StoreUrl, WorkflowError> {
        match &self.store {
            Some(text) => Ok(StoreUrl::parse(text)?),
            None => Ok(StoreUrl::default_for(manifest)),
        }
    }

    /// Returns the store that a plan reads history from. A manifest under review cannot bring its own.
    ///
    /// # Errors
    /// As [`Session::store`].
    pub fn history_store(&self, manifest: &Path, trusted: Option<&Path>) -> Result<StoreUrl, WorkflowError> {
        self.store(trusted.unwrap_or(manifest))
    }

    /// Prints a document as JSON, or as paged text.
    ///
    /// # Errors
    /// If stdout cannot be written.
    pub fn print_document<T: Serialize>(
        &mut self,
        document: &T,
        text: impl FnOnce(&T, TextStyle) -> String,
    ) -> Result<(), WorkflowError> {
        if self.json {
            self.ui.print(&json::pretty(document)?)?;
        } else {
            let text = text(document, self.ui.stdout_style());
            self.ui.print_paged(&text)?;
        }
        Ok(())
    }

    /// Prints where the manifest's own tenants and policy differ from those of `--trusted`.
    pub fn print_trusted_differences(&mut self, manifest: &Manifest) {
        if !self.json {
            let style = self.ui.stderr_style();
            let text = plan::trusted_differences_text(&manifest.differences, &manifest.files, style);
            self.ui.print_stderr(&text);
        }
    }
}
