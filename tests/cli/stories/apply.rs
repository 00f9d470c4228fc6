//! `apply`, and what `history` shows afterwards; one story per ending.

use crate::story;
use crate::support::Sandbox;

const MANIFEST: &str = "\
apiVersion: reseat/v1
tenants:
  wiki:
    vendor: generic
    adapter: { file: { path: state.yaml } }
assignments:
  - { license: wiki/editor, to: [ana@acme.example, bo@acme.example] }
";

const STATE: &str = "\
apiVersion: reseat/v1
kind: observation
tenant: wiki
vendor: generic
observed_at: 2026-11-21T10:00:00Z
complete: true
pools: [{ license: editor, total: 5 }]
accounts:
  - { id: a, email: ana@acme.example, holdings: [] }
  - { id: b, email: bo@acme.example, holdings: [] }
";

fn wiki() -> Sandbox {
    Sandbox::new().write("m/reseat.yaml", MANIFEST).write("m/state.yaml", STATE)
}

/// Writes a plan of the manifest to `plan.json`.
fn planned(sandbox: Sandbox) -> Sandbox {
    assert_eq!(sandbox.run(&["plan", "m", "--out", "plan.json"]).status, 0);
    sandbox
}

#[test]
fn manifest_is_planned_shown_applied_and_converges() {
    let sandbox = wiki();
    story("apply-manifest", &sandbox.run(&["apply", "m", "--yes"]));
    story("apply-nothing-left", &sandbox.run(&["apply", "m", "--yes"]));
    story("history", &sandbox.run(&["history", "-m", "m"]));
}

#[test]
fn plan_file_is_applied_exactly_and_only_once() {
    let sandbox = Sandbox::new().copy_example("quickstart");
    assert_eq!(sandbox.run(&["plan", "quickstart", "--out", "plan.json"]).status, 0);
    story("apply-plan", &sandbox.run(&["apply", "plan.json", "-m", "quickstart"]));
    let again = sandbox.run(&["apply", "plan.json", "-m", "quickstart"]);
    assert_eq!(again.status, 0);
    assert!(again.stdout.contains(": 20 already in effect\n"), "{}", again.stdout);
    assert_eq!(sandbox.run(&["plan", "quickstart", "--detailed-exitcode"]).status, 0);
}

#[test]
fn run_is_printed_as_json() {
    let output = planned(wiki()).run(&["apply", "plan.json", "-m", "m", "--format", "json"]);
    let run: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(run["summary"]["applied"], 2);
    assert_eq!(run["outcomes"][0]["outcome"], "applied");
    let history = planned(wiki()).run(&["history", "-m", "m", "--format", "json"]);
    assert_eq!(history.stdout, "{\n  \"runs\": []\n}\n");
}

#[test]
fn apply_without_a_terminal_requires_yes() {
    story("apply-no-terminal", &wiki().run(&["apply", "m"]));
}

#[test]
fn altered_plan_is_an_input_error_and_nothing_is_sent() {
    let sandbox = planned(wiki());
    let altered = sandbox.read("plan.json").replacen("editor", "reader", 1);
    let sandbox = sandbox.write("plan.json", altered);
    assert_eq!(sandbox.run(&["apply", "plan.json", "-m", "m"]).status, 3);
    assert_eq!(sandbox.read("m/state.yaml"), STATE);
}

#[test]
fn denied_plan_is_not_applied() {
    let state = STATE.replace("bo@acme.example, holdings: []", "bo@acme.example, holdings: [{ license: editor }]");
    let manifest = MANIFEST.replace("generic\n", "generic\n    loses: [drafts]\n").replace(", bo@acme.example", "");
    let sandbox = Sandbox::new().write("m/reseat.yaml", manifest).write("m/state.yaml", &state);
    assert_eq!(sandbox.run(&["plan", "m", "--out", "plan.json"]).status, 4);
    story("apply-denied", &sandbox.run(&["apply", "plan.json", "-m", "m"]));
    assert_eq!(sandbox.run(&["apply", "m", "--yes"]).status, 4);
    assert_eq!(sandbox.read("m/state.yaml"), state);
}

#[test]
fn plan_of_another_manifest_is_stale() {
    let sandbox = planned(wiki()).write("m/reseat.yaml", MANIFEST.replace(", bo@acme.example", ""));
    story("apply-stale", &sandbox.run(&["apply", "plan.json", "-m", "m"]));
    assert_eq!(sandbox.read("m/state.yaml"), STATE);
}

#[test]
fn changed_person_is_skipped_and_the_rest_is_applied() {
    let changed = STATE
        .replace("bo@acme.example, holdings: []", "bo@acme.example, holdings: [{ license: editor, state: pending }]");
    let sandbox = planned(wiki()).write("m/state.yaml", changed);
    story("apply-skipped", &sandbox.run(&["apply", "plan.json", "-m", "m"]));
}

#[test]
fn vendor_busy_until_the_wait_ends_is_pending() {
    let sandbox =
        planned(wiki().write("m/state.yaml", STATE.replace("complete: true", "complete: true\nbusy: user audit")));
    story("apply-busy", &sandbox.run(&["apply", "plan.json", "-m", "m", "--wait", "1s"]));
}

#[test]
fn concurrent_run_fails_with_the_lock_held() {
    let sandbox =
        planned(wiki().write("m/state.yaml", STATE.replace("complete: true", "complete: true\nbusy: user audit")));
    // The first run waits for the vendor while it holds the lock.
    let both = "reseat apply plan.json -m m --wait 3s > first.txt 2>&1 & \
                for n in $(seq 50); do grep -q waiting first.txt && break; sleep 0.1; done; \
                code=0; reseat apply plan.json -m m --wait 1s || code=$?; wait; exit $code";
    let output = sandbox.shell(both);
    assert_eq!(output.status, 9, "{}", output.render());
    assert!(output.stderr.contains("error X102"), "{}", output.stderr);
}

#[test]
#[cfg(target_os = "linux")] // where there is a device that is always full
fn output_that_cannot_be_written_is_an_error() {
    let output = wiki().shell("reseat plan m > /dev/full");
    assert_eq!(output.status, 1, "{}", output.render());
}

#[test]
fn plan_file_excludes_state() {
    let output = planned(wiki()).run(&["apply", "plan.json", "-m", "m", "--state", "m/state.yaml"]);
    assert_eq!(output.status, 2, "{}", output.stderr);
}
