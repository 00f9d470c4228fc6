//! A plan as text: order and completeness.

use serde_json::json;

use super::*;
use crate::report::plan::tests::{operation, plan};

fn shown(plan: &Plan) -> String {
    text(plan, &Files::default(), TextStyle::PLAIN)
}

#[test]
fn people_are_listed_once_and_destructive_changes_come_first() {
    let source = json!({ "file": "sales.yaml", "line": 12, "column": 10 });
    let plan = plan(json!({
        "summary": { "losses": 1, "moves": 1, "gains": 1, "unmanaged": 4 },
        "operations": [
            operation("op-1", json!({ "person": "zoe@acme.example", "source": source })),
            operation("op-2", json!({ "kind": "remove", "effect": "move", "license": "X2", "loses": ["voicemails"],
                "keeps": ["call recordings"], "source": source })),
            operation("op-3", json!({ "effect": "move", "after": ["op-2"], "follow_ups": ["assign a phone number"] })),
            operation("op-4", json!({ "kind": "remove", "effect": "loss", "tenant": "office", "license": "main/timesheet",
                "person": "cy@acme.example", "why": "no entry names this person" })),
            operation("op-5", json!({ "kind": "cancel", "effect": "cancel", "tenant": "spaces", "license": "power" })),
        ],
        "pools": [{ "tenant": "phones", "license": "X4", "total": 40, "reserve": 2, "used_before": 36, "used_after": 38, "missing": 0 }],
    }));
    let expected = "\
Plan sha256:abababababab for 2026-11-21
1 loss, 1 move, 1 gain, 1 cancellation in 5 operations
1 person loses data
4 unmanaged holdings are not changed

Pools      total  reserve  used  after  missing
phones/X4     40        2    36     38

Data destroyed (1)
  acknowledged: destroys voicemails
  keeps call recordings
    ana@acme.example  phones/X2 → X4  op-2 remove, op-3 assign  sales.yaml:12

Losses (1)
  cy@acme.example  office/main/timesheet  op-4 remove  no entry names this person

Gains (1)
  zoe@acme.example  phones/X4  op-1 assign  sales.yaml:12

Pending requests canceled (1)
  ana@acme.example  spaces/power  op-5 cancel  is named

Manual follow-ups (1)
  assign a phone number
    ana@acme.example
";
    assert_similar(&shown(&plan), expected);
}

/// Fails with the lines that differ.
fn assert_similar(actual: &str, expected: &str) {
    assert!(actual == expected, "{}", similar::TextDiff::from_lines(expected, actual).unified_diff());
}

#[test]
fn unacknowledged_people_are_listed_separately_and_first() {
    let lost = |id: &str, person: &str| {
        operation(
            id,
            json!({ "kind": "remove", "effect": "loss", "license": "X2", "loses": ["voicemails"], "person": person }),
        )
    };
    let message = "`bo@acme.example` loses voicemails with `phones/X2`, not acknowledged";
    let plan = plan(json!({
        "operations": [lost("op-1", "ana@acme.example"), lost("op-2", "bo@acme.example")],
        "findings": [{ "code": "P201", "severity": "error", "message": message, "help": null, "source": null, "related": [],
            "people": ["bo@acme.example"] }],
    }));
    let expected = "\
Data destroyed (2)
  NOT ACKNOWLEDGED: destroys voicemails
    bo@acme.example  phones/X2 (loss)  op-2 remove  is named
  acknowledged: destroys voicemails
    ana@acme.example  phones/X2 (loss)  op-1 remove  is named
";
    assert!(shown(&plan).contains(expected), "{}", shown(&plan));
}

#[test]
fn parked_people_and_dependencies_on_others_are_shown() {
    let plan = plan(json!({
        "summary": { "moves": 2, "parked": 1 },
        "operations": [
            operation("op-1", json!({ "kind": "change", "effect": "move", "tenant": "spaces", "license": "power", "to": "essential",
                "parked": true })),
            operation("op-2", json!({ "kind": "change", "effect": "move", "tenant": "spaces", "license": "business", "to": "power",
                "person": "bo@acme.example", "after": ["op-1"] })),
            operation("op-3", json!({ "kind": "change", "effect": "move", "tenant": "spaces", "license": "essential",
                "to": "business", "after": ["op-2"] })),
        ],
    }));
    let text = shown(&plan);
    assert!(text.contains("1 person is without a seat until the swap completes"), "{text}");
    assert!(
        text.contains("spaces/power → business\n      op-1 change to essential, op-3 change to business after op-2"),
        "{text}"
    );
    assert!(text.contains("bo@acme.example  spaces/business → power  op-2 change after op-1"), "{text}");
}

#[test]
fn left_out_changes_are_shown_with_reasons_and_seats_to_buy() {
    let held = |person: &str| {
        json!({ "tenant": "phones", "person": person, "license": "X2", "code": "P101",
            "message": "2 losses are more than 25 percent", "help": "add a waiver", "source": null })
    };
    let waiting = |person: &str, position: u64, priority: i64| json!({ "tenant": "phones", "person": person, "license": "X4", "position": position, "priority": priority });
    let plan = plan(json!({
        "summary": { "waiting": 2, "held": 2, "blocked": 1 },
        "pools": [{ "tenant": "phones", "license": "X4", "total": 1, "reserve": 0, "used_before": 1, "used_after": 1, "missing": 2 }],
        "waiting": [waiting("bo@acme.example", 2, 0), waiting("ana@acme.example", 1, 10)],
        "held": [held("ed@acme.example"), held("fo@acme.example")],
        "blocked": [{ "tenant": "spaces", "person": "cy@acme.example", "license": "power", "code": "L102",
            "message": "the account may not be changed here", "help": "change the group", "source": null }],
    }));
    let expected = "\
Plan sha256:abababababab for 2026-11-21
Nothing to do; 2 waiting, 2 held, 1 blocked

Pools      total  reserve  used  after  missing
phones/X4      1              1      1  2

Waiting for a seat (2)
  phones/X4: buy 2 seats
    1.  ana@acme.example  priority 10
    2.  bo@acme.example

Held by a limit (2)
  phones/X2: P101 2 losses are more than 25 percent
    ed@acme.example, fo@acme.example
    help: add a waiver

Blocked (1)
  cy@acme.example  spaces/power
    L102 the account may not be changed here
    help: change the group
";
    assert_similar(&shown(&plan), expected);
}

#[test]
fn denied_plan_cannot_be_applied() {
    let plan = plan(json!({
        "findings": [{ "code": "P201", "severity": "error", "message": "voicemails of `bo` would be destroyed",
            "help": "acknowledge it", "source": null, "related": [] }],
    }));
    let text = shown(&plan);
    assert!(text.contains("Cannot be applied: 1 denial\n"), "{text}");
    assert!(
        text.contains("  error P201  voicemails of `bo` would be destroyed\n      help: acknowledge it\n"),
        "{text}"
    );
}

#[test]
fn external_names_cannot_steer_the_terminal() {
    let plan = plan(json!({
        "operations": [operation("op-1", json!({ "license": "X\u{1b}[2J", "why": "a\u{202e}b", "follow_ups": ["c\u{7}"],
            "loses": ["d\u{9b}"] }))],
        "blocked": [{ "tenant": "a\u{1b}", "person": "b\u{200b}", "license": "c\r", "code": "L\u{7}", "message": "d\u{1b}",
            "help": "e\u{1b}", "source": { "file": "f\u{1b}", "line": 1, "column": 1 } }],
        "waiting": [{ "tenant": "a\u{1b}", "person": "b\u{200b}", "license": "c\r", "position": 1, "priority": 0 }],
        "findings": [{ "code": "P\u{1b}", "severity": "note", "message": "a\u{1b}", "help": "b\u{1b}",
            "source": { "file": "f\u{1b}", "line": 1, "column": 1 }, "related": [{ "message": "g\u{1b}", "source": null }] }],
    }));
    let text = shown(&plan);
    assert_eq!(text.chars().find(|character| character.is_control() && *character != '\n'), None, "{text:?}");
    assert!(!text.contains(['\u{202e}', '\u{200b}']), "{text:?}");
}
