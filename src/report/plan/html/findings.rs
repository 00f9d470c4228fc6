//! Findings with locations, help and approval digests.

use maud::{Markup, html};

use crate::diagnostic::{Finding, Level, Severity, Source};
use crate::report::escape::Text;
use crate::report::findings::severity_name;
use crate::report::source_path::SourcePaths;

/// Lists findings in the order of the review.
pub(super) fn list(findings: &[&Finding], paths: &SourcePaths<'_>) -> Markup {
    let location = |source: Option<&Source>| html! { @if let Some(source) = source { " " small { (Text(paths.file_line_column(source))) } } };
    html! {
        ul.findings {
            @for finding in findings {
                "\n"
                li class={ "s-" (severity_name(finding.severity)) } {
                    p {
                        b { (label(finding)) } " " code { (Text(&finding.code)) } " " (prose(&finding.message))
                        (location(finding.source.as_ref()))
                    }
                    @for related in &finding.related {
                        p.help { (prose(&related.message)) (location(related.source.as_ref())) }
                    }
                    @if let Some(help) = &finding.help { p.help { (prose(help)) } }
                    @if let Some(digest) = finding.approval.as_ref().filter(|_| finding.severity == Severity::Error) {
                        p.help { "approve it as " code { (Text(digest)) } }
                    }
                }
            }
        }
        "\n"
    }
}

fn label(finding: &Finding) -> &'static str {
    match (finding.severity, finding.level) {
        (Severity::Error, Some(Level::Approve)) => "needs approval",
        (Severity::Error, Some(Level::Deny)) => "denied",
        _ => severity_name(finding.severity),
    }
}

/// Renders a message, with text between backticks as code.
pub(super) fn prose(text: &str) -> Markup {
    // An unpaired backtick is literal text.
    let pairs = text.matches('`').count() / 2;
    let parts = text.splitn(2 * pairs + 1, '`').enumerate();
    html! { @for (index, part) in parts { @if index % 2 == 1 { code { (Text(part)) } } @else { (Text(part)) } } }
}
