//! The manifest and the current state of its tenants, which planning starts from.

use std::path::{Path, PathBuf};

use super::error::WorkflowError;
use super::manifest::{self, Manifest};
use super::observe;
use super::session::Session;
use super::state_files::Observations;
use crate::diagnostic::Severity;
use crate::env::Now;
use crate::report::findings;
use crate::store::StoreUrl;

/// Where the current state comes from.
#[derive(Clone, Copy, Debug)]
pub struct StateSource<'a> {
    /// State files and folders of them; tenants are queried if there are none.
    pub state: &'a [PathBuf],
    /// The manifest whose tenants and policy apply instead.
    pub trusted: Option<&'a Path>,
    /// The time, and the day that dates are compared with.
    pub now: Now,
}

/// A manifest and the current state of its tenants.
pub struct CurrentState {
    /// The manifest.
    pub manifest: Manifest,
    /// The observations.
    pub observations: Observations,
    /// The time of the comparison.
    pub now: Now,
}

/// Reads the manifest, prints its warnings, and reads state files or queries the tenants.
///
/// # Errors
/// If the manifest, a state file or a tenant cannot be read.
pub async fn load(
    path: &Path,
    source: &StateSource<'_>,
    store: &StoreUrl,
    session: &mut Session<'_>,
) -> Result<CurrentState, WorkflowError> {
    let StateSource { state, trusted, now } = *source;
    let (manifest, files) = observe::read_state_files_during(state, || manifest::load(path, trusted, now));
    let manifest = manifest?;
    if !session.json {
        // Notes belong to `validate`.
        let shown = manifest.findings.iter().filter(|finding| finding.severity != Severity::Note);
        let shown: Vec<_> = shown.cloned().collect();
        let style = session.ui.stderr_style();
        session.ui.print_stderr(&findings::text(&shown, &manifest.files, style));
    }
    let observations = if state.is_empty() {
        observe::observe_for_plan(&manifest, store, session.read_access()).await?
    } else {
        observe::validate_state_files(&manifest, files)?
    };
    Ok(CurrentState { manifest, observations, now })
}
