//! Findings as test results: a suite a file, and in it a case a finding; only errors fail.

use super::severity::severity_name;
use crate::diagnostic::{Files, Finding, Severity};
use crate::report::junit::{Case, Suite, document};
use crate::report::source_path::SourcePaths;

/// The document that CI servers read. A file without a finding has one case that passed.
pub fn junit(findings: &[Finding], files: &Files) -> String {
    let places = SourcePaths::new(files);
    let mut suites: Vec<Suite> =
        files.iter().map(|file| Suite { name: places.raw_path_of(&file.name), cases: Vec::new() }).collect();
    let mut nowhere = Suite { name: "manifest".to_owned(), cases: Vec::new() };
    let index: std::collections::BTreeMap<&str, usize> =
        files.iter().enumerate().map(|(index, file)| (&*file.name, index)).collect();
    for finding in findings {
        let suite = finding.source.as_ref().and_then(|source| index.get(&*source.file));
        let cases = match suite {
            Some(index) => &mut suites[*index].cases,
            None => &mut nowhere.cases,
        };
        cases.push(case(finding, &places));
    }
    for suite in suites.iter_mut().filter(|suite| suite.cases.is_empty()) {
        suite.cases.push(Case::new("valid"));
    }
    if !nowhere.cases.is_empty() {
        suites.push(nowhere);
    }
    document("reseat validate", &suites)
}

fn case(finding: &Finding, places: &SourcePaths<'_>) -> Case {
    let name = match &finding.source {
        Some(source) => format!("{} at {}:{}", finding.code, source.line, source.column),
        None => finding.code.to_string(),
    };
    let mut case = Case::new(name);
    if let Some(source) = &finding.source {
        case = case.at(places.raw_path(source), source);
    }
    let help = finding.help.as_ref().map(|help| format!("; help: {help}")).unwrap_or_default();
    let said = format!("{} {}: {}{help}", severity_name(finding.severity), finding.code, finding.message);
    match finding.severity {
        Severity::Error => case.failure = Some(said),
        Severity::Warning | Severity::Note => case.output = Some(said),
    }
    case
}
