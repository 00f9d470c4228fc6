//! `history`: lists runs, and creates nothing.

use crate::story;
use crate::support::Sandbox;

#[test]
fn missing_store_has_no_history_and_is_not_created() {
    let sandbox = Sandbox::new();
    story("history-none", &sandbox.run(&["history"]));
    assert!(!sandbox.path().join(".reseat").exists());
}

#[test]
fn store_of_an_unknown_kind_is_an_input_error() {
    story("history-bad-store", &Sandbox::new().run(&["history", "--store", "redis://x"]));
}
