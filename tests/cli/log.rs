//! What is said of the wire.

use crate::support::Sandbox;

#[test]
fn a_level_that_there_is_not_is_a_usage_error() {
    let output = Sandbox::new().run_with(&["explain", "A202"], &[("RESEAT_LOG", "loud")], "");
    assert_eq!(output.status, 2, "{}", output.render());
    assert!(output.stderr.contains("`loud`") && output.stderr.contains("debug"), "{}", output.render());
    let output = Sandbox::new().run_with(&["explain", "A202"], &[("RESEAT_LOG", "debug")], "");
    assert_eq!((output.status, &*output.stderr), (0, ""), "{}", output.render());
}
