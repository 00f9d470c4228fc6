//! `show`, and the checks of a plan file.

use crate::story;
use crate::support::Sandbox;

#[test]
fn missing_plan_file_is_an_input_error() {
    story("show-missing", &Sandbox::new().run(&["show", "plan.json"]));
}

#[test]
fn invalid_plan_file_is_an_input_error_in_text_and_json() {
    let sandbox = Sandbox::new().write("plan.json", "{ \"format\": \"reseat-plan/1\" }");
    story("show-no-plan-json", &sandbox.run(&["show", "plan.json", "--format", "json"]));
}
