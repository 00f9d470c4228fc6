//! One test per page: its sessions print what it shows, and applied plans have converged.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::examples::console::replay;
use crate::support::prerequisites::PYTHON;
use crate::support::{Sandbox, check};

/// Whether a page applies its plan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Applies {
    Yes,
    No,
}

/// Every example with a page, in order of name.
const PAGES: [(&str, Applies); 11] = [
    ("8x8-change-of-role", Applies::Yes),
    ("avaya-runbook", Applies::Yes),
    ("avaya-spaces", Applies::Yes),
    ("bad", Applies::No),
    ("exec-python", Applies::Yes),
    ("exec-shell", Applies::Yes),
    ("guarded", Applies::Yes),
    ("interrupted", Applies::Yes),
    ("offboarding", Applies::Yes),
    ("officeseries-reallocation", Applies::Yes),
    ("quickstart", Applies::Yes),
];

/// Examples that are scripts and have tests elsewhere: `rehearsal.rs`, and `tests/system/pipelines`.
const SCRIPTS: [&str; 2] = ["pipelines", "rehearsal"];

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Runs the page's sessions in a copy of the example, and plans again if they applied something.
fn page(name: &str) {
    let applies = PAGES.iter().find(|(page, _)| *page == name).unwrap().1;
    let sandbox = Sandbox::new().copy_example(name);
    let path = format!("examples/{name}/README.md");
    let stored = text(&path);
    let (now, count) = replay(&stored, &sandbox, name);
    assert!(count > 0, "{path} shows no command");
    check(&path, &now);
    if applies == Applies::Yes {
        assert!(stored.contains("$ reseat apply"), "{path} does not apply its plan");
        let again = sandbox.run(&["plan", name, "--allow-exec", "--detailed-exitcode"]);
        assert_eq!(again.status, 0, "planning again is not empty:\n{}", again.render());
    }
}

#[test]
fn change_of_role() {
    page("8x8-change-of-role");
}

#[test]
fn avaya_spaces() {
    page("avaya-spaces");
}

#[test]
fn avaya_runbook() {
    page("avaya-runbook");
}

#[test]
fn interrupted() {
    page("interrupted");
}

#[test]
fn bad() {
    page("bad");
}

#[test]
fn bridge_in_python() {
    if PYTHON.is_met() {
        page("exec-python");
    }
}

#[test]
fn bridge_in_shell() {
    page("exec-shell");
}

#[test]
fn guarded() {
    page("guarded");
}

#[test]
fn offboarding() {
    page("offboarding");
}

#[test]
fn reallocation() {
    page("officeseries-reallocation");
}

#[test]
fn quickstart() {
    page("quickstart");
}

#[test]
fn every_example_has_a_page_and_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let there: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && !SCRIPTS.contains(&name.as_str()))
        .collect();
    assert_eq!(there, PAGES.iter().map(|(name, _)| (*name).to_owned()).collect());
    for (name, _) in PAGES {
        assert!(text(&format!("examples/{name}/README.md")).starts_with("# "), "{name}: no title");
    }
}

#[test]
fn quick_start_script_succeeds_and_leaves_the_example_unchanged() {
    let sandbox = Sandbox::new().copy_example("quickstart");
    let before = sandbox.read("quickstart/state/phones.yaml");
    let output = sandbox.shell("RESEAT=reseat quickstart/run \"$PWD/copy\" 2>&1");
    assert_eq!(output.status, 0, "{}", output.render());
    assert!(output.stdout.contains("Planned again: nothing is left to do."), "{}", output.render());
    assert_eq!(sandbox.read("quickstart/state/phones.yaml"), before);
    assert_ne!(sandbox.read("copy/state/phones.yaml"), before);
}
