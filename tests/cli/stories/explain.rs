//! `explain` and `schema`.

use crate::story;
use crate::support::{Sandbox, check};

#[test]
fn unknown_code_is_a_usage_error_that_names_the_list() {
    story("explain-unknown", &Sandbox::new().run(&["explain", "Q999"]));
}

#[test]
fn code_is_explained_with_its_rule() {
    let sandbox = Sandbox::new();
    story("explain-rule", &sandbox.run(&["explain", "p201"]));
    let rule = sandbox.run(&["explain", "data-loss"]);
    assert_eq!(rule.status, 0);
    assert!(sandbox.run(&["explain", "P201"]).stdout.ends_with(&rule.stdout), "{}", rule.render());
    assert!(!sandbox.run(&["explain", "M101"]).stdout.contains("a rule of policy"));
    let data: serde_json::Value =
        serde_json::from_str(&sandbox.run(&["explain", "P201", "--format", "json"]).stdout).unwrap();
    assert_eq!((data["rule"]["slug"].as_str(), data["rule"]["level"].as_str()), (Some("data-loss"), Some("deny")));
}

#[test]
fn schema_is_printed_as_it_is_stored() {
    let output = Sandbox::new().run(&["schema", "plan"]);
    check("schemas/plan.schema.json", &output.stdout);
}
