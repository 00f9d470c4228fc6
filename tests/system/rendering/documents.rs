//! A plan and findings with hostile text in every text field.

use reseat::diagnostic::Finding;
use reseat::model::Plan;
use serde_json::{Value, json};

/// A valid digest.
fn digest() -> String {
    format!("sha256:{}", "ab".repeat(32))
}

fn finding(text: &str, severity: &str, level: Option<&str>) -> Value {
    let source = json!({ "file": format!("{text}.yaml"), "line": 3, "column": 5 });
    let mut finding = json!({
        "code": "P201", "severity": severity, "message": format!("`{text}` is {text}"), "help": format!("do {text}"),
        "source": source, "related": [{ "message": text, "source": source }, { "message": text, "source": null }],
        "rule": text, "people": [text], "values": { text: text }, "smallest_change": text,
    });
    if let Some(level) = level {
        finding["level"] = json!(level);
        finding["approval"] = json!(digest());
    }
    finding
}

fn change(id: u32, text: &str, parts: &Value) -> Value {
    let mut change = json!({
        "id": format!("ch-{id}"), "tenant": text, "person": format!("{text}{id}"), "account": text, "address": text,
        "from": null, "to": text, "effect": "gain", "source": { "file": text, "line": 1, "column": 1, "reason": text },
    });
    for (key, value) in parts.as_object().expect("an object") {
        change[key] = value.clone();
    }
    change
}

fn operation(id: u32, text: &str, parts: &Value) -> Value {
    let mut operation = json!({
        "id": format!("op-{id}"), "change": format!("ch-{id}"), "kind": "assign", "effect": "gain", "tenant": text, "person": format!("{text}{id}"),
        "account": text, "license": text, "to": null, "after": [], "parked": false, "loses": [], "keeps": [],
        "follow_ups": [text], "expects": { "holdings": digest() }, "why": text,
        "source": { "file": text, "line": 1, "column": 1, "reason": text },
    });
    for (key, value) in parts.as_object().expect("an object") {
        operation[key] = value.clone();
    }
    operation
}

/// A plan with something in every section.
pub(crate) fn plan(text: &str) -> Plan {
    let left_out = json!({
        "tenant": text, "person": text, "license": text, "code": "L102", "message": text, "help": text,
        "source": { "file": text, "line": 2, "column": 2 },
    });
    let held = json!({
        "tenant": text, "person": text, "license": text, "code": "P101", "message": text, "help": text, "source": null,
    });
    let pool = |license: &str, missing: u32| {
        json!({
            "tenant": text, "license": license, "total": 3, "reserve": 1, "used_before": 1, "used_after": 3,
            "missing": missing, "unused": 0,
        })
    };
    let other = format!("{text}-2");
    let plan = json!({
        "format": "reseat-plan/1", "digest": digest(), "content": digest(), "created_at": "2026-11-21T12:00:00Z",
        "tool": "reseat 0.1.0", "at": "2026-11-21",
        "inputs": { "manifest": digest(), "policy": digest(), "author": text,
            "observations": { text: { "digest": digest(), "observed_at": "2026-11-21T10:00:00Z", "complete": false } } },
        "summary": { "cancel": 1, "remove": 3, "change": 1, "assign": 2, "release": 0, "restore": 1, "gains": 1, "moves": 2,
            "losses": 2, "blocked": 1, "waiting": 1, "held": 1, "parked": 1, "unmanaged": 2 },
        "changes": [
            change(1, text, &json!({ "effect": "loss", "from": text, "to": null })),
            change(2, text, &json!({ "effect": "loss", "from": text, "to": null })),
            change(3, text, &json!({ "effect": "move", "person": "m", "from": text, "to": other })),
            change(6, text, &json!({ "effect": "move", "from": text, "to": other })),
            change(7, text, &json!({})),
            change(8, text, &json!({ "effect": "cancel", "from": text, "to": null })),
        ],
        "operations": [
            operation(1, text, &json!({ "kind": "remove", "effect": "loss", "loses": [text], "keeps": [text] })),
            operation(2, text, &json!({ "kind": "remove", "effect": "loss" })),
            operation(3, text, &json!({ "kind": "remove", "effect": "move", "person": "m", "parked": true })),
            operation(4, text, &json!({ "effect": "move", "change": "ch-3", "person": "m", "license": other, "after": ["op-3"] })),
            operation(5, text, &json!({ "kind": "restore", "effect": "move", "change": "ch-3", "person": "m", "memberships": [text],
                "license": other, "after": ["op-4"] })),
            operation(6, text, &json!({ "kind": "change", "effect": "move", "to": other })),
            operation(7, text, &json!({ "after": ["op-1"] })),
            operation(8, text, &json!({ "kind": "cancel", "effect": "cancel" })),
        ],
        "blocked": [left_out], "held": [held],
        "waiting": [{ "tenant": text, "person": text, "license": text, "position": 1, "priority": 7 }],
        "pools": [pool(text, 1), pool(&other, 0)],
        "findings": [finding(text, "error", Some("deny")), finding(text, "error", Some("approve")),
            finding(text, "warning", None), finding(text, "note", None)],
    });
    serde_json::from_value(plan).expect("a plan")
}

/// Findings of every severity.
pub(crate) fn findings(text: &str) -> Vec<Finding> {
    let all = json!([finding(text, "error", None), finding(text, "warning", None), finding(text, "note", None)]);
    serde_json::from_value(all).expect("findings")
}
