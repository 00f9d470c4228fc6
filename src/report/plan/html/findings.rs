//! Findings: what is wrong, where, and what to type.

use std::fmt::Write as _;

use super::put;
use crate::diagnostic::{Finding, Level, Severity};
use crate::report::findings::severity_name;
use crate::report::source_path::SourcePaths;

/// Findings, in the order of the review.
pub(super) fn list(out: &mut String, findings: &[&Finding], places: &SourcePaths<'_>) {
    out.push_str("<ul class=\"findings\">\n");
    for finding in findings {
        let word = severity_name(finding.severity);
        let _ = write!(out, "<li class=\"s-{word}\"><p><b>");
        out.push_str(match (finding.severity, finding.level) {
            (Severity::Error, Some(Level::Approve)) => "needs approval",
            (Severity::Error, Some(Level::Deny)) => "denied",
            _ => word,
        });
        out.push_str("</b> <code>");
        put(out, &finding.code);
        out.push_str("</code> ");
        prose(out, &finding.message);
        if let Some(source) = &finding.source {
            out.push_str(" <small>");
            put(out, &places.file_line_column(source));
            out.push_str("</small>");
        }
        out.push_str("</p>\n");
        for related in &finding.related {
            out.push_str("<p class=\"help\">");
            prose(out, &related.message);
            if let Some(source) = &related.source {
                out.push_str(" <small>");
                put(out, &places.file_line_column(source));
                out.push_str("</small>");
            }
            out.push_str("</p>\n");
        }
        if let Some(help) = &finding.help {
            out.push_str("<p class=\"help\">");
            prose(out, help);
            out.push_str("</p>\n");
        }
        if let Some(digest) = finding.approval.as_ref().filter(|_| finding.severity == Severity::Error) {
            out.push_str("<p class=\"help\">approve it as <code>");
            put(out, digest);
            out.push_str("</code></p>\n");
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
}

/// A sentence in which what stands between backticks is to be typed or is a name.
pub(super) fn prose(out: &mut String, text: &str) {
    // An odd one has no partner, and stays a backtick.
    let pairs = text.matches('`').count() / 2;
    let mut parts = text.splitn(2 * pairs + 1, '`');
    if let Some(first) = parts.next() {
        put(out, first);
    }
    while let (Some(name), Some(rest)) = (parts.next(), parts.next()) {
        out.push_str("<code>");
        put(out, name);
        out.push_str("</code>");
        put(out, rest);
    }
}
