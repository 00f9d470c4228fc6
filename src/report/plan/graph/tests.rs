//! The graph of small plans, in every format.

use serde_json::{Value, json};

use super::*;
use crate::report::TextStyle;
use crate::report::plan::tests::{operation, plan};

fn pool(license: &str, parts: &Value) -> Value {
    let mut pool = json!({ "tenant": "phones", "license": license, "total": 2, "reserve": 0, "used_before": 2, "used_after": 2, "missing": 0 });
    for (key, value) in parts.as_object().unwrap() {
        pool[key] = value.clone();
    }
    pool
}

/// Two full pools exchange a person each; ana goes first. cy leaves a third pool and loses data, and di waits.
fn ring() -> Plan {
    let step = |id: &str, kind: &str, person: &str, license: &str, parts: Value| {
        let mut all = json!({ "kind": kind, "effect": "move", "person": person, "license": license });
        for (key, value) in parts.as_object().unwrap() {
            all[key] = value.clone();
        }
        operation(id, all)
    };
    plan(json!({
        "operations": [
            step("op-1", "remove", "ana@acme.example", "X2", json!({ "parked": true })),
            step("op-2", "remove", "bo@acme.example", "X4", json!({ "after": ["op-1"] })),
            step("op-3", "assign", "bo@acme.example", "X2", json!({ "after": ["op-2"] })),
            step("op-4", "assign", "ana@acme.example", "X4", json!({ "after": ["op-1", "op-2"] })),
            step("op-5", "remove", "cy@acme.example", "X8", json!({ "effect": "loss", "loses": ["voicemails"] })),
        ],
        "pools": [pool("X2", &json!({})), pool("X4", &json!({})),
            pool("X8", &json!({ "used_after": 1, "reserve": 1, "missing": 1 }))],
        "waiting": [{ "tenant": "phones", "person": "di@acme.example", "license": "X8", "position": 1, "priority": 0 }],
    }))
}

/// A plan in which people gain a seat or move on to the next pool.
fn crowd(people: usize) -> Plan {
    let operations: Vec<_> = (0..people)
        .map(|number| {
            let person = format!("p{number}@acme.example");
            let id = format!("op-{number}");
            if number % 2 == 0 {
                return operation(&id, json!({ "person": person, "license": "X2" }));
            }
            operation(&id, json!({ "kind": "change", "effect": "move", "person": person, "license": "X2", "to": "X4" }))
        })
        .collect();
    plan(json!({ "operations": operations }))
}

#[test]
fn rings_and_parked_people_are_found() {
    let plan = ring();
    let graph = PlanGraph::new(&plan, Folding::Auto);
    let tenant = &graph.tenants[0];
    assert_eq!((graph.is_folded, graph.node_count(), tenant.rings.len()), (false, 3 + 5, 1));
    let kinds: Vec<_> = tenant.classes.iter().map(|class| (class.kind, class.members.len(), class.ring)).collect();
    assert_eq!(kinds, [(ClassKind::Loss, 1, None), (ClassKind::Parked, 1, Some(0)), (ClassKind::Move, 1, Some(0))]);
    assert_eq!(labels::ring_label(tenant, 0), "ring of X2, X4: ana@acme.example goes first");
}

#[test]
fn acyclic_moves_form_no_ring() {
    let plan = crowd(4);
    assert!(PlanGraph::new(&plan, Folding::Auto).tenants[0].rings.is_empty());
}

#[test]
fn losses_and_gains_form_no_ring() {
    let change = |id: &str, effect: &str, person: &str, from: &str, to: &str| {
        operation(id, json!({ "kind": "change", "effect": effect, "person": person, "license": from, "to": to }))
    };
    let plan = plan(json!({ "operations": [
        change("op-1", "loss", "ana@acme.example", "power", "essential"),
        change("op-2", "gain", "bo@acme.example", "essential", "power"),
    ] }));
    assert!(PlanGraph::new(&plan, Folding::Auto).tenants[0].rings.is_empty());
}

#[test]
fn large_plan_is_folded_and_counts_everyone() {
    let plan = crowd(1000);
    let graph = PlanGraph::new(&plan, Folding::Auto);
    assert!(graph.is_folded);
    let counts: Vec<_> = graph.tenants[0].classes.iter().map(|class| class.members.len()).collect();
    assert_eq!(counts, [500, 500]);
    for text in [dot(&graph), mermaid(&graph), svg::standalone(&graph)] {
        assert!(text.contains("500 gains") && text.contains("500 moves") && !text.contains("p7"), "{text}");
        assert!(text.len() < 8000, "{}", text.len());
    }
    assert!(!PlanGraph::new(&plan, Folding::Never).is_folded);
    assert!(PlanGraph::new(&crowd(2), Folding::Always).is_folded);
}

#[test]
fn unfolded_plan_names_every_operation_once() {
    let plan = crowd(1000);
    let graph = PlanGraph::new(&plan, Folding::Never);
    let text = dot(&graph);
    assert_eq!(text.matches("op-").count(), 1000);
    assert_eq!(mermaid(&graph).matches("op-").count(), 1000);
}

#[test]
fn dot_shows_rings_and_dependencies() {
    let text = dot(&PlanGraph::new(&ring(), Folding::Auto));
    for part in [
        "subgraph cluster_0",
        "phones\\nring of X2, X4: ana@acme.example goes first",
        "p0_0 [shape=cylinder, label=\"X2\\n2 of 2\", penwidth=2",
        "label=\"X8\\n2 → 1 of 2\\n1 reserved\\n1 waiting, buy 1\"",
        "label=\"op-1 remove X2\\nana@acme.example\\nparked: goes first\"",
        "label=\"op-5 remove X8\\ncy@acme.example\\ndestroys voicemails\"",
        "p0_2 -> o0 [arrowhead=none];",
        "o3 -> o4 [style=bold",
        "o1 -> o3 [style=dashed",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn mermaid_shows_rings_and_dependencies() {
    let text = mermaid(&PlanGraph::new(&ring(), Folding::Auto));
    for part in [
        "flowchart LR\n",
        "subgraph t0[\"phones\"]",
        "p0_0[(\"X2<br/>2 of 2<br/>ring of X2, X4#58; ana#64;acme.example goes first\")]:::pool",
        "o1[\"op-1 remove X2<br/>ana#64;acme.example<br/>parked#58; goes first\"]:::parked",
        "o3 ==> o4",
        "o1 -.-> o3",
        "classDef parked",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn svg_is_xml_in_which_boxes_do_not_overlap() {
    for plan in [ring(), crowd(30), crowd(1000), plan(json!({}))] {
        let text = svg::standalone(&PlanGraph::new(&plan, Folding::Auto));
        let boxes: Vec<[i32; 4]> = boxes(&text);
        for (place, one) in boxes.iter().enumerate() {
            for other in &boxes[place + 1..] {
                let apart = one[0] + one[2] <= other[0]
                    || other[0] + other[2] <= one[0]
                    || one[1] + one[3] <= other[1]
                    || other[1] + other[3] <= one[1];
                assert!(apart, "{one:?} and {other:?} overlap in\n{text}");
            }
        }
    }
}

/// Returns the boxes of a picture, each as absolute `[x, y, width, height]`.
fn boxes(text: &str) -> Vec<[i32; 4]> {
    let number = |text: &str, name: &str| -> Option<i32> {
        let from = text.find(&format!(" {name}=\""))? + name.len() + 3;
        text[from..].split('"').next()?.parse().ok()
    };
    let mut shift = (0, 0);
    let mut boxes = Vec::new();
    for tag in text.split('<') {
        if let Some(rest) = tag.strip_prefix("g transform=\"translate(") {
            let (x, y) = rest.split(')').next().unwrap().split_once(' ').unwrap();
            shift = (x.parse().unwrap(), y.parse().unwrap());
        }
        if tag.starts_with("rect x") && tag.contains("rx=") {
            let of = |name: &str| number(tag, name).unwrap();
            boxes.push([of("x") + shift.0, of("y") + shift.1, of("width"), of("height")]);
        }
    }
    boxes
}

#[test]
fn pools_with_too_many_flows_are_a_table() {
    let pools = 6;
    let operations: Vec<_> = (0..pools * pools)
        .filter(|number| number / pools != number % pools)
        .map(|number| {
            let (from, to) = (format!("X{}", number / pools), format!("X{}", number % pools));
            let person = format!("p{number}@acme.example");
            operation(
                &format!("op-{number}"),
                json!({ "kind": "change", "effect": "move", "person": person, "license": from, "to": to }),
            )
        })
        .collect();
    let plan = plan(json!({ "operations": operations }));
    let text = svg::standalone(&PlanGraph::new(&plan, Folding::Auto));
    assert!(text.contains("class=\"g-matrix\"") && !text.contains("class=\"g-tip\""), "{text}");
    assert_eq!(text.matches("class=\"g-fill-move\"").count(), 30);
    assert_eq!(text.matches("rx=").count(), 6, "every pool has its box");
}

#[test]
fn ring_is_drawn_with_one_line_back() {
    let plan = ring();
    let text = svg::standalone(&PlanGraph::new(&plan, Folding::Auto));
    assert!(text.contains("⟳ ring of X2, X4: ana@acme.example goes first"), "{text}");
    // Two flows of two lines with one tip each; one points to the left pool.
    assert_eq!(text.matches("class=\"g-tip\"").count(), 2, "{text}");
    assert!(text.contains("1 parked, goes first") && text.contains(">ana@acme.example<"), "{text}");
}

#[test]
fn picture_has_a_description() {
    let plan = ring();
    let text = svg::inline(&PlanGraph::new(&plan, Folding::Auto)).into_string();
    assert!(text.contains("role=\"img\" aria-labelledby=\"graph-title graph-text\""));
    assert!(text.contains("phones: 1 loss of X8. phones: 1 parked, goes first from X2 to X4."), "{text}");
}

#[test]
fn external_names_are_escaped_in_every_format() {
    let name = "a\"]<b>&'`\u{202e}\u{1b}\\N]]>#*_--> ;end";
    let plan = plan(json!({
        "operations": [
            operation("op\"1", json!({ "person": name, "tenant": name, "license": name, "loses": [name], "parked": true })),
            operation("op-2", json!({ "person": name, "tenant": name, "license": name, "to": name, "kind": "change", "effect": "move" })),
        ],
        "waiting": [{ "tenant": name, "person": name, "license": name, "position": 1, "priority": 0 }],
    }));
    let graph = PlanGraph::new(&plan, Folding::Never);
    let texts = [dot(&graph), mermaid(&graph), svg::standalone(&graph), text(&graph, TextStyle::PLAIN)];
    for text in &texts {
        assert_eq!(text.chars().find(|one| one.is_control() && *one != '\n'), None, "{text:?}");
        assert!(!text.contains(['\u{202e}']), "{text:?}");
    }
    let [dot, mermaid, svg, _] = texts;
    assert!(!svg.contains("<b>") && !svg.contains("]]>"), "{svg}");
    assert!(!mermaid.contains("<b>") && !mermaid.contains('`') && !mermaid.contains("--> #59;"), "{mermaid}");
    // Every unescaped quote opens or closes a string.
    for line in dot.lines() {
        assert_eq!(line.replace("\\\\", "").replace("\\\"", "").matches('"').count() % 2, 0, "{line}");
    }
}

#[test]
fn text_and_document_name_everyone() {
    let plan = ring();
    let graph = PlanGraph::new(&plan, Folding::Auto);
    let expected = "\
phones
  X2 2 of 2
  X4 2 of 2
  X8 2 → 1 of 2 1 reserved 1 waiting, buy 1
  X8 →  1 loss, data is destroyed
    cy@acme.example
  X2 → X4  1 parked, goes first
    ana@acme.example
  X4 → X2  1 move
    bo@acme.example
  ring of X2, X4: ana@acme.example goes first
";
    assert_eq!(text(&graph, TextStyle::PLAIN), expected);
    let document = serde_json::to_value(graph.document()).unwrap();
    assert_eq!(document["tenants"][0]["classes"][1]["kind"], "parked");
    assert_eq!(document["tenants"][0]["rings"][0], json!({ "licenses": ["X2", "X4"], "parked": ["ana@acme.example"] }));
}
