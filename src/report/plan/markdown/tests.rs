//! The page: header, limits and completeness.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::Plan;
use crate::report::plan::tests::{operation, plan};

fn shown(plan: &Plan, reader: &MarkdownTarget<'_>) -> String {
    markdown(&Review::new(plan), reader)
}

fn finding(code: &str, severity: &str, message: &str) -> Value {
    let people: Vec<_> = message.split('`').skip(1).take(1).collect();
    json!({ "code": code, "severity": severity, "message": message, "help": "do `this`", "source": null, "related": [],
        "people": people })
}

/// A plan with something in most sections.
fn mixed() -> Plan {
    let source = |line: u32, reason: Option<&str>| {
        let mut source = json!({ "file": "sales.yaml", "line": line, "column": 1 });
        if let Some(reason) = reason {
            source["reason"] = json!(reason);
        }
        source
    };
    plan(json!({
        "operations": [
            operation("op-1", json!({ "kind": "remove", "effect": "loss", "license": "X2", "person": "cy@acme.example",
                "loses": ["voicemails"], "keeps": ["call recordings"], "source": source(7, None) })),
            operation("op-2", json!({ "kind": "remove", "effect": "move", "license": "X2", "person": "ana@acme.example",
                "loses": ["voicemails"], "source": source(9, Some("ADM-118")) })),
            operation("op-3", json!({ "effect": "move", "person": "ana@acme.example", "after": ["op-2", "op-1"],
                "source": source(9, Some("ADM-118")), "follow_ups": ["set up voicemail"] })),
            operation("op-4", json!({ "person": "bo@acme.example", "source": source(9, Some("ADM-118")) })),
        ],
        "findings": [finding("P201", "error", "`cy@acme.example` loses voicemails with `phones/X2`, not acknowledged")],
        "waiting": [{ "tenant": "phones", "person": "di@acme.example", "license": "X4", "position": 1, "priority": 0 }],
        "pools": [{ "tenant": "phones", "license": "X4", "total": 3, "reserve": 0, "used_before": 1, "used_after": 3, "missing": 1 }],
    }))
}

#[test]
fn header_shows_verdict_losses_and_requesters() {
    let text = shown(&mixed(), &MarkdownTarget::default());
    let expected = "\
## 🛑 reseat: cannot be applied: 1 denial

> [!CAUTION]
> **2 people lose data**, **1 not acknowledged**: `cy@acme.example`, `ana@acme.example`  
> &emsp;Lost: voicemails  
> &emsp;Why: ADM-118 (1); not in the manifest (1)

**1 loss, 1 move, 1 gain** in 4 operations · 1 waiting  
Seats: `phones/X4` 1 → 3 of 3, **1 missing**

### 🛑 Denied or not approved (1)
";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn every_change_shows_its_request() {
    let text = shown(&mixed(), &MarkdownTarget::default());
    for row in [
        "| `cy@acme.example` | `phones/X2` → **none** | not in the manifest, `sales.yaml:7` |",
        "| `ana@acme.example` | `phones/X2` → `X4`, after `cy@acme.example` | ADM-118, `sales.yaml:9` |",
        "| `bo@acme.example` | `phones/X4` | ADM-118, `sales.yaml:9` |",
        "| `phones/X4` | buy **1 seat** | 1. `di@acme.example` |",
    ] {
        assert!(text.contains(row), "{row}\n{text}");
    }
    assert!(text.contains("**Not acknowledged**: destroys **voicemails**; keeps call recordings"), "{text}");
}

#[test]
fn forge_without_html_gets_none() {
    let text = shown(&many(60, "a"), &MarkdownTarget { limit: MarkdownLimit::BITBUCKET, ..MarkdownTarget::default() });
    assert!(!text.contains(['<', '&']) && !text.contains("[!"), "{text}");
}

#[test]
fn empty_plan_is_short() {
    let text = shown(&plan(json!({})), &MarkdownTarget::default());
    assert!(text.starts_with("## ✅ reseat: nothing to do\n\n---\n"), "{text}");
}

#[test]
fn unsafe_link_is_omitted() {
    for address in ["javascript:alert(1)", "https://a.example/>x", "https://a.example/ b", "https://a.example/\n# x"] {
        let text = shown(&mixed(), &MarkdownTarget { full_report: Some(address), ..MarkdownTarget::default() });
        assert!(!text.contains("[the full report]"), "{text}");
    }
    let text =
        shown(&mixed(), &MarkdownTarget { full_report: Some("https://ci.example/1"), ..MarkdownTarget::default() });
    assert!(text.ends_with("\n[the full report]: <https://ci.example/1>\n"), "{text}");
}

/// A plan with that many of each kind, whose names and reasons contain the text.
fn many(number: usize, text: &str) -> Plan {
    let person = |kind: &str, index: usize| format!("{kind}{index}x{text}@acme.example");
    let source = json!({ "file": format!("{text}.yaml"), "line": 1, "column": 1, "reason": text });
    let mut operations = Vec::new();
    let (mut held, mut waiting, mut blocked, mut findings) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for index in 0..number {
        let mut add = |kind: &str, parts: Value| {
            let mut parts = parts;
            parts["person"] = json!(person(kind, index));
            parts["source"] = source.clone();
            operations.push(operation(&format!("op-{}", operations.len() + 1), parts));
        };
        add("destroyed", json!({ "kind": "remove", "effect": "loss", "loses": [text] }));
        add("removed", json!({ "kind": "remove", "effect": "loss", "license": format!("X{}", index % 9) }));
        add("parked", json!({ "kind": "change", "effect": "move", "to": "X9", "parked": true }));
        add("moved", json!({ "kind": "change", "effect": "move", "to": "X9" }));
        add("added", json!({}));
        let left = |kind: &str| json!({ "tenant": "phones", "person": person(kind, index), "license": "X2", "code": "P101", "message": text, "help": text, "source": null });
        held.push(left("held"));
        blocked.push(left("blocked"));
        waiting.push(json!({ "tenant": "phones", "person": person("waits", index), "license": "X4", "position": index + 1, "priority": 0 }));
        findings.push(finding("P201", "error", &format!("denied{index}x {text}")));
    }
    plan(
        json!({ "operations": operations, "held": held, "waiting": waiting, "blocked": blocked, "findings": findings }),
    )
}

/// Returns the text of one section.
fn section<'t>(text: &'t str, title: &str) -> &'t str {
    let start = text.find(&format!("{title} (")).unwrap_or_else(|| panic!("no section {title} in {text}"));
    let rest = &text[start..];
    let ends = ["\n### ", "\n<details><summary><b>", "\n---\n"];
    &rest[..ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len())]
}

/// Returns the number that the section does not list.
fn not_listed(section: &str) -> usize {
    let Some(end) = section.find(" not listed here") else { return 0 };
    let line = section[..end].rsplit('\n').next().unwrap_or_default();
    let number = line.trim_start_matches('*').chars().take_while(|letter| *letter != ' ');
    let number: String = number.filter(char::is_ascii_digit).collect();
    number.parse().unwrap_or_else(|_| panic!("{line}"))
}

fn check(number: usize, text: &str, reader: &MarkdownTarget<'_>) {
    let plan = many(number, text);
    let page = shown(&plan, reader);
    assert!(page.len() <= reader.limit.bytes, "{} bytes, and {} are allowed", page.len(), reader.limit.bytes);
    assert!(page.chars().count() <= reader.limit.bytes);
    assert!(page.starts_with(reader.marker), "{page}");
    assert!(page.contains(plan.digest.as_str()), "{page}");
    for (topic, kind) in [
        (ReviewTopic::Denials, "denied"),
        (ReviewTopic::DataLoss, "destroyed"),
        (ReviewTopic::Losses, "removed"),
        (ReviewTopic::Held, "held"),
        (ReviewTopic::Parked, "parked"),
        (ReviewTopic::Moves, "moved"),
        (ReviewTopic::Gains, "added"),
        (ReviewTopic::Waiting, "waits"),
        (ReviewTopic::Blocked, "blocked"),
    ] {
        let section = section(&page, topic.title());
        let listed = (0..number).filter(|index| section.contains(&format!("{kind}{index}x"))).count();
        assert_eq!(listed + not_listed(section), number, "{topic:?}: {listed} are listed\n{section}");
    }
    assert_eq!(page.matches("<details>").count(), page.matches("</details>").count(), "{page}");
    let heading = page.lines().find(|line| line.starts_with("## ")).unwrap_or_default();
    assert!(heading.contains("cannot be applied"), "{page}");
}

#[test]
fn smallest_page_fits_any_names() {
    for text in [
        "a",
        "ä",
        "日本語",
        "\u{202e}",
        "`",
        "|",
        "\u{1f468}\u{200d}\u{1f469}",
        &"\u{202e}`".repeat(300),
        &"x".repeat(5_000),
    ] {
        for marker in ["", "<!-- reseat 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef -->\n"] {
            let address = format!("https://ci.example/{}", "a".repeat(450));
            for dialect in [MarkdownLimit::GITHUB, MarkdownLimit::BITBUCKET] {
                let limit = MarkdownLimit { bytes: LIMIT_MIN, ..dialect };
                let reader = MarkdownTarget {
                    limit,
                    marker,
                    environment: Some(text),
                    commit: Some(text),
                    full_report: Some(&address),
                };
                check(30, text, &reader);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn page_fits_and_counts_unlisted_items(
        number in prop_oneof![1_usize..60, 1_usize..600],
        text in prop_oneof!["[a-z]{1,20}", "\\PC{1,40}", "[`|@#<>\\\\\\[\\]*_~&]{1,30}", "[日本語äöü🎉]{1,80}"],
        bytes in prop_oneof![LIMIT_MIN..10_000, LIMIT_MIN..200_000],
        has_html in any::<bool>(),
    ) {
        let site = if has_html { MarkdownLimit::GITHUB } else { MarkdownLimit::BITBUCKET };
        check(number, &text, &MarkdownTarget { limit: MarkdownLimit { bytes, ..site }, ..MarkdownTarget::default() });
    }
}
