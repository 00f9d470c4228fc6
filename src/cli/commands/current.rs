//! What `plan`, `diff`, `why` and `apply` begin with: a manifest, and the current state of its tenants.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Context, wait};
use crate::cli::args::{Trust, When};
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::diagnostic::Severity;
use crate::env::Now;
use crate::report::{findings, plan};
use crate::store::StoreUrl;
use crate::workflow::make::Observations;
use crate::workflow::manifest::{self, Manifest};
use crate::workflow::observe;

/// Where the current state comes from.
#[derive(Debug, Args)]
pub(crate) struct Current {
    /// State file to use instead of asking the tenant, or a folder of them; give one for each tenant
    #[arg(long, value_name = "PATH")]
    state: Vec<PathBuf>,
    #[command(flatten)]
    trust: Trust,
    #[command(flatten)]
    when: When,
}

/// A manifest, what its tenants look like, and the moment that both are compared at.
pub(crate) struct Situation {
    pub(crate) manifest: Manifest,
    pub(crate) observations: Observations,
    pub(crate) now: Now,
}

impl Current {
    /// Whether anything was given that a plan file settles.
    pub(crate) fn is_given(&self) -> bool {
        !self.state.is_empty() || self.when.is_given()
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
    pub(crate) fn now(&self) -> Result<Now, Failure> {
        self.when.now()
    }

    /// Reads the manifest, says its warnings, and reads state files or asks the tenants.
    pub(crate) fn read(&self, path: &Path, store: &StoreUrl, context: &mut Context) -> Result<Situation, Failure> {
        let now = self.now()?;
        let (manifest, states) = observe::read_beside(&self.state, || manifest::load(path, self.trusted(), now));
        let manifest = manifest?;
        if context.globals.format == Format::Text {
            // Notes are for `validate`; here they would only stand in the way.
            let noted = manifest.findings.iter().filter(|finding| finding.severity != Severity::Note);
            let told: Vec<_> = noted.cloned().collect();
            let look = context.output.talk_look();
            context.output.talk(&findings::text(&told, &manifest.files, look));
        }
        let observations = if self.state.is_empty() {
            wait(observe::ask_for_plan(&manifest, store, context.looking()?))?
        } else {
            observe::adopt(&manifest, states)?
        };
        Ok(Situation { manifest, observations, now })
    }
}

/// Says where the manifest's own tenants and policy differ from those in force; a plan says it itself.
pub(crate) fn tell_differences(manifest: &Manifest, context: &mut Context) {
    if context.globals.format == Format::Text {
        let look = context.output.talk_look();
        context.output.talk(&plan::not_in_force(&manifest.differences, &manifest.files, look));
    }
}
