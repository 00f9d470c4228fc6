//! The cases of a manifest's own rules.

use std::path::Path;

use super::problem::{Kind, Problem};
use crate::diagnostic::has_error;
use crate::manifest;
use crate::model::PolicyTest;
use crate::policy;

/// Runs the cases of the rules of a manifest.
///
/// # Errors
/// When anything in the manifest cannot be read; the warnings are told with it.
pub fn test(path: &Path) -> Result<PolicyTest, Problem> {
    let loaded = manifest::load(path);
    if has_error(&loaded.findings) {
        return Err(Problem::new(Kind::Input, loaded.findings, loaded.files));
    }
    Ok(policy::test_rules(loaded.policy.rules.iter().map(AsRef::as_ref), &loaded.files))
}
