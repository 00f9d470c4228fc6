//! Severities as words and counts.

use crate::diagnostic::{Finding, Severity};
use crate::report::format::pluralize;

/// How many findings of which severity, such as `1 error, 2 warnings`; nothing when there are none.
pub fn summarize_severities<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let all: Vec<_> = findings.into_iter().map(|finding| finding.severity).collect();
    let of = |severity| all.iter().filter(|other| **other == severity).count();
    let counted = [
        (of(Severity::Error), "error", "errors"),
        (of(Severity::Warning), "warning", "warnings"),
        (of(Severity::Note), "note", "notes"),
    ];
    let parts: Vec<_> =
        counted.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| pluralize(*n, one, many)).collect();
    parts.join(", ")
}

/// The word for a severity.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
