//! The rehearsal script, run as a user would.

use crate::support::Sandbox;

#[test]
fn killed_change_of_role_is_resumed_and_converges() {
    let output = Sandbox::new().copy_example("rehearsal").shell("rehearsal/rehearse.sh");
    assert_eq!(output.status, 0, "{}", output.render());
    assert!(output.stderr.contains("which was interrupted"), "it was killed too late:\n{}", output.render());
    let end = output.stdout.split("## What the vendor has now").nth(1).unwrap_or_default();
    // Ana and Bo keep their memberships, and Cy has a license.
    for part in ["ring-group/sales-desk", "call-queue/support", "license: X2"] {
        assert!(end.contains(part), "{part} is not there:\n{}", output.render());
    }
}
