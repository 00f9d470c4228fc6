//! What came out of the cases of rules, as a test runner says it, and in JUnit's XML.

use std::fmt::Write as _;

use super::escape::escape;
use super::format::pluralize;
use super::junit::{Case, Suite, document};
use super::{TextStyle, Tone};
use crate::diagnostic::Source;
use crate::model::{CaseOutcome, PolicyTestReport, RuleOutcome};

/// The cases, one a line, below their rules.
pub fn text(test: &PolicyTestReport, look: TextStyle) -> String {
    if test.rules.is_empty() {
        return "no rules: `policy.rules` is empty\n".to_owned();
    }
    let mut text = String::new();
    for rule in &test.rules {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}  {}", look.paint(Tone::Heading, &escape(&rule.rule)), location(&rule.source));
        for case in &rule.cases {
            let said = escape(&case_result(case)).into_owned();
            let _ = if case.ok {
                writeln!(text, "  {}  case {}: {said}", look.paint(Tone::Gain, "ok    "), case.case)
            } else {
                let failed = look.paint(Tone::Danger, "FAILED");
                writeln!(text, "  {failed}  case {}: {said}  {}", case.case, location(&case.source))
            };
        }
        if let Some(missing) = &rule.missing {
            let _ = writeln!(text, "  {}  {missing}", look.paint(Tone::Danger, "FAILED"));
        }
    }
    let cases: usize = test.rules.iter().map(|rule| rule.cases.len()).sum();
    let all = format!("{}, {}", pluralize(test.rules.len(), "rule", "rules"), pluralize(cases, "case", "cases"));
    let _ = if test.is_ok() {
        writeln!(text, "{}: {all}", look.paint(Tone::Gain, "ok"))
    } else {
        let failed = pluralize(test.rules.iter().filter(|rule| !rule.ok).count(), "rule", "rules");
        writeln!(text, "{}: {all}; {failed} failed", look.paint(Tone::Danger, "FAILED"))
    };
    text
}

/// What came out of a case, and what should have.
fn case_result(case: &CaseOutcome) -> String {
    let got = match &case.message {
        Some(message) => format!("{} ({message})", case.got),
        None => case.got.to_string(),
    };
    if case.ok { got } else { format!("expected {}, got {got}", case.expected) }
}

fn location(source: &Source) -> String {
    format!("{}:{}:{}", escape(&source.file), source.line, source.column)
}

/// The document that CI servers read: a suite for each rule.
pub fn junit(test: &PolicyTestReport) -> String {
    let suites: Vec<_> = test.rules.iter().map(suite).collect();
    document("reseat policy test", &suites)
}

fn suite(rule: &RuleOutcome) -> Suite {
    let place = |source: &Source| source.file.to_string();
    let mut cases: Vec<_> = rule
        .cases
        .iter()
        .map(|case| {
            let failure = (!case.ok).then(|| case_result(case));
            let name = format!("case {}: {}", case.case, case.expected);
            Case { failure, ..Case::new(name).at(place(&case.source), &case.source) }
        })
        .collect();
    cases.extend(rule.missing.as_ref().map(|missing| {
        let failure = Some(missing.to_string());
        Case { failure, ..Case::new("cases").at(place(&rule.source), &rule.source) }
    }));
    Suite { name: rule.rule.to_string(), cases }
}
