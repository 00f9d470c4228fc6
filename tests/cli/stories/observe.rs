//! `observe` of several tenants, and `--state` with a folder: the files that jobs share.

use crate::story;
use crate::support::Sandbox;

fn quickstart() -> Sandbox {
    Sandbox::new().copy_example("quickstart")
}

#[test]
fn all_tenants_are_written_and_planned_from_the_folder() {
    let sandbox = quickstart();
    let observed = sandbox.run(&["observe", "-m", "quickstart", "--out", "state"]);
    story("observe-out", &observed);
    let of_folder = sandbox.run(&["plan", "quickstart", "--state", "state", "--format", "json"]);
    let of_tenants = sandbox.run(&["plan", "quickstart", "--format", "json"]);
    assert_eq!((of_folder.status, of_folder.stderr), (0, String::new()));
    let content = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["content"].clone();
    assert_eq!(content(&of_folder.stdout), content(&of_tenants.stdout));
}

#[test]
fn only_selected_tenants_are_written() {
    let sandbox = quickstart();
    let arguments = ["observe", "spaces", "phones", "spaces", "-m", "quickstart", "--out", "state", "--format", "json"];
    assert_eq!(sandbox.run(&arguments).stderr, "wrote state/phones.json\nwrote state/spaces.json\n");
    assert!(sandbox.read("state/phones.json").starts_with('{'));
    assert!(!sandbox.path().join("state/office.json").exists());
}

#[test]
fn several_tenants_need_a_folder() {
    story("observe-several", &quickstart().run(&["observe", "-m", "quickstart"]));
}

#[test]
fn unreadable_tenant_prevents_all_files() {
    let sandbox = quickstart().write("quickstart/state/spaces.yaml", "no: observation\n");
    let output = sandbox.run(&["observe", "-m", "quickstart", "--out", "state"]);
    assert_eq!(output.status, 3, "{}", output.stderr);
    assert!(!sandbox.path().join("state").exists());
}

#[test]
fn unwritable_folder_is_a_finding() {
    let sandbox = quickstart().write("state", "a file");
    let output = sandbox.run(&["observe", "-m", "quickstart", "--out", "state"]);
    assert_eq!(output.status, 1);
    assert!(output.stderr.contains("A006"), "{}", output.stderr);
}

#[test]
fn folder_without_state_files_is_reported() {
    let sandbox = quickstart().write("state/README.md", "");
    let output = sandbox.run(&["plan", "quickstart", "--state", "state"]);
    assert_eq!(output.status, 3);
    assert!(output.stderr.contains("the folder contains no state file"), "{}", output.stderr);
}

#[test]
fn duplicate_state_files_in_a_folder_are_reported() {
    let sandbox = quickstart();
    assert_eq!(sandbox.run(&["observe", "spaces", "-m", "quickstart", "--out", "state"]).status, 0);
    let output = sandbox.run(&["plan", "quickstart", "--state", "state", "--state", "quickstart/state/spaces.yaml"]);
    assert_eq!(output.status, 3);
    assert!(output.stderr.contains("A110"), "{}", output.stderr);
}
