//! What came out of the cases of rules, as a test runner says it, and in JUnit's XML.

use std::fmt::Write as _;

use super::escape::escape;
use super::words::count;
use super::{Look, Tone};
use crate::diagnostic::Source;
use crate::model::{CaseOutcome, PolicyTest, RuleOutcome};

/// The cases, one a line, below their rules.
pub fn text(test: &PolicyTest, look: Look) -> String {
    if test.rules.is_empty() {
        return "no rules: `policy.rules` is empty\n".to_owned();
    }
    let mut text = String::new();
    for rule in &test.rules {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}  {}", look.paint(Tone::Heading, &escape(&rule.rule)), place(&rule.source));
        for case in &rule.cases {
            let said = escape(&said(case)).into_owned();
            let _ = if case.ok {
                writeln!(text, "  {}  case {}: {said}", look.paint(Tone::Gain, "ok    "), case.case)
            } else {
                let failed = look.paint(Tone::Danger, "FAILED");
                writeln!(text, "  {failed}  case {}: {said}  {}", case.case, place(&case.source))
            };
        }
        if let Some(missing) = &rule.missing {
            let _ = writeln!(text, "  {}  {missing}", look.paint(Tone::Danger, "FAILED"));
        }
    }
    let cases: usize = test.rules.iter().map(|rule| rule.cases.len()).sum();
    let all = format!("{}, {}", count(test.rules.len(), "rule", "rules"), count(cases, "case", "cases"));
    let _ = if test.ok() {
        writeln!(text, "{}: {all}", look.paint(Tone::Gain, "ok"))
    } else {
        let failed = count(test.rules.iter().filter(|rule| !rule.ok).count(), "rule", "rules");
        writeln!(text, "{}: {all}; {failed} failed", look.paint(Tone::Danger, "FAILED"))
    };
    text
}

/// What came out of a case, and what should have.
fn said(case: &CaseOutcome) -> String {
    let got = match &case.message {
        Some(message) => format!("{} ({message})", case.got),
        None => case.got.to_string(),
    };
    if case.ok { got } else { format!("expected {}, got {got}", case.expected) }
}

fn place(source: &Source) -> String {
    format!("{}:{}:{}", escape(&source.file), source.line, source.column)
}

/// The document that CI servers read: a suite for each rule.
pub fn junit(test: &PolicyTest) -> String {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let failures = |rule: &RuleOutcome| rule.cases.iter().filter(|case| !case.ok).count() + missing(rule);
    let tests = |rule: &RuleOutcome| rule.cases.len() + missing(rule);
    let (all, failed) = (test.rules.iter().map(tests).sum::<usize>(), test.rules.iter().map(failures).sum::<usize>());
    let _ = writeln!(xml, "<testsuites name=\"reseat policy test\" tests=\"{all}\" failures=\"{failed}\">");
    for rule in &test.rules {
        let name = attribute(&rule.rule);
        let _ =
            writeln!(xml, "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\">", tests(rule), failures(rule));
        for case in &rule.cases {
            let (file, line) = (attribute(&case.source.file), case.source.line);
            let _ = write!(
                xml,
                "    <testcase classname=\"{name}\" name=\"case {}: {}\" file=\"{file}\" line=\"{line}\"",
                case.case,
                attribute(&case.expected)
            );
            xml.push_str(&failure((!case.ok).then(|| said(case))));
        }
        if let Some(missing) = &rule.missing {
            let (file, line) = (attribute(&rule.source.file), rule.source.line);
            let _ = write!(xml, "    <testcase classname=\"{name}\" name=\"cases\" file=\"{file}\" line=\"{line}\"");
            xml.push_str(&failure(Some(missing.clone())));
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn missing(rule: &RuleOutcome) -> usize {
    usize::from(rule.missing.is_some())
}

/// The rest of a test case.
fn failure(message: Option<String>) -> String {
    match message {
        Some(message) => format!(">\n      <failure message=\"{}\"/>\n    </testcase>\n", attribute(&message)),
        None => "/>\n".to_owned(),
    }
}

/// A text inside quotes; what must not be seen as it is, or may not stand in XML, is an escape.
fn attribute(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in escape(text).chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => shown.push('\u{fffd}'),
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_inside_its_attribute() {
        assert_eq!(attribute("\"/><x a='&\u{0}\u{202e}\u{ffff}"), "&quot;/&gt;&lt;x a='&amp;\\u{0}\\u{202e}\u{fffd}");
    }
}
