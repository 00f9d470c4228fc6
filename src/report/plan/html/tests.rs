//! The page: content, order and escaping.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::model::Plan;
use crate::report::plan::tests::{operation, plan};

fn page(plan: &Plan) -> String {
    html(&Review::new(plan), &Files::default())
}

/// A plan with something in every section.
fn full() -> Plan {
    let source = json!({ "file": "sales.yaml", "line": 12, "column": 10, "reason": "ADM-118" });
    let lost = "`bo@acme.example` loses voicemails with `phones/X2`, not acknowledged";
    plan(json!({
        "summary": { "unmanaged": 4 },
        "operations": [
            operation("op-1", json!({ "person": "zoe@acme.example", "source": source })),
            operation("op-2", json!({ "kind": "remove", "effect": "loss", "license": "X2", "person": "bo@acme.example",
                "loses": ["voicemails"], "keeps": ["call recordings"] })),
            operation("op-3", json!({ "kind": "remove", "effect": "loss", "license": "fax", "person": "cy@acme.example",
                "why": "no entry names this person" })),
            operation("op-4", json!({ "kind": "change", "effect": "move", "license": "X6", "to": "X8", "after": ["op-3"],
                "follow_ups": ["assign a phone number"] })),
            operation("op-5", json!({ "kind": "remove", "effect": "move", "license": "X8", "person": "di@acme.example", "parked": true })),
            operation("op-6", json!({ "kind": "cancel", "effect": "cancel", "person": "ed@acme.example" })),
        ],
        "pools": [
            { "tenant": "phones", "license": "X4", "total": 40, "reserve": 2, "used_before": 36, "used_after": 37, "missing": 1 },
            { "tenant": "phones", "license": "X9", "total": null, "reserve": 0, "used_before": 1234, "used_after": 1234, "missing": 0 },
        ],
        "waiting": [{ "tenant": "phones", "person": "fo@acme.example", "license": "X4", "position": 1, "priority": 10 }],
        "held": [{ "tenant": "phones", "person": "gus@acme.example", "license": "X2", "code": "P101", "message": "2 losses of `phones/X2`",
            "help": "add a waiver", "source": null }],
        "blocked": [{ "tenant": "spaces", "person": "hana@acme.example", "license": "power", "code": "L102",
            "message": "the account may not be changed here", "help": "change the group", "source": null }],
        "findings": [
            { "code": "P201", "severity": "error", "level": "deny", "message": lost, "help": "acknowledge it", "source": null, "related": [],
                "people": [lost.split('`').nth(1).unwrap_or_default()] },
            { "code": "L204", "severity": "warning", "message": "the pool ends soon", "help": null, "source": null, "related": [] },
        ],
    }))
}

#[test]
fn critical_sections_come_first_and_everyone_is_listed() {
    let page = page(&full());
    let mut last = 0;
    for section in [
        "denials",
        "data-loss",
        "losses",
        "held",
        "parked",
        "pools",
        "graph",
        "moves",
        "gains",
        "cancels",
        "waiting",
        "blocked",
        "unmanaged",
        "findings",
        "follow-ups",
        "provenance",
    ] {
        let at = page.find(&format!("<section id=\"{section}\"")).unwrap_or_else(|| panic!("no {section}"));
        assert!(at > last, "{section} is too early");
        assert!(page.contains(&format!("href=\"#{section}\"")), "no link to {section}");
        last = at;
    }
    for person in ["ana", "bo", "cy", "di", "ed", "fo", "gus", "hana", "zoe"] {
        assert!(page.contains(&format!("<li><b>{person}@acme.example</b>")), "{person}");
    }
    for part in [
        "<h1>Cannot be applied: 1 denial</h1>",
        "<b class=\"bad\">Not acknowledged</b> destroys voicemails <small>keeps call recordings</small>",
        "phones/X2 <em>loss</em></span><span>op-2 remove</span>",
        "op-4 change after cy@acme.example",
        "<span>ADM-118 <small>sales.yaml:12</small></span>",
        "position 1, priority 10",
        "buy 1 seat",
        "<s>36</s> → <b>37</b>",
        "<code>phones/X2</code>, not acknowledged",
        "assign a phone number <span>1 person</span>",
    ] {
        assert!(page.contains(part), "{part} is not in the page");
    }
}

#[test]
fn page_loads_nothing_and_allows_only_its_style_and_script() {
    let page = page(&full());
    for forbidden in
        [" src=", "url(", "@import", "http:", "https:", " style=", " onclick", "<iframe", "<img", "<link", "fetch("]
    {
        let found = page.replace("http://www.w3.org/2000/svg", "").contains(forbidden);
        assert!(!found, "{forbidden} is in the page");
    }
    let digest = |tag: &str| {
        let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
        assert_eq!((page.matches(&open).count(), page.matches(&close).count()), (1, 1), "{tag}");
        let text = page.split(&open).nth(1).unwrap().split(&close).next().unwrap();
        format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
    };
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        digest("style"),
        digest("script")
    );
    assert!(page.contains(&policy), "{policy}");
}

#[test]
fn external_text_stays_text() {
    let evil = "</b></title><script>alert(1)</script><img src=x onerror='y'>\"`\u{202e}\u{200b}\u{1b}";
    let place = json!({ "file": evil, "line": 1, "column": 1 });
    let asked = json!({ "file": evil, "line": 1, "column": 1, "reason": evil });
    let plan = plan(json!({
        "tool": evil,
        "inputs": { "manifest": format!("sha256:{}", "ab".repeat(32)), "policy": format!("sha256:{}", "ab".repeat(32)),
            "author": evil, "undoes": evil,
            "observations": { evil: { "digest": format!("sha256:{}", "ab".repeat(32)), "observed_at": "2026-11-21T10:00:00Z", "complete": false } } },
        "operations": [
            operation(evil, json!({ "tenant": evil, "person": evil, "license": evil, "source": asked, "loses": [evil], "keeps": [evil],
                "follow_ups": [evil], "why": evil })),
            operation("op-2", json!({ "tenant": evil, "person": evil, "license": evil, "kind": "change", "to": evil, "effect": "move",
                "after": [evil] })),
        ],
        "pools": [{ "tenant": evil, "license": evil, "total": 1, "reserve": 0, "used_before": 1, "used_after": 2, "missing": 0,
            "cost_per_seat": { "amount": "1.00", "currency": evil, "per": "month" },
            "cost": { "before": evil, "after": evil, "delta": evil, "unused": evil } }],
        "waiting": [{ "tenant": evil, "person": evil, "license": evil, "position": 1, "priority": 0 }],
        "held": [{ "tenant": evil, "person": evil, "license": evil, "code": evil, "message": evil, "help": evil, "source": place }],
        "blocked": [{ "tenant": evil, "person": evil, "license": evil, "code": evil, "message": evil, "help": evil, "source": place }],
        "findings": [{ "code": evil, "severity": "error", "message": evil, "help": evil, "source": place,
            "related": [{ "message": evil, "source": place }] }],
    }));
    let page = page(&plan);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<img") && !page.contains("onerror='y'>"), "a foreign tag is in the page");
    assert!(!page.contains(['\u{202e}', '\u{200b}', '\u{1b}']), "an unsafe character is in the page");
}

#[test]
fn rows_are_short_and_in_lists_of_a_hundred() {
    let operations: Vec<_> = (0..250)
        .map(|number| operation(&format!("op-{number}"), json!({ "person": format!("p{number}@acme.example") })))
        .collect();
    let (none, many) = (page(&plan(json!({}))), page(&plan(json!({ "operations": operations }))));
    assert_eq!((many.matches("<ul class=\"c\">").count(), many.matches("<ul class=\"r\">").count()), (2, 1));
    assert_eq!(many.matches("<li><b>p").count(), 250);
    assert!((many.len() - none.len()) / 250 < 220, "{}", (many.len() - none.len()) / 250);
}

#[test]
fn empty_plan_has_nothing_to_do() {
    let page = page(&plan(json!({})));
    assert!(
        page.contains("<h1>Nothing to do</h1>") && !page.contains("id=\"filter\"") && !page.contains("id=\"graph\"")
    );
}

#[test]
fn prose_renders_backticks_as_code() {
    let shown = |text: &str| findings::prose(text).into_string();
    assert_eq!(shown("add `a<b` to `c`"), "add <code>a&lt;b</code> to <code>c</code>");
    assert_eq!(shown("an odd ` stays"), "an odd ` stays");
    assert_eq!(shown("`a` and `b"), "<code>a</code> and `b");
}
