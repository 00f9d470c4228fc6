//! Differences between the manifest under review and the trusted manifest.

use std::fmt::Write as _;

use crate::diagnostic::Finding;
use crate::report::escape::escape;
use crate::report::format::wrap_from_column;
use crate::report::review::trusted_differences;
use crate::report::source_path::SourcePaths;
use crate::report::{TextStyle, Tone};

/// Renders the differences with both locations; empty if none exist.
pub(super) fn section(findings: &[Finding], paths: &SourcePaths<'_>, style: TextStyle) -> String {
    let (number, differences) = trusted_differences(findings);
    if differences.is_empty() {
        return String::new();
    }
    let noun = if number == 1 { "difference" } else { "differences" };
    let name = "Tenants and policy of this manifest are ignored";
    let mut text = format!("{} ({number} {noun})\n", style.paint(Tone::Notice, name));
    for finding in differences {
        let code = escape(&finding.code);
        let location = finding.source.as_ref().map(|source| format!(" ({})", paths.file_line_column(source)));
        let message = format!("{}{}", escape(&finding.message), location.unwrap_or_default());
        let _ = write!(text, "  {}  ", style.paint(Tone::Notice, &code));
        text.push_str(&wrap_from_column(&message, 4 + code.len(), 6, style.width));
        for related in &finding.related {
            let location = related
                .source
                .as_ref()
                .map(|source| format!(": {}", paths.file_line_column(source)))
                .unwrap_or_default();
            let _ = writeln!(text, "      {}{location}", escape(&related.message));
        }
    }
    text
}
