//! The graph in Graphviz DOT: tenants as clusters, pools as cylinders, operations or classes as boxes.

use std::fmt::Write as _;

use super::labels;
use super::steps::{OperationNumbers, OrderEdge, order_edges, pools_of};
use super::{ChangeClass, ClassKind, PlanGraph, TenantGraph};
use crate::model::Operation;
use crate::report::escape::{dot as escape, escape as plain};

/// Returns the document.
pub fn dot(graph: &PlanGraph<'_>) -> String {
    let mut text = format!("// reseat {}\ndigraph plan {{\n", plain(&labels::title(graph)));
    text.push_str(
        "  graph [rankdir=LR, fontname=\"Helvetica\", fontsize=12, nodesep=0.25, ranksep=0.7, bgcolor=\"white\"];\n\
         \x20 node [fontname=\"Helvetica\", fontsize=11, shape=box, style=\"rounded,filled\", fillcolor=\"white\"];\n\
         \x20 edge [fontname=\"Helvetica\", fontsize=10, color=\"#57606a\", arrowsize=0.7];\n",
    );
    let folded = if graph.is_folded { "; one box per kind of change" } else { "" };
    let _ = writeln!(text, "  label=\"{}\"; labelloc=t;", escape(&format!("{}{folded}", labels::title(graph))));
    let mut names = OperationNumbers::default();
    for (place, tenant) in graph.tenants.iter().enumerate() {
        cluster(&mut text, graph, place, tenant, &mut names);
    }
    if !graph.is_folded {
        order_arrows(&mut text, graph, &names);
    }
    text.push_str("}\n");
    text
}

/// Writes one tenant: its pools, then its changes.
fn cluster<'p>(
    text: &mut String,
    graph: &PlanGraph<'p>,
    place: usize,
    tenant: &TenantGraph<'p>,
    names: &mut OperationNumbers<'p>,
) {
    let mut rings: Vec<_> = (0..tenant.rings.len()).map(|ring| labels::ring_label(tenant, ring)).collect();
    rings.insert(0, tenant.name.to_owned());
    let _ = writeln!(
        text,
        "  subgraph cluster_{place} {{\n    label=\"{}\"; color=\"#d0d7de\"; style=rounded;",
        label(&rings)
    );
    for (number, pool) in tenant.pools.iter().enumerate() {
        let _ = writeln!(
            text,
            "    p{place}_{number} [shape=cylinder, label=\"{}\"{}];",
            label(&labels::pool_lines(pool)),
            ring_style(pool.ring)
        );
    }
    for (number, class) in tenant.classes.iter().enumerate() {
        if graph.is_folded {
            class_node(text, place, number, class);
        } else {
            for operation in class.members.iter().flat_map(|change| &change.operations) {
                let name = names.add(&operation.id);
                operation_node(text, place, name, class, operation, tenant);
            }
        }
    }
    text.push_str("  }\n");
}

/// Joins lines to a label.
fn label(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escape(line)).collect();
    lines.join("\\n")
}

fn ring_style(ring: Option<usize>) -> &'static str {
    if ring.is_some() { ", penwidth=2, color=\"#8250df\"" } else { "" }
}

fn kind_style(kind: ClassKind) -> &'static str {
    match kind {
        ClassKind::Loss => "color=\"#b42318\", fillcolor=\"#fff1f0\"",
        ClassKind::Parked => "color=\"#9a6700\", fillcolor=\"#fff8e1\", style=\"rounded,filled,dashed\", penwidth=2",
        ClassKind::Move => "color=\"#2456b8\", fillcolor=\"#eef4ff\"",
        ClassKind::Gain => "color=\"#1a7f37\", fillcolor=\"#eefaf0\"",
        ClassKind::Cancel | ClassKind::Release => "color=\"#57606a\", fillcolor=\"#f6f8fa\"",
    }
}

/// Writes one class as one box.
fn class_node(text: &mut String, place: usize, number: usize, class: &ChangeClass<'_>) {
    let width = class.members.len();
    let _ = writeln!(
        text,
        "    c{place}_{number} [label=\"{}\", {}];",
        label(&labels::class_lines(class)),
        kind_style(class.kind)
    );
    let mark = ring_style(class.ring);
    if let Some(from) = class.from {
        let _ = writeln!(text, "    p{place}_{from} -> c{place}_{number} [label=\"{width}\"{mark}];");
    }
    if let Some(to) = class.to {
        let _ = writeln!(text, "    c{place}_{number} -> p{place}_{to} [label=\"{width}\"{mark}];");
    }
}

/// Writes one operation as one box.
fn operation_node(
    text: &mut String,
    place: usize,
    name: usize,
    class: &ChangeClass<'_>,
    operation: &Operation,
    tenant: &TenantGraph<'_>,
) {
    let _ = writeln!(
        text,
        "    o{name} [label=\"{}\", {}];",
        label(&labels::operation_lines(operation)),
        kind_style(class.kind)
    );
    let (leaves, enters) = pools_of(operation);
    let mark = ring_style(class.ring);
    if let Some(pool) = leaves.and_then(|license| tenant.pool_index(license)) {
        let _ = writeln!(text, "    p{place}_{pool} -> o{name} [arrowhead=none{mark}];");
    }
    if let Some(pool) = enters.and_then(|license| tenant.pool_index(license)) {
        let _ = writeln!(text, "    o{name} -> p{place}_{pool} [arrowhead=normal{mark}];");
    }
}

/// Writes dependencies: bold within one person's change, dashed for a seat freed by someone else.
fn order_arrows(text: &mut String, graph: &PlanGraph<'_>, names: &OperationNumbers<'_>) {
    for OrderEdge { earlier, later, is_same_person: is_own } in order_edges(graph, names) {
        let style = if is_own {
            "style=bold, tooltip=\"then\""
        } else {
            "style=dashed, constraint=false, color=\"#8c959f\", tooltip=\"frees its seat\""
        };
        let _ = writeln!(text, "  o{earlier} -> o{later} [{style}];");
    }
}
