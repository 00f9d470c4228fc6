//! Reverting a run: a plan of its own, with the same policy and prompt.

use crate::story;
use crate::support::{Output, Sandbox};

const STATE: &str = "\
apiVersion: reseat/v1
kind: observation
tenant: phones
vendor: 8x8
observed_at: 2026-11-21T10:00:00Z
complete: true
pools: [{ license: X2, total: 2 }, { license: X4, total: 5 }]
accounts:
  - { id: a, email: ana@acme.example, holdings: [{ license: X2 }] }
  - { id: b, email: bo@acme.example, holdings: [] }
  - { id: c, email: cy@acme.example, holdings: [{ license: X2 }] }
  - { id: d, email: di@acme.example, holdings: [] }
";

/// Ana moves, Bo gains, Cy loses; Di is unaffected.
const MANIFEST: &str = "\
apiVersion: reseat/v1
tenants:
  phones: { vendor: 8x8, adapter: { file: { path: phones.yaml } } }
assignments:
  - { license: phones/X4, to: [ana@acme.example, bo@acme.example] }
  - { license: phones/X2, to: [] }
acknowledgements:
  - { tenant: phones, people: [ana@acme.example, bo@acme.example, cy@acme.example], note: exported }
";

const RUN: &str = "run-20261121-120000-1";

fn applied(manifest: &str) -> Sandbox {
    let sandbox = Sandbox::new().write("m/reseat.yaml", manifest).write("m/phones.yaml", STATE);
    expect(&sandbox.run(&["apply", "m", "--yes"]), 0);
    sandbox
}

#[track_caller]
fn expect(output: &Output, status: i32) {
    assert_eq!(output.status, status, "{}", output.render());
}

/// Returns what everyone holds: `ana X4, bo X4`.
fn holds(sandbox: &Sandbox) -> String {
    let observed = sandbox.run(&["observe", "phones", "-m", "m", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&observed.stdout).unwrap_or_default();
    let mut held = Vec::new();
    for account in document["accounts"].as_array().into_iter().flatten() {
        let name = account["email"].as_str().unwrap_or_default().split('@').next().unwrap_or_default();
        for holding in account["holdings"].as_array().into_iter().flatten() {
            held.push(format!("{name} {}", holding["license"].as_str().unwrap_or_default()));
        }
    }
    held.join(", ")
}

const UNDO: [&str; 5] = ["undo", RUN, "-m", "m", "--yes"];

#[test]
fn undo_restores_the_state_and_reports_what_is_lost() {
    let sandbox = applied(MANIFEST);
    assert_eq!(holds(&sandbox), "ana X4, bo X4");
    story("undo", &sandbox.run(&UNDO));
    assert_eq!(holds(&sandbox), "ana X2, cy X2");
    story("undo-again", &sandbox.run(&UNDO));
}

#[test]
fn undo_of_an_undo_restores_the_run() {
    let sandbox = applied(MANIFEST);
    expect(&sandbox.run(&UNDO), 0);
    expect(&sandbox.run(&["undo", "run-20261121-120000-2", "-m", "m", "--yes"]), 0);
    assert_eq!(holds(&sandbox), "ana X4, bo X4");
    let history = sandbox.run(&["history", "-m", "m", "--format", "json"]);
    assert!(history.stdout.contains(&format!("\"undoes\": \"{RUN}\"")), "{}", history.stdout);
}

#[test]
fn person_who_changed_again_is_left_alone() {
    let sandbox = applied(MANIFEST);
    let meddled = sandbox.read("m/phones.yaml").replacen("  - license: X4", "  - license: X6", 1);
    let sandbox = sandbox.write("m/phones.yaml", meddled);
    let undone = sandbox.run(&UNDO);
    expect(&undone, 0);
    assert!(undone.stdout.contains("L302"), "{}", undone.render());
    assert_eq!(holds(&sandbox), "ana X6, cy X2");
}

#[test]
fn person_waits_for_a_seat_in_use() {
    let taken = applied(MANIFEST);
    let text = taken.read("m/phones.yaml");
    let di = text.rfind("holdings: []").expect("Di holds nothing");
    let text = format!("{}holdings: [{{ license: X2 }}]{}", &text[..di], &text[di + "holdings: []".len()..]);
    let taken = taken.write("m/phones.yaml", text);
    let undone = taken.run(&UNDO);
    expect(&undone, 0);
    assert!(undone.stdout.contains("L304"), "{}", undone.render());
    assert_eq!(holds(&taken), "ana X2, di X2", "Cy waits, and keeps what they hold");
}

#[test]
fn policy_applies_to_undo() {
    let guarded = MANIFEST.replace("bo@acme.example, cy@", "cy@");
    let sandbox = applied(&guarded);
    let denied = sandbox.run(&UNDO);
    expect(&denied, 4);
    assert!(denied.stdout.contains("P201"), "what Bo would lose is acknowledged by nobody: {}", denied.render());
    assert_eq!(holds(&sandbox), "ana X4, bo X4");
    let frozen =
        "policy: { freeze: [{ name: closing, from: 2026-11-21T13:00, until: 2026-11-22T00:00, time_zone: UTC }] }\n";
    let sandbox = applied(MANIFEST).write("m/policy.yaml", format!("apiVersion: reseat/v1\n{frozen}"));
    let hour_later = sandbox.run_with(&UNDO, &[("SOURCE_DATE_EPOCH", "1795266000")], "");
    expect(&hour_later, 4);
    assert!(hour_later.stderr.contains("P241"), "{}", hour_later.render());
}

#[test]
fn tenant_mode_applies_to_undo() {
    let add_only = MANIFEST.replace("vendor: 8x8,", "vendor: 8x8, manage: add-only,").replace(
        "ana@acme.example, bo@acme.example] }\n  - { license: phones/X2",
        "bo@acme.example] }\n  - { license: phones/X2",
    );
    let sandbox = applied(&add_only);
    assert_eq!(holds(&sandbox), "ana X2, bo X4, cy X2");
    let left = sandbox.run(&UNDO);
    expect(&left, 0);
    assert!(left.stdout.contains("mode `add-only` forbids"), "{}", left.render());
    assert_eq!(holds(&sandbox), "ana X2, bo X4, cy X2");
}

#[test]
fn plan_of_an_undo_can_be_reviewed_and_applied_later() {
    let sandbox = applied(MANIFEST);
    expect(&sandbox.run(&["undo", RUN, "-m", "m", "--out", "undo.json"]), 0);
    assert_eq!(holds(&sandbox), "ana X4, bo X4");
    expect(&sandbox.run(&["apply", "undo.json", "-m", "m"]), 0);
    assert_eq!(holds(&sandbox), "ana X2, cy X2");
    let history = sandbox.run(&["history", "-m", "m", "--format", "json"]);
    assert!(history.stdout.contains(&format!("\"undoes\": \"{RUN}\"")), "{}", history.stdout);
}

#[test]
fn unknown_run_is_an_input_error() {
    let sandbox = applied(MANIFEST);
    story("undo-unknown", &sandbox.run(&["undo", "run-1", "-m", "m", "--yes"]));
    expect(&sandbox.run(&["undo", RUN, "-m", "m"]), 2);
}
