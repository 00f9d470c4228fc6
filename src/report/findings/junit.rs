//! Findings as a JUnit report: one suite per file, one case per finding; only errors fail.

use indexmap::IndexMap;
use quick_junit::TestSuite;

use super::severity::severity_name;
use crate::diagnostic::{Files, Finding, Severity};
use crate::report::escape::escape;
use crate::report::junit::{add_case, document, suite};
use crate::report::source_path::SourcePaths;

/// Returns the report; a file without findings has one passing case.
pub fn junit(findings: &[Finding], files: &Files) -> String {
    let paths = SourcePaths::new(files);
    let mut suites: IndexMap<&str, TestSuite> =
        files.iter().map(|file| (&*file.name, suite(&paths.raw_path_of(&file.name)))).collect();
    let mut unlocated = suite("manifest");
    for finding in findings {
        let source = finding.source.as_ref();
        let suite = source.and_then(|source| suites.get_mut(&*source.file)).unwrap_or(&mut unlocated);
        let name = match source {
            Some(source) => format!("{} at {}:{}", finding.code, source.line, source.column),
            None => finding.code.to_string(),
        };
        let path = source.map(|source| paths.raw_path(source));
        let location = path.as_deref().zip(source.map(|source| source.line));
        let help = finding.help.as_ref().map(|help| format!("; help: {help}")).unwrap_or_default();
        let message = format!("{} {}: {}{help}", severity_name(finding.severity), finding.code, finding.message);
        if finding.severity == Severity::Error {
            add_case(suite, &name, location, Some(&message));
        } else {
            add_case(suite, &name, location, None).set_system_out(escape(&message));
        }
    }
    for suite in suites.values_mut().filter(|suite| suite.test_cases.is_empty()) {
        add_case(suite, "valid", None, None);
    }
    let unlocated = (!unlocated.test_cases.is_empty()).then_some(unlocated);
    document("reseat validate", suites.into_values().chain(unlocated))
}
