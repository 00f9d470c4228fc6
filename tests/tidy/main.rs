//! The rules of the repository, as tests.
//!
//! Each rule is one function over the tree of files that
//! reports every violation with its location, so that one run shows them all. A rule reads the files
//! from disk and does not depend on the machine.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a rule that cannot read the tree has to stop the test")]

mod catalog;
mod dependencies;
mod files;
mod layers;
mod links;
mod source;
mod tree;
mod vendors;
mod words;

/// Fails with one line per violation.
#[track_caller]
fn assert_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}
