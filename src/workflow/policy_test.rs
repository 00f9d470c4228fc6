//! The cases of a manifest's own rules.

use std::path::Path;

use super::error::{WorkflowError, WorkflowErrorKind};
use crate::diagnostic::has_error;
use crate::manifest;
use crate::model::PolicyTestReport;
use crate::policy;

/// Runs the cases of the rules that are in force for a manifest: its own, or those of the manifest at `trusted`.
///
/// # Errors
/// When anything in a manifest cannot be read; the warnings are told with it.
pub fn test(path: &Path, trusted: Option<&Path>) -> Result<PolicyTestReport, WorkflowError> {
    let loaded = match trusted.map(|trusted| manifest::load_trusted(trusted, path)) {
        None => manifest::load(path),
        Some(trusted) if has_error(&trusted.loaded.findings) => trusted.loaded,
        Some(trusted) => manifest::load_reviewed(path, trusted),
    };
    if has_error(&loaded.findings) {
        return Err(WorkflowError::new(WorkflowErrorKind::Input, loaded.findings, loaded.files));
    }
    Ok(policy::test_rules(&loaded.policy.rules))
}
