//! `graph`: a plan drawn from a file or from a manifest.

use crate::story;
use crate::support::{self, Sandbox};

fn sandbox() -> Sandbox {
    Sandbox::new().copy_example("8x8-change-of-role")
}

#[test]
fn manifest_is_planned_and_drawn() {
    story("graph", &sandbox().run(&["graph", "8x8-change-of-role"]));
}

#[test]
fn every_form_is_drawn_from_a_plan_file() {
    let sandbox = sandbox();
    let _ = sandbox.run(&["plan", "8x8-change-of-role", "--out", "plan.json"]);
    for form in ["dot", "mermaid", "svg", "json"] {
        let output = sandbox.run(&["graph", "plan.json", "--format", form]);
        assert_eq!((output.status, &*output.stderr), (0, ""), "{form}");
        support::check(&format!("tests/cli/golden/graph.{form}"), &output.stdout);
    }
}

#[test]
fn plan_file_is_drawn_as_it_is() {
    let sandbox = sandbox();
    let _ = sandbox.run(&["plan", "8x8-change-of-role", "--out", "plan.json"]);
    story("graph-at", &sandbox.run(&["graph", "plan.json", "--at", "2027-01-01"]));
}

#[test]
fn fold_makes_one_box_of_each_kind() {
    let sandbox = sandbox();
    let _ = sandbox.run(&["plan", "8x8-change-of-role", "--out", "plan.json"]);
    story("graph-folded", &sandbox.run(&["graph", "plan.json", "--fold", "always"]));
}

#[test]
fn form_of_another_verb_is_refused() {
    story("graph-form", &Sandbox::new().run(&["graph", "--format", "junit"]));
}
