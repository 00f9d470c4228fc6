//! `comment`: its input from the CI server, its output, and its refusals.

use crate::story;
use crate::support::Sandbox;

fn planned() -> Sandbox {
    let sandbox = Sandbox::new().copy_example("quickstart");
    assert_eq!(sandbox.run(&["plan", "quickstart", "--out", "plan.json"]).status, 0);
    sandbox
}

#[test]
fn dry_run_prints_the_comment_offline() {
    let sandbox = planned();
    let event = r#"{ "pull_request": { "number": 12, "head": { "sha": "4ead4ead" } } }"#;
    let sandbox = sandbox.write("event.json", event);
    let path = sandbox.path().join("event.json");
    let job = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_PATH", path.to_str().unwrap()),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "acme/licenses"),
        ("GITHUB_RUN_ID", "7"),
    ];
    let arguments = ["comment", "plan.json", "-m", "quickstart", "--environment", "production", "--dry-run"];
    let output = sandbox.run_with(&arguments, &job, "");
    assert_eq!((output.status, output.stderr.as_str()), (0, ""));
    assert!(output.stdout.starts_with("<!-- reseat-comment "), "{}", output.stdout);
    for part in [
        "## ⚠️ reseat for `production`: can be applied; destroys data of 5 people\n",
        "commit `4ead4ead`",
        "\n[the full report]: <https://github.com/acme/licenses/actions/runs/7>\n",
    ] {
        assert!(output.stdout.contains(part), "{part}\n{}", output.stdout);
    }
    let again = sandbox.run(&["comment", "plan.json", "-m", "quickstart", "--environment", "test", "--dry-run"]);
    assert_ne!(again.stdout.lines().next(), output.stdout.lines().next(), "each environment has its own");
}

#[test]
fn missing_options_are_requested() {
    let sandbox = planned();
    story("comment-no-forge", &sandbox.run(&["comment", "plan.json"]));
    story("comment-no-request", &sandbox.run(&["comment", "plan.json", "--forge", "github", "--repository", "acme/x"]));
    let repository = ["comment", "plan.json", "--forge", "github", "--repository", "acme", "--request", "1"];
    story("comment-no-repository", &sandbox.run(&repository));
    let token = ["comment", "plan.json", "--forge", "gitlab", "--repository", "acme/x", "--request", "1"];
    story("comment-no-token", &sandbox.run(&token));
}

#[test]
fn unreachable_forge_is_a_finding() {
    let sandbox = planned().write("token", "t0ken");
    let at = |api: &str| {
        let arguments = ["comment", "plan.json", "--forge", "github", "--repository", "acme/x", "--request", "1"];
        let more = ["--token-file", "token", "--wait", "0s", "--api", api];
        sandbox.run(&[&arguments[..], &more[..]].concat())
    };
    // Port 9 is the discard service, which normally does not run.
    let output = at("http://127.0.0.1:9");
    assert_eq!(output.status, 8, "{}", output.stderr);
    assert!(output.stderr.contains("A403") && !output.stderr.contains("t0ken"), "{}", output.stderr);
    story("comment-address", &at("http://forge.example"));
}
