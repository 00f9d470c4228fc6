//! `init`: writes a valid starter manifest, and never overwrites files.

use crate::story;
use crate::support::Sandbox;

#[test]
fn starter_is_written_and_valid() {
    let sandbox = Sandbox::new();
    story("init", &sandbox.run(&["init", "8x8", "officeseries"]));
    story("init-validate", &sandbox.run(&["validate"]));
    crate::support::check("tests/cli/golden/init-reseat.yaml.txt", &sandbox.read("reseat.yaml"));
}

#[test]
fn existing_files_are_kept() {
    let sandbox = Sandbox::new().write("reseat.yaml", "mine");
    story("init-twice", &sandbox.run(&["init", "8x8"]));
    assert_eq!(sandbox.read("reseat.yaml"), "mine");
    assert!(!sandbox.path().join("state").exists());
}

#[test]
fn unknown_vendor_is_a_usage_error_that_lists_the_known_ones() {
    story("init-unknown", &Sandbox::new().run(&["init", "8x9"]));
}
