//! The section of what a manifest under review says of tenants and policy while those of a trusted folder hold.

use std::fmt::Write as _;

use crate::diagnostic::Finding;
use crate::report::escape::escape;
use crate::report::format::wrap_from_column;
use crate::report::review::trusted_differences;
use crate::report::source_path::SourcePaths;
use crate::report::{TextStyle, Tone};

/// The differences among the findings, one each with both places; nothing where there are none.
pub(super) fn section(findings: &[Finding], places: &SourcePaths<'_>, look: TextStyle) -> String {
    let (number, differences) = trusted_differences(findings);
    if differences.is_empty() {
        return String::new();
    }
    let noun = if number == 1 { "difference" } else { "differences" };
    let name = "Tenants and policy of this manifest are not in force";
    let mut text = format!("{} ({number} {noun})\n", look.paint(Tone::Notice, name));
    for finding in differences {
        let code = escape(&finding.code);
        let place = finding.source.as_ref().map(|source| format!(" ({})", places.file_line_column(source)));
        let message = format!("{}{}", escape(&finding.message), place.unwrap_or_default());
        let _ = write!(text, "  {}  ", look.paint(Tone::Notice, &code));
        text.push_str(&wrap_from_column(&message, 4 + code.len(), 6, look.width));
        for related in &finding.related {
            let place = related
                .source
                .as_ref()
                .map(|source| format!(": {}", places.file_line_column(source)))
                .unwrap_or_default();
            let _ = writeln!(text, "      {}{place}", escape(&related.message));
        }
    }
    text
}
