//! `graph`: draws a plan from a file or a manifest.

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
fn every_format_is_drawn_from_a_plan_file() {
    let sandbox = sandbox();
    let _ = sandbox.run(&["plan", "8x8-change-of-role", "--out", "plan.json"]);
    for form in ["dot", "mermaid", "svg", "json"] {
        let output = sandbox.run(&["graph", "plan.json", "--format", form]);
        assert_eq!((output.status, &*output.stderr), (0, ""), "{form}");
        support::check(&format!("tests/cli/golden/graph.{form}"), &output.stdout);
    }
}

#[test]
fn plan_file_is_drawn_without_planning() {
    let sandbox = sandbox();
    let _ = sandbox.run(&["plan", "8x8-change-of-role", "--out", "plan.json"]);
    story("graph-at", &sandbox.run(&["graph", "plan.json", "--at", "2027-01-01"]));
}

#[test]
fn fold_draws_one_box_per_kind() {
    let sandbox = sandbox();
    let _ = sandbox.run(&["plan", "8x8-change-of-role", "--out", "plan.json"]);
    story("graph-folded", &sandbox.run(&["graph", "plan.json", "--fold", "always"]));
}

#[test]
fn unsupported_format_is_refused() {
    story("graph-form", &Sandbox::new().run(&["graph", "--format", "junit"]));
}
