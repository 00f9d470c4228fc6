//! The review: completeness and order.

use serde_json::json;

use super::*;
use crate::report::plan::tests::{operation, plan};

#[test]
fn every_operation_is_in_one_section() {
    let plan = plan(json!({ "operations": [
        operation("op-1", json!({ "kind": "remove", "effect": "loss" })),
        operation("op-2", json!({ "kind": "remove", "effect": "move", "person": "bo@acme.example", "license": "X2",
            "loses": ["voicemails"] })),
        operation("op-3", json!({ "kind": "assign", "effect": "move", "person": "bo@acme.example", "after": ["op-2", "op-1"] })),
        operation("op-4", json!({ "kind": "cancel", "effect": "cancel", "person": "cy@acme.example" })),
        operation("op-5", json!({ "kind": "release", "effect": "loss", "after": ["op-1"] })),
        operation("op-6", json!({ "kind": "remove", "effect": "move", "person": "di@acme.example", "parked": true })),
        operation("op-7", json!({ "kind": "change", "effect": "move", "person": "ed@acme.example", "to": "X9" })),
        operation("op-8", json!({ "person": "fo@acme.example" })),
    ] }));
    let review = Review::new(&plan);
    let shown: Vec<_> = ReviewTopic::ALL
        .iter()
        .flat_map(|topic| review.changes(*topic).iter().map(move |entry| (*topic, entry)))
        .flat_map(|(topic, entry)| entry.operations.iter().map(move |operation| (operation.id.0.as_str(), topic)))
        .collect();
    let expected = [
        ("op-2", ReviewTopic::DataLoss),
        ("op-3", ReviewTopic::DataLoss),
        ("op-1", ReviewTopic::Losses),
        ("op-6", ReviewTopic::Parked),
        ("op-7", ReviewTopic::Moves),
        ("op-8", ReviewTopic::Gains),
        ("op-4", ReviewTopic::Cancellations),
        ("op-5", ReviewTopic::Releases),
    ];
    assert_eq!(shown, expected);
    let moved = &review.changes(ReviewTopic::DataLoss)[0];
    assert_eq!(&*moved.licenses(), "X2 → X4");
    assert_eq!(moved.waits_for, ["ana@acme.example"], "the seat comes from her");
}

#[test]
fn unacknowledged_data_loss_comes_first() {
    let loss = |id: &str, person: &str| {
        operation(id, json!({ "kind": "remove", "effect": "loss", "person": person, "loses": ["drafts"] }))
    };
    let plan = plan(json!({
        "operations": [loss("op-1", "ana@acme.example"), loss("op-2", "bo@acme.example")],
        "findings": [{ "code": "P201", "severity": "error", "level": "deny", "message":
            "`bo@acme.example` loses drafts with `phones/X4`, not acknowledged", "help": null, "source": null, "related": [],
            "people": ["bo@acme.example"] }],
    }));
    let review = Review::new(&plan);
    let people: Vec<_> =
        review.changes(ReviewTopic::DataLoss).iter().map(|entry| (entry.person, entry.is_acknowledged)).collect();
    assert_eq!(people, [("bo@acme.example", false), ("ana@acme.example", true)]);
    assert_eq!((review.headline.verdict, review.headline.unacknowledged), (ReviewVerdict::Denied, 1));
}

#[test]
fn verdict_is_the_most_critical() {
    let verdict = |parts| Review::new(&plan(parts)).headline.verdict;
    let finding = |code: &str, severity: &str, level: &str| json!({ "code": code, "severity": severity, "level": level, "message": "m", "help": null, "source": null, "related": [] });
    let gain = || json!([operation("op-1", json!({}))]);
    assert_eq!(verdict(json!({})), ReviewVerdict::NoChanges);
    assert_eq!(verdict(json!({ "operations": gain() })), ReviewVerdict::Safe);
    let loss = || json!([operation("op-1", json!({ "kind": "remove", "effect": "loss" }))]);
    assert_eq!(verdict(json!({ "operations": loss() })), ReviewVerdict::Destructive);
    let held = json!([{ "tenant": "phones", "person": "ed@acme.example", "license": "X2", "code": "P101", "message": "m",
        "help": null, "source": null }]);
    assert_eq!(verdict(json!({ "operations": loss(), "held": held })), ReviewVerdict::Held);
    let frozen = finding("P241", "warning", "deny");
    assert_eq!(verdict(json!({ "operations": gain(), "findings": [frozen] })), ReviewVerdict::Postponed);
    assert_eq!(verdict(json!({ "findings": [frozen] })), ReviewVerdict::NoChanges);
    let approve = finding("P401", "error", "approve");
    assert_eq!(verdict(json!({ "operations": gain(), "findings": [frozen, approve] })), ReviewVerdict::NeedsApproval);
    let deny = finding("P401", "error", "deny");
    assert_eq!(verdict(json!({ "operations": gain(), "findings": [approve, deny] })), ReviewVerdict::Denied);
}

#[test]
fn counts_do_not_trust_the_summary() {
    let plan = plan(json!({ "operations": [
        operation("op-1", json!({ "kind": "remove", "effect": "loss" })),
        operation("op-2", json!({ "kind": "release", "effect": "loss", "after": ["op-1"] })),
        operation("op-3", json!({ "kind": "remove", "effect": "move", "person": "di@acme.example", "parked": true })),
        operation("op-4", json!({ "effect": "move", "person": "di@acme.example", "after": ["op-3"] })),
    ] }));
    let ReviewHeadline { losses, moves, gains, releases, parked, .. } = Review::new(&plan).headline;
    assert_eq!((losses, moves, gains, releases, parked), (1, 1, 0, 1, 1));
}

#[test]
fn findings_are_sorted_without_limits_of_held_people() {
    let finding = |code: &str, severity: &str, more: serde_json::Value| {
        let mut finding =
            json!({ "code": code, "severity": severity, "message": "m", "help": null, "source": null, "related": [] });
        for (key, value) in more.as_object().unwrap() {
            finding[key] = value.clone();
        }
        finding
    };
    let plan = plan(json!({ "findings": [
        finding("L204", "warning", json!({})),
        finding("P401", "note", json!({ "waived_until": "2026-12-01" })),
        finding("P411", "warning", json!({})),
        finding("P101", "warning", json!({ "rule": "losses", "people": ["ana@acme.example"] })),
        finding("P201", "error", json!({ "level": "approve" })),
        finding("P202", "error", json!({ "level": "deny" })),
        finding("P419", "warning", json!({ "values": { "more": 7 } })),
    ] }));
    let review = Review::new(&plan);
    let codes = |findings: &[&Finding]| findings.iter().map(|finding| finding.code.to_string()).collect::<Vec<_>>();
    assert_eq!(codes(&review.denials), ["P202", "P201"]);
    assert_eq!(codes(&review.policy), ["P411", "P419", "P401"]);
    assert_eq!(codes(&review.findings), ["L204"]);
    assert_eq!(review.count(ReviewTopic::Policy), 9);
}

#[test]
fn second_move_of_a_parked_person_is_a_separate_change() {
    let plan = plan(json!({ "operations": [
        operation("op-1", json!({ "kind": "remove", "effect": "move", "change": "ch-1", "license": "a", "parked": true })),
        operation("op-2", json!({ "kind": "remove", "effect": "move", "change": "ch-2", "license": "p", "loses": ["drafts"] })),
        operation("op-3", json!({ "effect": "move", "change": "ch-2", "license": "q", "after": ["op-2"] })),
        operation("op-4", json!({ "effect": "move", "change": "ch-1", "license": "b", "after": ["op-1"] })),
    ] }));
    let review = Review::new(&plan);
    let shown = |topic: ReviewTopic| review.changes(topic).iter().map(ReviewedChange::licenses).collect::<Vec<_>>();
    assert_eq!(
        (shown(ReviewTopic::Parked), shown(ReviewTopic::DataLoss)),
        (vec!["a → b".to_owned()], vec!["p → q".to_owned()])
    );
}

#[test]
fn cancellation_is_destructive() {
    let cancel = operation("op-1", json!({ "kind": "cancel", "effect": "cancel" }));
    let plan = plan(json!({ "operations": [cancel] }));
    assert_eq!(Review::new(&plan).headline.verdict_sentence(), "Can be applied; cancels 1 pending request");
}

#[test]
fn unacknowledged_data_loss_is_found_for_any_names() {
    for (person, license) in
        [("x`y@acme.example", "X2"), ("a@acme.example", "p`q"), ("a@acme.example", "` with `phones/X4")]
    {
        let message = format!("`{person}` loses user's `drafts with `phones/{license}`, not acknowledged");
        let plan = plan(json!({
            "operations": [operation("op-1", json!({ "kind": "remove", "effect": "loss", "person": person,
                "license": license, "loses": ["user's `drafts"] }))],
            "findings": [{ "code": "P201", "severity": "warning", "message": message, "help": null, "source": null,
                "related": [], "people": [person] }],
        }));
        assert_eq!(Review::new(&plan).headline.unacknowledged, 1, "{person} {license}");
    }
}

#[test]
fn people_are_counted_once() {
    let lose = |id: &str, license: &str| {
        operation(
            id,
            json!({ "change": id, "kind": "remove", "effect": "loss", "license": license, "loses": ["drafts"] }),
        )
    };
    let plan = plan(json!({ "operations": [lose("op-1", "a"), lose("op-2", "b")] }));
    let headline = Review::new(&plan).headline;
    assert_eq!((headline.destroyed, headline.losses), (1, 2));
}
