//! What `plan`, `diff`, `why` and `apply` begin with: a manifest, and the current state of its tenants.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{CommandContext, block_on};
use crate::cli::args::{DateArgs, TrustArgs};
use crate::cli::error::CliError;
use crate::cli::output_format::DocumentFormat;
use crate::diagnostic::Severity;
use crate::env::Now;
use crate::report::{findings, plan};
use crate::store::StoreUrl;
use crate::workflow::manifest::{self, Manifest};
use crate::workflow::observe;
use crate::workflow::plan::Observations;

/// Where the current state comes from.
#[derive(Debug, Args)]
pub(crate) struct CurrentStateArgs {
    /// State file to use instead of asking the tenant, or a folder of them; give one for each tenant
    #[arg(long, value_name = "PATH")]
    state: Vec<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    date: DateArgs,
}

/// A manifest, what its tenants look like, and the moment that both are compared at.
pub(crate) struct LoadedState {
    pub(crate) manifest: Manifest,
    pub(crate) observations: Observations,
    pub(crate) now: Now,
}

impl CurrentStateArgs {
    /// Whether anything was given that a plan file settles.
    pub(crate) fn is_set(&self) -> bool {
        !self.state.is_empty() || self.date.is_set()
    }

    /// Whether state files are given, so that no tenant is asked.
    pub(crate) fn has_state(&self) -> bool {
        !self.state.is_empty()
    }

    /// The manifest whose tenants and policy hold, if one is given.
    pub(crate) fn trusted(&self) -> Option<&Path> {
        self.trust.path()
    }

    /// The moment, with the day in force.
    pub(crate) fn now(&self) -> Result<Now, CliError> {
        self.date.now()
    }

    /// Reads the manifest, says its warnings, and reads state files or asks the tenants.
    pub(crate) fn load(
        &self,
        path: &Path,
        store: &StoreUrl,
        context: &mut CommandContext,
    ) -> Result<LoadedState, CliError> {
        let now = self.now()?;
        let (manifest, states) =
            observe::read_state_files_during(&self.state, || manifest::load(path, self.trusted(), now));
        let manifest = manifest?;
        if context.globals.document_format == DocumentFormat::Text {
            // Notes are for `validate`; here they would only stand in the way.
            let noted = manifest.findings.iter().filter(|finding| finding.severity != Severity::Note);
            let told: Vec<_> = noted.cloned().collect();
            let look = context.output.stderr_style();
            context.output.print_stderr(&findings::text(&told, &manifest.files, look));
        }
        let observations = if self.state.is_empty() {
            block_on(observe::observe_for_plan(&manifest, store, context.read_access()?))?
        } else {
            observe::validate_state_files(&manifest, states)?
        };
        Ok(LoadedState { manifest, observations, now })
    }
}

/// Says where the manifest's own tenants and policy differ from those in force; a plan says it itself.
pub(crate) fn print_differences(manifest: &Manifest, context: &mut CommandContext) {
    if context.globals.document_format == DocumentFormat::Text {
        let look = context.output.stderr_style();
        context.output.print_stderr(&plan::trusted_differences_text(&manifest.differences, &manifest.files, look));
    }
}
