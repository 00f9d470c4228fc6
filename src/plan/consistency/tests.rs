//! Inconsistent plans, and changes for plans that tests build from operations alone.

use super::*;
use crate::model::Effect;
use crate::report::plan::tests::{operation, plan};
use serde_json::json;

/// Adds a change for every change id that operations name. Operations without one share the change of their person and
/// effect.
pub(crate) fn add_changes(plan: &mut Plan) {
    for operation in &mut plan.operations {
        if operation.change.0.is_empty() {
            let Operation { tenant, person, effect, .. } = &*operation;
            operation.change = ChangeId(smol_str::format_smolstr!("{tenant} {person} {}", effect.as_str()));
        }
    }
    let mut changes: Vec<(Change, ChangeEndpoints<'_>)> = Vec::new();
    for operation in &plan.operations {
        let index = changes.iter().position(|(change, _)| change.id == operation.change).unwrap_or_else(|| {
            let Operation { change, tenant, person, account, effect, source, .. } = operation.clone();
            let address = person.clone();
            let change = Change { id: change, tenant, person, account, address, from: None, to: None, effect, source };
            changes.push((change, ChangeEndpoints::default()));
            changes.len() - 1
        });
        changes[index].1.add(operation);
    }
    plan.changes = changes
        .into_iter()
        .map(|(change, ends)| Change { from: ends.from().cloned(), to: ends.to().cloned(), ..change })
        .collect();
}

/// A move in two operations, and a cancelled request.
fn consistent() -> Plan {
    plan(json!({ "operations": [
        operation("op-1", json!({ "kind": "remove", "effect": "move", "license": "X2" })),
        operation("op-2", json!({ "effect": "move", "after": ["op-1"] })),
        operation("op-3", json!({ "kind": "cancel", "effect": "cancel", "license": "X8" })),
    ] }))
}

#[test]
fn consistent_plan_passes() {
    let plan = consistent();
    assert_eq!(check(&plan), Ok(()));
    let ends: Vec<_> = plan.changes.iter().map(|change| (change.from.as_deref(), change.to.as_deref())).collect();
    assert_eq!(ends, [(Some("X2"), Some("X4")), (Some("X8"), None)]);
}

#[test]
fn inconsistent_plan_is_refused_with_the_contradiction() {
    type Fault = (fn(&mut Plan), &'static str);
    let faults: [Fault; 16] = [
        (|plan| plan.operations.swap(0, 1), "`op-2` waits for `op-1`, which does not precede it"),
        (|plan| plan.operations[2].id = plan.operations[0].id.clone(), "the operation `op-1` occurs twice"),
        (|plan| plan.operations[0].kind = OperationKind::Change, "`op-1` is a `change`, which contradicts its `to`"),
        (|plan| plan.operations[0].to = Some("X8".into()), "`op-1` is a `remove`, which contradicts its `to`"),
        (
            |plan| plan.operations[0].change = ChangeId("ch-9".into()),
            "`op-1` belongs to `ch-9`, which is not in the plan",
        ),
        (|plan| plan.changes.push(plan.changes[1].clone()), "the change `phones ana@acme.example cancel` occurs twice"),
        (
            |plan| plan.operations[0].tenant = "wiki".into(),
            "`op-1` and its change `phones ana@acme.example move` differ in `tenant`",
        ),
        (
            |plan| plan.changes[0].person = "bo".into(),
            "`op-1` and its change `phones ana@acme.example move` differ in `person`",
        ),
        (
            |plan| plan.changes[0].account = "u-2".into(),
            "`op-1` and its change `phones ana@acme.example move` differ in `account`",
        ),
        (
            |plan| plan.changes[0].effect = Effect::Gain,
            "`op-1` and its change `phones ana@acme.example move` differ in `effect`",
        ),
        (
            |plan| plan.operations[2].change = plan.changes[0].id.clone(),
            "`op-3` and its change `phones ana@acme.example move` differ in `effect`",
        ),
        (
            |plan| drop(plan.operations.pop()),
            "the operations of `phones ana@acme.example cancel` cannot have the effect `cancel`",
        ),
        (
            |plan| drop(plan.operations.remove(1)),
            "the operations of `phones ana@acme.example move` cannot have the effect `move`",
        ),
        (
            |plan| plan.changes[0].from = None,
            "the operations of `phones ana@acme.example move` contradict its `from` and `to`",
        ),
        (
            |plan| plan.changes[0].to = Some("X8".into()),
            "the operations of `phones ana@acme.example move` contradict its `from` and `to`",
        ),
        (
            |plan| {
                plan.operations[2].kind = OperationKind::Remove;
            },
            "the operations of `phones ana@acme.example cancel` cannot have the effect `cancel`",
        ),
    ];
    for (fault, message) in faults {
        let mut plan = consistent();
        fault(&mut plan);
        assert_eq!(check(&plan), Err(message.to_owned()));
    }
}
