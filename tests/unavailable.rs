//! The last test binary: lists the suites that did not run because this machine has no prerequisite for them.
//!
//! A suite without its prerequisite passes, so that `cargo test` needs only Rust. It counts as ignored here.
#![expect(clippy::print_stderr, reason = "a skipped suite is reported")]

#[path = "support/prerequisites.rs"]
mod prerequisites;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use prerequisites::ALL;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = ALL
        .iter()
        .map(|one| {
            Trial::test(format!("{} (needs {})", one.suite, one.needs), || Ok(())).with_ignored_flag(!one.is_met())
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        for one in ALL.iter().filter(|one| !one.is_met()) {
            eprintln!("SKIPPED: {}: needs {}", one.suite, one.needs);
        }
    }
    conclusion.exit_code()
}
