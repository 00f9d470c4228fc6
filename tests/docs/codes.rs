//! Codes that need more than a manifest: one folder per code with a manifest, a state, and every finding of `plan`.
//!
//! The rule corpus in `tests/rules` does the same for findings that need only a manifest. The folder's own
//! code must be among the findings; all other findings are recorded with it. Each policy rule has a folder for
//! its main code, with a `good.yaml` without findings of that rule; the reference page shows both.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read its corpus has to stop")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use reseat::diagnostic::catalog::policy::RULE_VIOLATED;
use reseat::policy::DESCRIPTORS;
use serde_json::Value;

use crate::support::{Sandbox, check};

/// Returns the folders of the corpus, in order of code.
fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codes");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut codes: Vec<String> = names.filter(|name| !name.contains('.')).collect();
    codes.sort();
    assert!(codes.len() > 10, "the corpus is gone");
    codes
}

/// Returns every coded entry of the document: code, severity, message and help, in one to three lines.
fn coded(document: &Value) -> String {
    let mut text = String::new();
    for part in ["findings", "blocked", "held"] {
        for entry in document[part].as_array().into_iter().flatten() {
            let kind = entry["severity"].as_str().unwrap_or(part);
            let code = entry["code"].as_str().unwrap();
            writeln!(text, "{kind} {code}: {}", entry["message"].as_str().unwrap()).unwrap();
            if let Some(help) = entry["help"].as_str() {
                writeln!(text, "  help: {help}").unwrap();
            }
            if let Some(source) = entry["source"].as_object() {
                writeln!(text, "  at {}:{}:{}", source["file"].as_str().unwrap(), source["line"], source["column"])
                    .unwrap();
            }
        }
    }
    text
}

#[test]
fn each_folder_shows_its_code() {
    let mut faults = Vec::new();
    for code in corpus() {
        let shown = coded(&planned(&code, "manifest.yaml"));
        if !shown.contains(&format!(" {code}: ")) {
            faults.push(format!("{code} is not shown:\n{shown}"));
        }
        check(&format!("tests/codes/{code}/expected.txt"), &shown);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Plans a manifest of a folder, and returns the plan as JSON.
fn planned(code: &str, manifest: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codes").join(code);
    let text =
        |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{code}/{name}: {error}"));
    let sandbox = Sandbox::new().write("manifest.yaml", text(manifest)).write("state.yaml", text("state.yaml"));
    let output = sandbox.run(&["plan", "manifest.yaml", "--state", "state.yaml", "--format", "json"]);
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{code}: {error}\n{}", output.render()))
}

#[test]
fn good_example_of_each_rule_has_no_finding_of_it() {
    for codes in DESCRIPTORS.iter().map(|rule| rule.codes).chain([&[&RULE_VIOLATED][..]]) {
        let code = codes[0].id;
        let shown = coded(&planned(code, "good.yaml"));
        for own in codes {
            assert!(!shown.contains(&format!(" {}: ", own.id)), "tests/codes/{code}/good.yaml:\n{shown}");
        }
        assert!(!shown.contains("error ") && !shown.contains("held "), "tests/codes/{code}/good.yaml:\n{shown}");
    }
}

#[test]
fn good_examples_belong_to_rules() {
    for code in corpus() {
        let good = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codes").join(&code).join("good.yaml");
        let main = code == RULE_VIOLATED.id || DESCRIPTORS.iter().any(|rule| rule.codes[0].id == code);
        assert_eq!(good.exists(), main, "{}", good.display());
    }
}

#[test]
fn each_folder_has_a_code() {
    for code in corpus() {
        assert!(reseat::diagnostic::catalog::find(&code).is_some(), "tests/codes/{code} has no code");
    }
}

/// Two tenants in files, with a desired assignment at the first.
const TWO: &str = r"
apiVersion: reseat/v1
tenants:
  one: { vendor: generic, adapter: { file: { path: one.yaml } } }
  two: { vendor: generic, adapter: { file: { path: two.yaml } } }
assignments:
  - { license: one/seat, to: [ana@acme.example] }
  - { license: two/seat, to: [ana@acme.example] }
";

fn two() -> Sandbox {
    let state = |tenant: &str| {
        format!(
            "apiVersion: reseat/v1\nkind: observation\ntenant: {tenant}\nvendor: generic\n\
             observed_at: 2026-11-21T10:00:00Z\ncomplete: true\npools: [{{ license: seat, total: 2 }}]\n\
             accounts: [{{ id: u-1, email: ana@acme.example, holdings: [] }}]\n"
        )
    };
    Sandbox::new().write("manifest.yaml", TWO).write("one.yaml", state("one")).write("two.yaml", state("two"))
}

/// Runs `reseat` and expects the exit code and the finding code.
#[track_caller]
fn shows(sandbox: &Sandbox, arguments: &[&str], status: i32, code: &str) {
    let output = sandbox.run(arguments);
    assert_eq!(output.status, status, "{}", output.render());
    assert!(output.render().contains(code), "{code} is not shown: {}", output.render());
}

#[test]
fn tenant_without_a_state_file_is_not_planned() {
    shows(&two(), &["plan", "--state", "one.yaml"], 0, "L206");
}

#[test]
fn tenant_with_two_state_files_is_an_error() {
    shows(&two(), &["plan", "--state", "one.yaml", "--state", "one.yaml"], 3, "A110");
}

#[test]
fn unwritable_plan_is_an_error() {
    shows(&two(), &["plan", "--out", "missing/plan.json"], 1, "X108");
}

#[test]
fn invalid_actor_name_is_refused() {
    let output = two().run_with(&["apply", "manifest.yaml", "--yes"], &[("RESEAT_ACTOR", "ana\n")], "");
    assert_eq!(output.status, 0, "blanks at the ends do not count: {}", output.render());
    let output = two().run_with(&["apply", "manifest.yaml", "--yes"], &[("RESEAT_ACTOR", "a\u{1b}b")], "");
    assert!(output.status == 3 && output.render().contains("X107"), "{}", output.render());
    assert!(!output.render().contains('\u{1b}'));
}

#[test]
fn invalid_store_file_is_an_error() {
    let sandbox = two().write("journal.db", "no database, but long enough to be looked at as one".repeat(50));
    shows(&sandbox, &["history", "--store", "sqlite:journal.db"], 3, "X103");
}

#[test]
fn state_with_exploding_aliases_is_an_error() {
    let names = |anchor: &str| format!("[{}]", vec![anchor; 200].join(", "));
    let accounts = format!(
        "apiVersion: reseat/v1\nkind: observation\ntenant: one\nvendor: generic\nobserved_at: 2026-11-21T10:00:00Z\n\
         complete: true\naccounts:\n  - {{ id: a, email: a@acme.example, memberships: &m {} }}\n  - &b {{ id: b, email: \
         b@acme.example, memberships: *m }}\n{}",
        names("rg"),
        "  - *b\n".repeat(2_000)
    );
    shows(&two().write("one.yaml", accounts), &["plan", "--state", "one.yaml"], 3, "A005");
}
