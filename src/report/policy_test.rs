//! Results of policy test cases as text and JUnit.

use std::fmt::Write as _;

use quick_junit::TestSuite;

use super::escape::escape;
use super::format::pluralize;
use super::junit::{add_case, document, suite};
use super::{TextStyle, Tone};
use crate::diagnostic::Source;
use crate::model::{CaseOutcome, PolicyTestReport, RuleOutcome};

/// Renders one line per case, grouped by rule.
pub fn text(test: &PolicyTestReport, style: TextStyle) -> String {
    if test.rules.is_empty() {
        return "no rules: `policy.rules` is empty\n".to_owned();
    }
    let mut text = String::new();
    for rule in &test.rules {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}  {}", style.paint(Tone::Heading, &escape(&rule.rule)), location(&rule.source));
        for case in &rule.cases {
            let result = escape(&case_result(case)).into_owned();
            let _ = if case.ok {
                writeln!(text, "  {}  case {}: {result}", style.paint(Tone::Gain, "ok    "), case.case)
            } else {
                let failed = style.paint(Tone::Danger, "FAILED");
                writeln!(text, "  {failed}  case {}: {result}  {}", case.case, location(&case.source))
            };
        }
        if let Some(missing) = &rule.missing {
            let _ = writeln!(text, "  {}  {missing}", style.paint(Tone::Danger, "FAILED"));
        }
    }
    let cases: usize = test.rules.iter().map(|rule| rule.cases.len()).sum();
    let all = format!("{}, {}", pluralize(test.rules.len(), "rule", "rules"), pluralize(cases, "case", "cases"));
    let _ = if test.is_ok() {
        writeln!(text, "{}: {all}", style.paint(Tone::Gain, "ok"))
    } else {
        let failed = pluralize(test.rules.iter().filter(|rule| !rule.ok).count(), "rule", "rules");
        writeln!(text, "{}: {all}; {failed} failed", style.paint(Tone::Danger, "FAILED"))
    };
    text
}

/// Returns the actual and, if it differs, the expected result of a case.
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

/// Returns the JUnit report: one suite per rule.
pub fn junit(test: &PolicyTestReport) -> String {
    document("reseat policy test", test.rules.iter().map(rule_suite))
}

fn rule_suite(rule: &RuleOutcome) -> TestSuite {
    let mut suite = suite(&rule.rule);
    for case in &rule.cases {
        let name = format!("case {}: {}", case.case, case.expected);
        let failure = (!case.ok).then(|| case_result(case));
        add_case(&mut suite, &name, Some((&case.source.file, case.source.line)), failure.as_deref());
    }
    if let Some(missing) = &rule.missing {
        add_case(&mut suite, "cases", Some((&rule.source.file, rule.source.line)), Some(&missing.to_string()));
    }
    suite
}
