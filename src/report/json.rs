//! Documents as indented JSON with escaped control characters.

use schemars::JsonSchema;
use serde::Serialize;

use super::escape;
use crate::diagnostic::Finding;

/// Returns the document as indented JSON.
///
/// # Errors
/// If the value cannot be JSON, such as a map whose keys are not strings.
pub fn pretty<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let text = serde_json::to_string_pretty(value)?;
    let mut shown = escape::json(&text).into_owned();
    shown.push('\n');
    Ok(shown)
}

/// The document that every command prints if findings stop it.
#[derive(Debug, Serialize)]
pub struct Findings<'a> {
    /// Sorted by location.
    pub findings: &'a [Finding],
}

/// The same document for its schema.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FindingsDocument {
    /// Sorted by location.
    #[expect(dead_code, reason = "only the schema is made from it")]
    findings: Vec<Finding>,
}
