//! Plans for tests.

use serde_json::{Value, json};

use crate::model::Plan;
use crate::plan::consistency::tests::add_changes;

/// Returns an operation with default values for missing keys.
pub(crate) fn operation(id: &str, parts: Value) -> Value {
    let mut operation = json!({
        "id": id, "change": "", "kind": "assign", "effect": "gain", "tenant": "phones", "person": "ana@acme.example", "account": "u-1",
        "license": "X4", "to": null, "after": [], "parked": false, "loses": [], "keeps": [], "follow_ups": [],
        "expects": { "holdings": format!("sha256:{}", "0".repeat(64)) }, "why": "is named", "source": null,
    });
    for (key, value) in parts.as_object().unwrap() {
        operation[key] = value.clone();
    }
    operation
}

/// Returns a plan with default values for missing keys.
pub(crate) fn plan(parts: Value) -> Plan {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let mut summary = json!({});
    for name in [
        "cancel",
        "remove",
        "change",
        "assign",
        "release",
        "restore",
        "gains",
        "moves",
        "losses",
        "blocked",
        "waiting",
        "held",
        "parked",
        "unmanaged",
    ] {
        summary[name] = json!(parts.get("summary").and_then(|given| given.get(name)?.as_u64()).unwrap_or(0));
    }
    let mut plan = json!({
        "format": "reseat-plan/1", "digest": digest, "content": digest, "created_at": "2026-11-21T12:00:00Z",
        "tool": "reseat 0.1.0", "at": "2026-11-21",
        "inputs": { "manifest": digest, "policy": digest, "observations": {} },
        "changes": [], "operations": [], "blocked": [], "waiting": [], "held": [], "pools": [], "findings": [],
    });
    for (key, value) in parts.as_object().unwrap() {
        plan[key] = value.clone();
    }
    plan["summary"] = summary;
    let mut plan = serde_json::from_value(plan).unwrap();
    add_changes(&mut plan);
    plan
}
