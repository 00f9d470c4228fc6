//! `reseat policy test`: runs the cases of a manifest's custom rules.

use std::path::Path;

use super::error::WorkflowError;
use super::exit::Exit;
use crate::diagnostic::has_error;
use crate::manifest;
use crate::model::PolicyTestReport;
use crate::policy;

/// Runs the cases of the rules of a manifest, or of the trusted manifest.
///
/// # Errors
/// If a manifest is invalid.
pub fn test(path: &Path, trusted: Option<&Path>) -> Result<PolicyTestReport, WorkflowError> {
    let loaded = match trusted.map(|trusted| manifest::load_trusted(trusted, path)) {
        None => manifest::load(path),
        Some(trusted) if has_error(&trusted.loaded.findings) => trusted.loaded,
        Some(trusted) => manifest::load_reviewed(path, trusted),
    };
    if has_error(&loaded.findings) {
        return Err(WorkflowError::new(Exit::Input, loaded.findings, loaded.files));
    }
    Ok(policy::test_rules(&loaded.policy.rules))
}
