//! Findings as text: locations, excerpts and escaping.

use super::*;
use crate::diagnostic::Code;
use crate::report::findings::summarize_severities;

static CODE: Code = Code { id: "M101", summary: "a summary", cause: "A cause.", remedy: "A remedy." };

fn at(file: &str, line: u32, column: u32) -> Source {
    Source { file: file.into(), line, column }
}

fn files(text: &str) -> Files {
    let mut files = Files::default();
    files.add("sales.yaml", "teams/sales.yaml", text);
    files
}

#[test]
fn line_is_shown_with_its_number_and_a_path_that_can_be_opened() {
    let finding =
        Finding::error(&CODE, "unknown key `lisence`").help("did you mean `license`?").at(at("sales.yaml", 3, 5));
    let text =
        text(&[finding], &files("apiVersion: reseat/v1\nassignments:\n  - lisence: phones/X4\n"), TextStyle::PLAIN);
    assert!(text.contains("error M101"), "{text}");
    assert!(text.contains("[teams/sales.yaml:3:5]"), "{text}");
    assert!(text.contains(" 3 │   - lisence: phones/X4\n   ·     ───────\n"), "{text}");
    assert!(text.contains("help: did you mean `license`?"), "{text}");
}

#[test]
fn related_locations_are_labeled_even_in_another_file() {
    let mut files = files("one: 1\ntwo: 2\n");
    files.add("b.yaml", "teams/b.yaml", "a\n\n\n\nb\n");
    let finding = Finding::error(&CODE, "stands twice")
        .at(at("b.yaml", 5, 1))
        .related("first here", at("sales.yaml", 2, 1))
        .related("known from the profile", None);
    let text = text(&[finding], &files, TextStyle::PLAIN);
    assert!(text.contains("[teams/b.yaml:5:1]") && text.contains("[teams/sales.yaml:2:1]"), "{text}");
    assert!(text.contains("first here") && text.contains("known from the profile"), "{text}");
}

#[test]
fn location_in_an_unread_file_has_no_excerpt() {
    let finding = Finding::warning(&CODE, "odd").at(at("gone.yaml", 7, 2));
    let text = text(&[finding], &Files::default(), TextStyle::PLAIN);
    assert!(text.contains("warning M101 gone.yaml:7:2"), "{text}");
}

#[test]
fn hostile_source_line_cannot_steer_the_terminal() {
    let finding = Finding::error(&CODE, "bad \u{1b}[2J name").at(at("sales.yaml", 1, 4));
    let text = text(&[finding], &files("a: \u{202e}\u{1b}]0;x\u{7} b\n"), TextStyle::PLAIN);
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    assert!(text.contains("\\u{202e}"), "{text}");
}

#[test]
fn long_line_is_truncated_around_the_location() {
    let line = format!("{}HERE{}", "a".repeat(5_000), "b".repeat(5_000));
    let finding = Finding::error(&CODE, "wrong").at(at("sales.yaml", 1, 5_001));
    let text = text(&[finding], &files(&line), TextStyle::PLAIN);
    assert!(text.contains("aHERE") && text.contains("[teams/sales.yaml:1:5001]"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
}

#[test]
fn location_past_the_end_is_accepted() {
    for (line, column) in [(1, 400), (2, 1), (90, 1), (0, 0), (u32::MAX, u32::MAX)] {
        let finding = Finding::error(&CODE, "wrong").at(at("sales.yaml", line, column));
        let text = text(&[finding], &files("a: 1\n"), TextStyle::PLAIN);
        assert!(text.contains("wrong"), "{text}");
    }
}

#[test]
fn tally_counts_each_severity() {
    let findings = [Finding::error(&CODE, "a"), Finding::warning(&CODE, "b"), Finding::warning(&CODE, "c")];
    assert_eq!(summarize_severities(&findings), "1 error, 2 warnings");
    assert_eq!(summarize_severities(&[]), "");
}
