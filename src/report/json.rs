//! Documents as JSON for people and programs: indented, one line feed at the end, safe to look at.

use schemars::JsonSchema;
use serde::Serialize;

use super::escape;
use crate::diagnostic::Finding;

/// Indented JSON of a document.
///
/// # Errors
/// When the value has no JSON form, such as a map whose keys are not texts.
pub fn pretty<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let text = serde_json::to_string_pretty(value)?;
    let mut shown = escape::json(&text).into_owned();
    shown.push('\n');
    Ok(shown)
}

/// The document that every verb prints instead of its own when findings stop it.
#[derive(Debug, Serialize)]
pub struct Findings<'a> {
    /// Sorted by place.
    pub findings: &'a [Finding],
}

/// The same document for its schema.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FindingsDocument {
    /// Sorted by place.
    #[expect(dead_code, reason = "only the schema is made from it")]
    findings: Vec<Finding>,
}
