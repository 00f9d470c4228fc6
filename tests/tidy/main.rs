//! The repository's own rules, as tests.
//!
//! A rule that is only written down is kept for a week. Each rule here is one function over the tree of files that
//! gives every breach with its place, so that one run shows them all. What must hold: a rule reads the files as they
//! are on the disk and knows nothing of the machine it runs on.
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

/// Fails with every breach on a line of its own.
#[track_caller]
fn assert_none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}
