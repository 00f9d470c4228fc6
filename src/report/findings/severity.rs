//! Severities as words and counts.

use crate::diagnostic::{Finding, Severity};
use crate::report::format::join_counts;

/// Returns the number of findings by severity: `1 error, 2 warnings`; empty if there are none.
pub fn summarize_severities<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let all: Vec<_> = findings.into_iter().map(|finding| finding.severity).collect();
    let of = |severity| all.iter().filter(|other| **other == severity).count();
    join_counts(&[
        (of(Severity::Error), "error", "errors"),
        (of(Severity::Warning), "warning", "warnings"),
        (of(Severity::Note), "note", "notes"),
    ])
}

/// Returns the name of a severity.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}
