//! `show`, and what is believed of a plan file.

use crate::story;
use crate::support::Sandbox;

#[test]
fn missing_plan_file_is_an_input_error() {
    story("show-missing", &Sandbox::new().run(&["show", "plan.json"]));
}

#[test]
fn file_that_is_no_plan_is_an_input_error_in_json_as_well() {
    let sandbox = Sandbox::new().write("plan.json", "{ \"format\": \"reseat-plan/1\" }");
    story("show-no-plan-json", &sandbox.run(&["show", "plan.json", "--format", "json"]));
}
