//! Custom rules on manifests and plans.

mod alternatives;
mod shortcuts;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use serde_json::json;
use smol_str::{SmolStr, format_smolstr};

use super::candidates::Candidates;
use super::*;
use crate::diagnostic::{Code, Level, catalog::policy as code};
use crate::env::Now;
use crate::manifest::{self, LoadedManifest};
use crate::model::{
    ChangeId, Digest, Effect, Expects, Inputs, Operation, OperationId, OperationKind, Plan, PlanPool, Summary,
};
use crate::policy::ApprovalContext;

const TODAY: jiff::civil::Date = date(2026, 11, 22);

fn load(manifest: &str) -> LoadedManifest {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("apiVersion: reseat/v1\n{manifest}");
    std::fs::write(folder.path().join("reseat.yaml"), text).unwrap();
    let loaded = manifest::load(folder.path());
    let errors: Vec<_> = loaded.findings.iter().filter(|finding| finding.code != code::RULE_UNTESTED.id).collect();
    assert!(errors.is_empty(), "{errors:?}");
    loaded
}

fn rule(on: &str, when: &str, message: &str) -> String {
    format!("policy:\n  rules:\n    - {{ name: mine, on: {on}, when: '{when}', message: '{message}' }}\n")
}

const TENANTS: &str = "tenants:\n  wiki: { vendor: generic, adapter: { runbook: {} } }\n";

/// Evaluates the rules on a manifest.
fn on_manifest(manifest: &str) -> Vec<Violation> {
    let loaded = load(manifest);
    let policy = &loaded.policy;
    let facts = ManifestFacts {
        policy,
        desired: &loaded.desired,
        consent: &ApprovalContext::default(),
        now: Now::at(Timestamp::UNIX_EPOCH).with_day(TODAY),
    };
    let mut violations = Vec::new();
    check_manifest(&facts, &mut violations);
    violations
}

fn plan(operations: Vec<Operation>) -> Plan {
    let digest = Digest::of_bytes(b"");
    Plan {
        format: SmolStr::new_static(Plan::FORMAT),
        digest: digest.clone(),
        content: digest.clone(),
        created_at: Timestamp::UNIX_EPOCH,
        tool: String::new(),
        at: TODAY,
        inputs: Inputs {
            manifest: digest.clone(),
            policy: digest,
            allow_removals: None,
            author: None,
            undoes: None,
            observations: BTreeMap::new(),
        },
        summary: Summary { losses: 3, ..Summary::default() },
        changes: Vec::new(),
        operations,
        blocked: Vec::new(),
        waiting: Vec::new(),
        held: Vec::new(),
        pools: vec![PlanPool {
            tenant: "wiki".into(),
            license: "editor".into(),
            total: Some(10),
            reserve: 0,
            used_before: 8,
            used_after: 9,
            missing: 0,
            unused: Some(1),
            cost_per_seat: None,
            cost: None,
        }],
        findings: Vec::new(),
    }
}

fn operation(number: u32, kind: OperationKind, person: &str, license: &str) -> Operation {
    Operation {
        id: OperationId(format_smolstr!("op-{number}")),
        change: ChangeId(format_smolstr!("ch-{number}")),
        kind,
        effect: Effect::Loss,
        tenant: "wiki".into(),
        person: person.into(),
        account: "u-1".into(),
        license: license.into(),
        to: None,
        after: Vec::new(),
        parked: false,
        loses: vec!["drafts".to_owned()],
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        memberships: Vec::new(),
        expects: Expects { holdings: Digest::of_bytes(b"") },
        on_failure: None,
        why: String::new(),
        source: None,
    }
}

fn on_plan(manifest: &str, plan: &Plan) -> Vec<Violation> {
    let loaded = load(manifest);
    let policy = &loaded.policy;
    let facts = PlanFacts {
        policy,
        desired: &loaded.desired,
        observations: &BTreeMap::new(),
        plan,
        pool_facts: &[],
        account_indexes: &[],
        consent: &ApprovalContext::default(),
        now: Now::at(Timestamp::UNIX_EPOCH).with_day(TODAY),
    };
    let mut violations = Vec::new();
    check_plan(&facts, &mut violations);
    violations
}

fn codes(violations: &[Violation]) -> Vec<&str> {
    violations.iter().map(|violation| violation.finding.code.as_str()).collect()
}

const PEOPLE: &str = "people:\n  \
    ana@a.example: { attributes: { kind: contractor, level: 5 } }\n  \
    bo@a.example: { attributes: { kind: staff } }\n  \
    cy@a.example: { attributes: { kind: contractor, level: 1 } }\n";

#[test]
fn forbidden_assignment_is_reported_at_its_location() {
    let manifest = format!(
        "{TENANTS}{PEOPLE}assignments:\n  - license: wiki/editor\n    to: [ana@a.example, bo@a.example]\n{}",
        rule(
            "assignment",
            r#"person.kind == "contractor" && assignment.license == "wiki/editor""#,
            r#""no editor for " + person.email"#
        )
    );
    let found = on_manifest(&manifest);
    assert_eq!(codes(&found), ["P401"]);
    let Violation { rule, level, tenant, license, finding, .. } = &found[0];
    assert_eq!((rule.as_str(), *level), ("mine", Level::Deny));
    assert_eq!((tenant.as_deref(), license.as_deref()), (Some("wiki"), Some("editor")));
    assert_eq!(finding.message, "no editor for ana@a.example");
    assert_eq!(finding.people, ["ana@a.example"]);
    assert_eq!(finding.values["person.kind"], "contractor");
    assert_eq!(finding.values["assignment.license"], "wiki/editor");
    assert_eq!(finding.smallest_change.as_deref(), Some("remove `ana@a.example` from the entry for `wiki/editor`"));
    assert_eq!(finding.source.as_ref().map(|at| (at.line, at.column)), Some((10, 10)));
    assert_eq!(finding.related[0].source.as_ref().map(|at| at.line), Some(13));
}

#[test]
fn expired_entries_do_not_count_and_future_ones_do() {
    let entry = |dates: &str| {
        format!(
            "{TENANTS}assignments:\n  - {{ license: wiki/editor, to: [ana@a.example]{dates} }}\n{}",
            rule("assignment", "assignment.ensure == \"present\"", "\"x\"")
        )
    };
    for (dates, number) in [
        ("", 1),
        (", expires: 2026-11-22", 0),
        (", expires: 2026-11-23", 1),
        (", starts: 2027-01-01", 1),
        (", ensure: absent", 0),
    ] {
        assert_eq!(on_manifest(&entry(dates)).len(), number, "{dates}");
    }
}

#[test]
fn rule_on_person_checks_all_people() {
    let manifest = format!("{PEOPLE}{}", rule("person", "person.kind == \"contractor\"", "person.email"));
    let messages: Vec<_> = on_manifest(&manifest).into_iter().map(|violation| violation.finding.message).collect();
    assert_eq!(messages, ["ana@a.example", "cy@a.example"]);
}

#[test]
fn failed_evaluation_is_denied_at_every_level() {
    let manifest = format!(
        "{PEOPLE}policy:\n  rules:\n    - {{ name: mine, on: person, when: person.level > 3, level: warn, message: '\"x\"' }}\n"
    );
    let found = on_manifest(&manifest);
    assert_eq!(codes(&found), ["P401", "P402"]);
    assert_eq!((found[0].level, found[1].level), (Level::Warn, Level::Deny));
    assert_eq!(found[1].finding.people, ["bo@a.example"]);
    assert!(found[1].finding.message.starts_with("the rule `mine` cannot be evaluated for `bo@a.example`: "));
}

#[test]
fn failing_message_keeps_the_denial() {
    for message in ["person.kind + person.level", "\"\"", "\"a\\n  b\""] {
        let manifest = format!("{PEOPLE}{}", rule("person", "person.kind == \"contractor\"", message));
        let found = on_manifest(&manifest);
        assert_eq!(codes(&found), ["P401", "P401"]);
        let said = &found[0].finding.message;
        assert!(said.starts_with("the rule `mine` forbids `ana@a.example`") || said == "a b", "{said}");
    }
}

#[test]
fn findings_beyond_a_thousand_are_counted_and_covered_by_a_digest() {
    let world = |last: &str| {
        let people: String = (0..1_200).map(|n| format!("  p{n:04}@a.example: {{}}\n")).collect();
        format!("people:\n{people}  {last}: {{}}\n{}", rule("person", "person.kind == null", "\"x\""))
    };
    let found = on_manifest(&world("z@a.example"));
    assert_eq!(found.len(), 1_001);
    let rest = &found[1_000].finding;
    assert_eq!(rest.message, "the rule `mine` forbids 201 more");
    assert_eq!((rest.people.len(), &rest.values["count"]), (201, &json!(201)));
    let other = on_manifest(&world("y@a.example"));
    assert_ne!(rest.values["things"], other[1_000].finding.values["things"]);
}

#[test]
fn operations_pools_and_plans_provide_their_fields() {
    let plan = plan(vec![
        operation(1, OperationKind::Remove, "ana@a.example", "editor"),
        operation(2, OperationKind::Assign, "bo@a.example", "reader"),
    ]);
    for (on, when, expected) in [
        ("operation", r#"person.kind == "contractor" && operation.kind == "remove" && pool.used_after > 8"#, 1),
        ("operation", r#"operation.license == "wiki/reader" && pool.total == null"#, 1),
        ("operation", r#""drafts" in operation.loses && operation.to == null && !operation.parked"#, 2),
        ("operation", r#"person.email == "ana@a.example" && operation.account == "u-1""#, 1),
        ("pool", "pool.total != null && pool.used_after * 10 >= pool.total * 9 && pool.unused == 1", 1),
        ("plan", "plan.losses > 2 && plan.operations == 2", 1),
        ("plan", "plan.losses > 3", 0),
        ("plan", r#""EUR" in plan.cost_delta && double(plan.cost_delta["EUR"]) > 10.0"#, 0),
    ] {
        let manifest = format!("{PEOPLE}{}", rule(on, when, "\"x\""));
        let found = on_plan(&manifest, &plan);
        assert_eq!(codes(&found), vec!["P401"; expected], "{when}: {found:?}");
    }
}

#[test]
fn every_declared_field_has_a_value_of_its_type() {
    let loaded = load(&format!(
        "{TENANTS}{PEOPLE}assignments:\n  - {{ license: wiki/editor, alternatives: [wiki/a/b], to: [ana@a.example] }}\n"
    ));
    let plan = plan(vec![
        operation(1, OperationKind::Remove, "ana@a.example", "editor"),
        operation(2, OperationKind::Remove, "ana@a.example", "other"),
    ]);
    let desired = &loaded.desired;
    for (on, subjects) in [
        (RuleTarget::Assignment, Candidates::assignments(desired, TODAY)),
        (RuleTarget::Operation, Candidates::operations(desired, &plan)),
        (RuleTarget::Pool, Candidates::pools(desired, &plan)),
        (RuleTarget::Plan, Candidates::plan_field(desired, &plan)),
    ] {
        for frame in 0..subjects.frames.len() {
            let frame = u32::try_from(frame).unwrap();
            for record in on.scope().variables.iter().filter(|record| !record.is_open) {
                for field in record.fields {
                    let slot = crate::expression::ExpressionInput {
                        variable: record,
                        field: Some(SmolStr::new_static(field.name)),
                    };
                    let value = subjects.frame_value(frame, &slot);
                    assert!(field.accepts(&value), "{}.{} is {value}", record.name, field.name);
                    assert!(field.accepts(&field.default_value()), "{}.{} by default", record.name, field.name);
                }
            }
        }
    }
}

#[test]
fn built_in_rules_have_reserved_names() {
    for descriptor in crate::policy::DESCRIPTORS {
        assert!(crate::model::BUILT_IN_RULE_NAMES.contains(&descriptor.slug), "{}", descriptor.slug);
    }
}

#[test]
fn every_rule_reports_policy_codes() {
    let all: [&Code; 3] = [&code::RULE_VIOLATED, &code::RULE_FAILED, &code::RULE_UNTESTED];
    assert!(all.iter().all(|code| code.id.starts_with("P40")));
}
