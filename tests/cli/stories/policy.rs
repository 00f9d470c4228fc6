//! `policy test`: rules whose cases pass, rules whose cases fail, and invalid rules.

use crate::story;
use crate::support::{Output, Sandbox, check};

const RULES: &str = r#"apiVersion: reseat/v1
policy:
  rules:
    - name: contractors-never-power
      on: assignment
      when: person.kind == "contractor" && assignment.license == "spaces/power"
      message: '"contractors get business at most: " + person.email'
      cases:
        - { given: { person: { kind: contractor }, assignment: { license: spaces/power } }, then: deny }
        - { given: { person: { kind: staff }, assignment: { license: spaces/power } }, then: pass }
    - name: small-plans
      on: plan
      when: plan.losses > 20
      level: approve
      message: '"the plan takes " + string(plan.losses) + " seats"'
      cases:
        - { given: { plan: { losses: 21 } }, then: approve }
        - { given: { plan: { losses: 20 } }, then: pass }
"#;

const FAILING: &str = r#"apiVersion: reseat/v1
policy:
  rules:
    - name: seniors-only
      on: person
      when: person.level < 3
      level: warn
      message: person.name + " is no senior <yet>"
      cases:
        - { given: { person: { level: 2, name: Ana } }, then: deny }
        - { given: { person: { level: 2 } }, then: warn }
        - { given: { person: {} }, then: pass }
    - { name: untested, on: pool, when: pool.missing > 0, message: pool.license }
    - name: half-tested
      on: operation
      when: operation.parked
      message: operation.why
      cases: [{ given: { operation: { parked: true, why: "\e[31mred" } }, then: deny }]
"#;

fn test(manifest: &str, format: &str) -> Output {
    Sandbox::new().write("rules.yaml", manifest).run(&["policy", "test", "rules.yaml", "--format", format])
}

#[test]
fn rules_with_passing_cases_exit_0() {
    story("policy-test-ok", &test(RULES, "text"));
}

#[test]
fn failing_case_is_shown_with_its_location() {
    story("policy-test-failed", &test(FAILING, "text"));
}

#[test]
fn cases_are_printed_as_json() {
    let output = test(FAILING, "json");
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../schemas/policy-test.schema.json")).unwrap();
    let document = serde_json::from_str(&output.stdout).unwrap();
    jsonschema::draft202012::validate(&schema, &document).unwrap_or_else(|error| panic!("{error}"));
    check("tests/cli/golden/policy-test.json", &output.stdout);
}

#[test]
fn cases_are_printed_as_junit() {
    story("policy-test-junit", &test(FAILING, "junit"));
}

#[test]
fn manifest_without_rules_is_reported() {
    story("policy-test-none", &test("apiVersion: reseat/v1\n", "text"));
}

#[test]
fn invalid_rules_stop_every_command() {
    let broken = RULES.replace("assignment.license ==", "assignment.licens ==");
    story("policy-test-broken", &test(&broken, "junit"));
    let sandbox = Sandbox::new().write("rules.yaml", broken);
    assert_eq!(sandbox.run(&["validate", "rules.yaml"]).status, 3);
    assert_eq!(sandbox.run(&["plan", "rules.yaml"]).status, 3);
}

#[test]
fn other_commands_refuse_unsupported_formats() {
    let sandbox = Sandbox::new().write("rules.yaml", RULES);
    story("policy-test-form", &sandbox.run(&["diff", "rules.yaml", "--format", "junit"]));
}
