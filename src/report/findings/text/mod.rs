//! Findings as text: message, source lines and help.
//!
//! The paths open from the working directory; documents keep paths relative to the manifest.

mod excerpt;

use std::fmt;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use self::excerpt::{FileLines, LabeledSource, SourceExcerpt};
use crate::diagnostic::{Files, Finding, Severity, Source};
use crate::report::TextStyle;
use crate::report::escape::escape;
use crate::report::findings::severity::severity_name;

/// Renders the findings with their source lines.
pub fn text(findings: &[Finding], files: &Files, style: TextStyle) -> String {
    let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_links(false)
        .with_break_words(false)
        .without_syntax_highlighting();
    let mut lines = FileLines::new(files);
    let mut text = String::new();
    for finding in findings {
        // Writing to a string cannot fail, and an excerpt contains every labeled location.
        let _ = handler.render_report(&mut text, &FindingDiagnostic::of(finding, &mut lines));
        text.push('\n');
    }
    text
}

/// A finding as a miette diagnostic.
#[derive(Debug)]
struct FindingDiagnostic {
    code: String,
    severity: miette::Severity,
    message: String,
    help: Option<String>,
    excerpt: SourceExcerpt,
}

impl FindingDiagnostic {
    fn of(finding: &Finding, lines: &mut FileLines<'_>) -> Self {
        let mut marks: Vec<LabeledSource<'_>> =
            finding.source.iter().map(|source| LabeledSource { source, label: None }).collect();
        marks.extend(finding.related.iter().filter_map(|related| {
            let source = related.source.as_ref()?;
            Some(LabeledSource { source, label: Some(escape(&related.message).into_owned()) })
        }));
        let excerpt = SourceExcerpt::new(lines, &marks);
        let word = severity_name(finding.severity);
        let code = match &finding.source {
            Some(source) if excerpt.is_empty() => format!("{word} {} {}", escape(&finding.code), bare_location(source)),
            _ => format!("{word} {}", escape(&finding.code)),
        };
        // Related messages without an excerpt are part of the help.
        let unlocated = finding.related.iter().filter(|related| excerpt.is_empty() || related.source.is_none());
        let help: Vec<String> = finding
            .help
            .iter()
            .map(|help| escape(help).into_owned())
            .chain(unlocated.map(|related| match &related.source {
                Some(source) => format!("{}: {}", bare_location(source), escape(&related.message)),
                None => escape(&related.message).into_owned(),
            }))
            .collect();
        Self {
            code,
            severity: match finding.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
                Severity::Note => miette::Severity::Advice,
            },
            message: escape(&finding.message).into_owned(),
            help: (!help.is_empty()).then(|| help.join("\n")),
            excerpt,
        }
    }
}

/// Returns the location in a file that was not read.
fn bare_location(source: &Source) -> String {
    format!("{}:{}:{}", escape(&source.file), source.line, source.column)
}

impl fmt::Display for FindingDiagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FindingDiagnostic {}

impl Diagnostic for FindingDiagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.excerpt.is_empty()).then_some(&self.excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpt.labels()))
    }
}

#[cfg(test)]
mod tests;
