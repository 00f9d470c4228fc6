//! `apply --reviewed`: applies what was reviewed and is still open, and nothing else.
use serde_json::Value;

use crate::story;
use crate::support::Sandbox;

const MANIFEST: &str = r"apiVersion: reseat/v1
tenants:
  wiki:
    vendor: generic
    exclusive: [[reader, editor]]
    loses: [drafts]
    adapter: { file: { path: state.yaml } }
assignments:
  - license: wiki/editor
    to: [ana@acme.example, bo@acme.example]
  - license: wiki/reader
    to: [cy@acme.example]
acknowledgements:
  - { tenant: wiki, people: [ana@acme.example, cy@acme.example, di@acme.example], until: 2026-12-31 }
";

const STATE: &str = r"apiVersion: reseat/v1
kind: observation
tenant: wiki
vendor: generic
observed_at: 2026-11-21T10:00:00Z
complete: true
pools: [{ license: editor, total: 5 }, { license: reader, total: 5 }]
accounts:
  - { id: u-1, email: ana@acme.example, holdings: [{ license: reader }] }
  - { id: u-2, email: bo@acme.example, holdings: [] }
  - { id: u-3, email: cy@acme.example, holdings: [{ license: reader }] }
  - { id: u-4, email: di@acme.example, holdings: [] }
";

/// Writes a manifest and its reviewed plan, `plan.json`.
fn reviewed() -> Sandbox {
    let sandbox = Sandbox::new().write("m/reseat.yaml", MANIFEST).write("m/state.yaml", STATE);
    assert_eq!(sandbox.run(&["plan", "m", "--out", "plan.json"]).status, 0);
    sandbox
}

fn edited(sandbox: Sandbox, file: &str, old: &str, new: &str) -> Sandbox {
    let text = sandbox.read(file);
    assert!(text.contains(old), "{text}");
    let text = text.replacen(old, new, 1);
    sandbox.write(file, text)
}

fn assert_converged(sandbox: &Sandbox) {
    let planned = sandbox.run(&["plan", "m", "--detailed-exitcode"]);
    assert_eq!(planned.status, 0, "{}", planned.render());
}

const APPLY: [&str; 4] = ["apply", "m", "--reviewed", "plan.json"];

#[test]
fn matching_plan_is_applied_once() {
    let sandbox = reviewed();
    let first = sandbox.run(&APPLY);
    assert_eq!(first.status, 0, "{}", first.render());
    assert!(first.stderr.contains("the plan is identical to the reviewed plan\n"), "{}", first.stderr);
    assert_converged(&sandbox);
    let again = sandbox.run(&APPLY);
    assert_eq!(again.status, 0, "{}", again.render());
    assert!(again.stderr.ends_with("in effect\nnothing to do\n"), "{}", again.stderr);
}

#[test]
fn content_digest_identifies_a_reviewed_plan() {
    let sandbox = reviewed();
    let plan: Value = serde_json::from_str(&sandbox.read("plan.json")).unwrap();
    let content = plan["content"].as_str().unwrap();
    assert_eq!(sandbox.run(&["apply", "m", "--reviewed", content]).status, 0);
    assert_converged(&sandbox);
    assert_eq!(sandbox.run(&["apply", "m", "--reviewed", content]).status, 0, "nothing is left to do");
}

#[test]
fn unreviewed_person_stops_the_run() {
    let sandbox = edited(reviewed(), "m/reseat.yaml", "bo@acme.example]", "bo@acme.example, di@acme.example]");
    let before = sandbox.read("m/state.yaml");
    story("reviewed-drift", &sandbox.run(&APPLY));
    assert_eq!(sandbox.read("m/state.yaml"), before, "nothing was sent");
    story("reviewed-digest", &sandbox.run(&["apply", "m", "--reviewed", &format!("sha256:{}", "0".repeat(64))]));
    assert_eq!(sandbox.read("m/state.yaml"), before, "nothing was sent");
}

#[test]
fn seat_used_by_another_person_stops_the_run() {
    // Ana gives up a seat only because of the one that she will get.
    let sandbox = edited(reviewed(), "m/state.yaml", "license: editor, total: 5", "license: editor, total: 1");
    let before = sandbox.read("m/state.yaml");
    let output = sandbox.run(&["apply", "m", "--reviewed", "plan.json", "--format", "json"]);
    assert_eq!(output.status, 5, "{}", output.render());
    let drift: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(drift["findings"][0]["code"], "X132");
    assert_eq!(drift["people"][0]["kind"], "gone");
    assert_eq!(drift["people"][0]["person"], "bo@acme.example");
    assert_eq!(drift["people"][0]["now"], "waiting for editor, position 1");
    assert_eq!(sandbox.read("m/state.yaml"), before, "nothing was sent");
}

#[test]
fn manual_completion_is_no_difference() {
    let sandbox = edited(
        reviewed(),
        "m/state.yaml",
        "u-2, email: bo@acme.example, holdings: []",
        "u-2, email: bo@acme.example, holdings: [{ license: editor }]",
    );
    let output = sandbox.run(&APPLY);
    assert_eq!(output.status, 0, "{}", output.render());
    assert!(
        output.stderr.contains("the remainder of the reviewed plan; 1 operation is in effect"),
        "{}",
        output.stderr
    );
    assert_converged(&sandbox);
}

#[test]
fn two_lost_runs_are_applied_together_from_a_folder() {
    let sandbox = reviewed();
    let first = sandbox.read("plan.json");
    let sandbox = edited(sandbox, "m/reseat.yaml", "to: [cy@acme.example]", "to: [cy@acme.example, di@acme.example]");
    // The second pull request was planned without the first one.
    let second = sandbox.read("m/reseat.yaml").replace("[ana@acme.example, bo@acme.example]", "[]");
    let second =
        second.replace("[cy@acme.example, di@acme.example]", "[cy@acme.example, di@acme.example, ana@acme.example]");
    let sandbox = sandbox.write("second/reseat.yaml", second);
    let planned = sandbox.run(&["plan", "second", "--state", "m/state.yaml", "--out", "second.json"]);
    assert_eq!(planned.status, 0, "{}", planned.render());
    let sandbox = sandbox.write("plans/1.json", first);
    let alone = sandbox.run(&["apply", "m", "--reviewed", "plans"]);
    assert_eq!(alone.status, 5, "{}", alone.render());
    let both = sandbox.read("second.json");
    let sandbox = sandbox.write("plans/2.json", both);
    let output = sandbox.run(&["apply", "m", "--reviewed", "plans"]);
    assert_eq!(output.status, 0, "{}", output.render());
    assert_converged(&sandbox);
}

#[test]
fn review_does_not_override_policy() {
    let sandbox = edited(reviewed(), "m/reseat.yaml", "to: [cy@acme.example]", "to: []");
    assert_eq!(sandbox.run(&["plan", "m", "--out", "plan.json"]).status, 0, "cy loses acknowledged drafts");
    let sandbox = edited(sandbox, "m/reseat.yaml", "people: [ana@acme.example, cy@acme.example, ", "people: [");
    let output = sandbox.run(&APPLY);
    assert_eq!(output.status, 4, "{}", output.render());
}

#[test]
fn invalid_reviewed_plan_is_refused_first() {
    let sandbox = reviewed();
    let altered = sandbox.read("plan.json").replacen("editor", "reader", 1);
    let sandbox = sandbox.write("altered.json", altered);
    for (given, status, word) in [("altered.json", 3, "X110"), ("m/reseat.yaml", 3, "X109"), ("gone", 3, "X109")] {
        let output = sandbox.run(&["apply", "m", "--reviewed", given]);
        assert_eq!(output.status, status, "{}", output.render());
        assert!(output.stderr.contains(word), "{}", output.stderr);
    }
    assert_eq!(sandbox.run(&["apply", "plan.json", "-m", "m", "--reviewed", "plan.json"]).status, 2);
}
