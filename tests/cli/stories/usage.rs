//! Invalid command lines and help.

use crate::story;
use crate::support::Sandbox;

#[test]
fn help_lists_the_commands_on_stdout() {
    // docs/reference/commands.md lists the options, and a test compares it.
    story("help", &Sandbox::new().shell("reseat --help > all && sed '/^Options:/,$d' all"));
}

#[test]
fn unknown_command_is_a_usage_error() {
    story("unknown-verb", &Sandbox::new().run(&["aply"]));
}

#[test]
fn completions_are_a_script() {
    let output = Sandbox::new().run(&["completions", "bash"]);
    assert_eq!(output.status, 0);
    assert!(output.stdout.contains("complete -F _reseat"), "{}", output.stdout);
}

#[test]
fn closed_pipe_is_no_error() {
    let output =
        Sandbox::new().shell("for n in 1 2 3; do reseat completions bash; echo $? >&2; done | head -n 1 > /dev/null");
    assert_eq!(output.stderr, "0\n0\n0\n");
}
