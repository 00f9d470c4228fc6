//! The rule corpus: each manifest code has a good example without findings, and a bad one with only that
//! code, at the locations in `expected.txt`.
#![expect(clippy::expect_used, reason = "a test that cannot read its corpus has to stop")]

use std::path::{Path, PathBuf};

use reseat::diagnostic::{Finding, catalog};
use reseat::env::Now;
use reseat::{manifest, validate};

/// Codes that no manifest can show, each with the test that does.
const ELSEWHERE: [(&str, &str); 7] = [
    ("M204", "`init`, which refuses to write over a file"),
    ("M205", "`init`, where the system refuses to write"),
    ("M401", "`import`, which writes inside the manifest only"),
    ("M402", "`import`, which needs a complete state"),
    ("M403", "`import`, where a file cannot be added to"),
    ("M502", "`validate`, which looks at the repository around the manifest"),
    ("R190", "`why`, for a person without an entry"),
];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

/// Returns the example of that name: a file, or a folder.
fn example(folder: &Path, name: &str) -> PathBuf {
    let file = folder.join(format!("{name}.yaml"));
    if file.exists() { file } else { folder.join(name) }
}

fn findings(path: &Path) -> Vec<Finding> {
    assert!(path.exists(), "{} is missing", path.display());
    let loaded = manifest::load(path);
    let mut findings = loaded.findings;
    findings.extend(validate::check(&loaded.desired, Now::at("2026-11-22T10:00:00Z".parse().expect("a time"))));
    findings
}

/// Formats one line per finding: code and location, then related locations.
fn lines(findings: &[Finding]) -> String {
    let mut lines = String::new();
    for finding in findings {
        lines += &finding.code;
        let related = finding.related.iter().map(|other| &other.source);
        for (at, mark) in std::iter::once(&finding.source).chain(related).zip([" ", ", with "].iter().cycle()) {
            if let Some(at) = at {
                lines += &format!("{mark}{}:{}:{}", at.file, at.line, at.column);
            }
        }
        lines.push('\n');
    }
    lines
}

#[test]
fn every_code_has_a_good_and_a_bad_example() {
    let mut faults = Vec::new();
    for code in catalog::manifest::ALL.iter().chain(catalog::reference::ALL) {
        if ELSEWHERE.iter().any(|(elsewhere, _)| *elsewhere == code.id) {
            continue;
        }
        let folder = corpus().join(code.id);
        assert!(folder.is_dir(), "tests/rules/{} is missing: {}", code.id, code.summary);
        for finding in findings(&example(&folder, "good")) {
            faults.push(format!("{}: the good example has a finding: {finding:#?}", code.id));
        }
        let bad = findings(&example(&folder, "bad"));
        if bad.is_empty() {
            faults.push(format!("{}: the bad example has no finding", code.id));
        }
        for finding in &bad {
            let helpful = finding.help.as_ref().is_some_and(|help| !help.is_empty());
            if finding.code != code.id || !helpful || finding.message.ends_with('.') {
                faults.push(format!("{}: the bad example has another finding: {finding:#?}", code.id));
            }
        }
        crate::support::check(&format!("tests/rules/{}/expected.txt", code.id), &lines(&bad));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn corpus_has_no_example_without_a_code() {
    for entry in std::fs::read_dir(corpus()).expect("the corpus is there") {
        let name = entry.expect("an entry").file_name();
        let id = name.to_string_lossy();
        assert!(catalog::find(&id).is_some(), "tests/rules/{id} has no code");
    }
}
