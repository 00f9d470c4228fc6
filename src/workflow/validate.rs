//! `reseat validate`: checks a manifest offline, including policy and CODEOWNERS files.

use std::path::Path;

use super::codeowners;
use super::error::WorkflowError;
use super::exit::Exit;
use super::manifest;
use super::session::Session;
use crate::diagnostic::{Severity, has_error, sort};
use crate::env::Now;
use crate::manifest::LoadedManifest;

/// A checked manifest.
pub struct Validation {
    /// The manifest with all findings.
    pub loaded: LoadedManifest,
    /// Invalid, denied by policy, or done.
    pub exit: Exit,
}

/// Reads a manifest and reports everything that is wrong with it.
///
/// # Errors
/// If two manifests are given.
pub fn validate(
    path: Option<&Path>,
    trusted: Option<&Path>,
    root: Option<&Path>,
    now: Now,
    session: &Session<'_>,
) -> Result<Validation, WorkflowError> {
    let path = session.manifest_path(path)?;
    let mut loaded = manifest::check_with_policy(&path, trusted, now);
    loaded.findings.append(&mut loaded.differences);
    let root = codeowners::find_root(&path, root);
    // Owners are always those of the manifest itself.
    let own = trusted.map(|_| manifest::check(&path, None, now));
    let own = own.as_ref().unwrap_or(&loaded);
    if !has_error(&own.findings) {
        let findings = codeowners::check(own, &root);
        loaded.findings.extend(findings);
    }
    sort(&mut loaded.findings);
    // Findings of policy have a level; all other errors make the manifest invalid.
    let mut errors = loaded.findings.iter().filter(|finding| finding.severity == Severity::Error).peekable();
    let is_denied = errors.peek().is_some();
    let exit = match (errors.any(|finding| finding.level.is_none()), is_denied) {
        (true, _) => Exit::Input,
        (false, true) => Exit::Denied,
        (false, false) => Exit::Done,
    };
    Ok(Validation { loaded, exit })
}
