//! Command-line stories: a few per command, and one for each exit code.

mod stories;
#[path = "../support/mod.rs"]
mod support;

use support::{Output, check};

/// Compares a run with the recorded one of the same name.
fn story(name: &str, output: &Output) {
    check(&format!("tests/cli/golden/{name}.txt"), &output.render());
}

/// Compares machine-readable output with the recorded document, which has its own file extension and may be longer than a
/// story.
fn document(file: &str, output: &Output) {
    assert_eq!(output.stderr, "", "{}", output.render());
    check(&format!("tests/cli/golden/{file}"), &output.stdout);
}
