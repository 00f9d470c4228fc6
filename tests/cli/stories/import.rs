//! `reseat import`: writes files from the current state; planning them yields an empty plan.

use crate::support::{Sandbox, check};

const TENANT: &str = "\
apiVersion: reseat/v1
tenants:
  phones:
    vendor: 8x8
    adapter: { file: { path: state/phones.yaml } }
";

const STATE: &str = "\
apiVersion: reseat/v1
kind: observation
tenant: phones
vendor: 8x8
observed_at: 2026-11-21T10:00:00Z
complete: true
pools:
  - { license: X4, total: 40 }
accounts:
  - { id: u-1, email: Ana@acme.example, holdings: [{ license: X4 }] }
  - { id: u-2, email: bo@acme.example, holdings: [{ license: X2 }, { license: fax, origin: \"group:Sales\" }] }
  - { id: u-3, email: \"\", holdings: [{ license: X2 }] }
  - { id: u-4, email: cy@acme.example, holdings: [{ license: X4, trial: true }, { license: X1 }] }
";

fn world() -> Sandbox {
    Sandbox::new().write("tenants.yaml", TENANT).write("state/phones.yaml", STATE)
}

#[test]
fn state_becomes_files_and_the_plan_is_empty() {
    let world = world();
    check("tests/cli/golden/import-dry-run.txt", &world.run(&["import", "phones", "--dry-run"]).render());
    assert!(!world.path().join("assignments").exists());
    check("tests/cli/golden/import.txt", &world.run(&["import", "phones"]).render());
    check("tests/cli/golden/import-phones.yaml.txt", &world.read("assignments/phones.yaml"));
    let plan = world.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.status, 0, "{}", plan.render());
    check("tests/cli/golden/import-again.txt", &world.run(&["import", "phones"]).render());
}

#[test]
fn later_import_adds_people_and_keeps_manual_edits() {
    let world = world();
    let _ = world.run(&["import", "phones"]);
    let written = world.read("assignments/phones.yaml").replace("- ana@acme.example", "- ana@acme.example # the boss");
    let later = STATE.to_owned() + "  - { id: u-5, email: aa@acme.example, holdings: [{ license: X2 }] }\n";
    let world = world.write("assignments/phones.yaml", &written).write("later.yaml", later);
    let run = world.run(&["import", "phones", "--state", "later.yaml", "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.render());
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON on stdout");
    assert_eq!((&json["people"], &json["licenses"]), (&1.into(), &0.into()));
    let text = world.read("assignments/phones.yaml");
    assert_eq!(text, written.replace("      - bo@", "      - aa@acme.example\n      - bo@"));
    assert_eq!(json["files"][0]["text"], text);
}

#[test]
fn unsupported_import_is_refused_with_its_code() {
    let world = world();
    let cut = STATE.replace("complete: true", "complete: false");
    let world = world.write("cut.yaml", cut).write("one.yaml", "apiVersion: reseat/v1\nassignments: &all\n  []\n");
    let run = world.run(&["import", "phones", "--state", "cut.yaml"]);
    assert_eq!(run.status, 3);
    assert!(run.stderr.contains("M402"), "{}", run.render());
    let run = world.run(&["import", "phones", "--out", "../elsewhere.yaml"]);
    assert!(run.status == 3 && run.stderr.contains("M401"), "{}", run.render());
    let run = world.run(&["import", "phones", "--out", "one.yaml"]);
    assert!(run.status == 3 && run.stderr.contains("M403"), "{}", run.render());
    assert_eq!(world.run(&["import", "spaces"]).status, 3);
    assert_eq!(world.run(&["import"]).status, 2);
}
