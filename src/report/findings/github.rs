//! Findings as GitHub workflow commands, shown at their lines in the pull request.
//!
//! GitHub shows ten of each severity per step, so errors come first.

use std::fmt::Write as _;

use crate::diagnostic::{Finding, Severity};
use crate::report::escape::{workflow_message, workflow_property};
use crate::report::source_path::SourcePaths;

/// Returns one line per finding, errors first.
pub fn github_annotations(findings: &[Finding], paths: &SourcePaths<'_>) -> String {
    let mut text = String::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        for finding in findings.iter().filter(|finding| finding.severity == severity) {
            push_annotation(&mut text, finding, paths);
        }
    }
    text
}

fn push_annotation(text: &mut String, finding: &Finding, paths: &SourcePaths<'_>) {
    text.push_str(match finding.severity {
        Severity::Error => "::error ",
        Severity::Warning => "::warning ",
        Severity::Note => "::notice ",
    });
    if let Some(source) = &finding.source {
        let file = workflow_property(&paths.raw_path(source));
        // Writing to a string cannot fail.
        let _ = write!(text, "file={file},line={},col={},", source.line, source.column);
    }
    let _ = write!(text, "title={}::", workflow_property(&format!("reseat {}", finding.code)));
    let help = finding.help.as_ref().map(|help| format!("help: {help}"));
    let related = finding.related.iter().map(|related| match &related.source {
        Some(source) => format!("{}: {}", paths.file_line_column(source), related.message),
        None => related.message.clone(),
    });
    let lines: Vec<_> = std::iter::once(finding.message.clone()).chain(related).chain(help).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    text.push_str(&workflow_message(&lines));
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::catalog::manifest::ALL;
    use crate::diagnostic::{Files, Source};

    #[test]
    fn errors_come_first_and_hostile_text_stays_on_its_line() {
        let source = Source { file: "a,b.yaml".into(), line: 3, column: 5 };
        let findings = [
            Finding::note(ALL[0], "good to know"),
            Finding::error(ALL[0], "bad\n::add-mask::x").help("50% of it").at(source),
        ];
        let files = Files::default();
        let text = github_annotations(&findings, &SourcePaths::new(&files));
        let id = ALL[0].id;
        let first = format!(
            "::error file=a%2Cb.yaml,line=3,col=5,title=reseat {id}::bad\\n\\u{{3a}}:add-mask::x%0Ahelp: 50%25 of it\n"
        );
        assert_eq!(text, format!("{first}::notice title=reseat {id}::good to know\n"));
    }
}
