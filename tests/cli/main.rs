//! Stories on the command line: a few a verb, and one for each exit code.

mod stories;
#[path = "../support/mod.rs"]
mod support;

use support::{Output, check};

/// Compares a whole run with the stored one of that name.
fn story(name: &str, output: &Output) {
    check(&format!("tests/cli/golden/{name}.txt"), &output.render());
}

/// Compares what was printed for other programs with the stored document, which has its own ending and may be longer than a
/// story.
fn document(file: &str, output: &Output) {
    assert_eq!(output.stderr, "", "{}", output.render());
    check(&format!("tests/cli/golden/{file}"), &output.stdout);
}
