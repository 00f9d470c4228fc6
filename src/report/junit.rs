//! JUnit's XML, which CI servers read: suites of cases, each passed or failed.

use std::fmt::Write as _;

use super::escape::markup;
use crate::diagnostic::Source;

/// Cases that belong together, such as those of one rule or one file.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) cases: Vec<Case>,
}

/// One case.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// Where it is; the path as the reader opens it.
    pub(crate) place: Option<(String, u32)>,
    /// What is wrong, where it failed.
    pub(crate) failure: Option<String>,
    /// What else is to be said.
    pub(crate) output: Option<String>,
}

impl Case {
    /// A case that passed, without a place.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), place: None, failure: None, output: None }
    }

    /// The same case at that place.
    #[must_use]
    pub(crate) fn at(mut self, path: String, source: &Source) -> Self {
        self.place = Some((path, source.line));
        self
    }
}

/// The document.
pub(crate) fn document(name: &str, suites: &[Suite]) -> String {
    let failures = |suite: &Suite| suite.cases.iter().filter(|case| case.failure.is_some()).count();
    let (tests, failed) =
        suites.iter().fold((0, 0), |(tests, failed), suite| (tests + suite.cases.len(), failed + failures(suite)));
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    // Writing to a string cannot fail.
    let _ = writeln!(xml, "<testsuites name=\"{}\" tests=\"{tests}\" failures=\"{failed}\">", markup(name));
    for suite in suites {
        let (name, tests, failed) = (markup(&suite.name), suite.cases.len(), failures(suite));
        let _ = writeln!(xml, "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\">");
        for case in &suite.cases {
            case_element(&mut xml, &name, case);
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn case_element(xml: &mut String, suite: &str, case: &Case) {
    let _ = write!(xml, "    <testcase classname=\"{suite}\" name=\"{}\"", markup(&case.name));
    if let Some((path, line)) = &case.place {
        let _ = write!(xml, " file=\"{}\" line=\"{line}\"", markup(path));
    }
    if case.failure.is_none() && case.output.is_none() {
        xml.push_str("/>\n");
        return;
    }
    xml.push_str(">\n");
    if let Some(failure) = &case.failure {
        let _ = writeln!(xml, "      <failure message=\"{}\"/>", markup(failure));
    }
    if let Some(output) = &case.output {
        let _ = writeln!(xml, "      <system-out>{}</system-out>", markup(output));
    }
    xml.push_str("    </testcase>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_counted_and_hostile_text_stays_inside() {
        let failed = Case { failure: Some("\"/><x>\u{0}".to_owned()), ..Case::new("b\u{ffff}") };
        let said = Case { output: Some("]]></system-out>".to_owned()), ..Case::new("c") };
        let suite = Suite { name: "<a>".to_owned(), cases: vec![Case::new("a"), failed, said] };
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"t\" tests=\"3\" failures=\"1\">
  <testsuite name=\"&lt;a&gt;\" tests=\"3\" failures=\"1\">
    <testcase classname=\"&lt;a&gt;\" name=\"a\"/>
    <testcase classname=\"&lt;a&gt;\" name=\"b\u{fffd}\">
      <failure message=\"&quot;/&gt;&lt;x&gt;\\u{0}\"/>
    </testcase>
    <testcase classname=\"&lt;a&gt;\" name=\"c\">
      <system-out>]]&gt;&lt;/system-out&gt;</system-out>
    </testcase>
  </testsuite>
</testsuites>
";
        assert_eq!(document("t", &[suite]), expected);
    }
}
