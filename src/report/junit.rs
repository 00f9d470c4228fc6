//! JUnit reports, which CI servers read.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::escape::escape;

/// Returns an empty test suite.
pub(crate) fn suite(name: &str) -> TestSuite {
    TestSuite::new(escape(name))
}

/// Adds a test case, which fails if there is a failure message; `location` is its path and line.
pub(crate) fn add_case<'s>(
    suite: &'s mut TestSuite,
    name: &str,
    location: Option<(&str, u32)>,
    failure: Option<&str>,
) -> &'s mut TestCase {
    let mut status = TestCaseStatus::success();
    if let Some(message) = failure {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(escape(message));
    }
    let mut case = TestCase::new(escape(name), status);
    case.set_classname(suite.name.clone());
    if let Some((path, line)) = location {
        case.extra.insert("file".into(), escape(path).into());
        case.extra.insert("line".into(), line.to_string().into());
    }
    suite.add_test_case(case);
    let last = suite.test_cases.len() - 1;
    &mut suite.test_cases[last]
}

/// Returns the report as XML.
pub(crate) fn document(name: &str, suites: impl IntoIterator<Item = TestSuite>) -> String {
    let mut report = Report::new(name);
    report.add_test_suites(suites);
    // Writing to a string cannot fail.
    report.to_string().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_inside_and_failures_are_counted() {
        let mut suite = suite("<a>");
        add_case(&mut suite, "a", None, None);
        add_case(&mut suite, "b\u{ffff}", None, Some("\"/><x>\u{0}"));
        add_case(&mut suite, "c", None, None).set_system_out("]]></system-out>");
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites name=\"t\" tests=\"3\" failures=\"1\" errors=\"0\">
    <testsuite name=\"&lt;a&gt;\" tests=\"3\" disabled=\"0\" errors=\"0\" failures=\"1\">
        <testcase name=\"a\" classname=\"&lt;a&gt;\">
        </testcase>
        <testcase name=\"b\\u{ffff}\" classname=\"&lt;a&gt;\">
            <failure message=\"&quot;/&gt;&lt;x&gt;\\u{0}\"/>
        </testcase>
        <testcase name=\"c\" classname=\"&lt;a&gt;\">
            <system-out>]]&gt;&lt;/system-out&gt;</system-out>
        </testcase>
    </testsuite>
</testsuites>
";
        assert_eq!(document("t", [suite]), expected);
    }
}
