//! The graph in Mermaid, which forges render: tenants as subgraphs.

use std::fmt::Write as _;

use super::labels;
use super::steps::{OperationNumbers, OrderEdge, order_edges, pools_of};
use super::{ChangeClass, ClassKind, PlanGraph, TenantGraph};
use crate::model::Operation;
use crate::report::escape::{escape as plain, mermaid as escape};

/// Returns the document without a Markdown fence.
pub fn mermaid(graph: &PlanGraph<'_>) -> String {
    let mut text = format!("%% reseat {}\nflowchart LR\n", plain(&labels::title(graph)));
    let mut names = OperationNumbers::default();
    for (place, tenant) in graph.tenants.iter().enumerate() {
        subgraph(&mut text, graph, place, tenant, &mut names);
    }
    if !graph.is_folded {
        for OrderEdge { earlier, later, is_same_person: is_own } in order_edges(graph, &names) {
            let arrow = if is_own { "==>" } else { "-.->" };
            let _ = writeln!(text, "  o{earlier} {arrow} o{later}");
        }
    }
    if graph.is_empty() {
        text.push_str("  nothing[\"nothing to do\"]\n");
        return text;
    }
    styles(&mut text, graph);
    text
}

/// Writes the styles. Fill and text color are set together, so that labels are readable in light and dark themes.
fn styles(text: &mut String, graph: &PlanGraph<'_>) {
    text.push_str("  classDef pool fill:#f6f8fa,stroke:#57606a,color:#1f2328\n");
    for kind in ClassKind::ALL {
        if !graph.tenants.iter().flat_map(|tenant| &tenant.classes).any(|class| class.kind == kind) {
            continue;
        }
        let style = match kind {
            ClassKind::Loss => "fill:#fff1f0,stroke:#b42318,color:#1f2328",
            ClassKind::Parked => "fill:#fff8e1,stroke:#9a6700,color:#1f2328,stroke-width:2px,stroke-dasharray:4 3",
            ClassKind::Move => "fill:#eef4ff,stroke:#2456b8,color:#1f2328",
            ClassKind::Gain => "fill:#eefaf0,stroke:#1a7f37,color:#1f2328",
            ClassKind::Cancel | ClassKind::Release => "fill:#f6f8fa,stroke:#57606a,color:#1f2328",
        };
        let _ = writeln!(text, "  classDef {} {style}", kind.style_name());
    }
}

fn subgraph<'p>(
    text: &mut String,
    graph: &PlanGraph<'p>,
    place: usize,
    tenant: &TenantGraph<'p>,
    names: &mut OperationNumbers<'p>,
) {
    let _ = writeln!(text, "  subgraph t{place}[\"{}\"]", escape(tenant.name));
    for (number, pool) in tenant.pools.iter().enumerate() {
        let mut lines = labels::pool_lines(pool);
        lines.extend(pool.ring.map(|ring| labels::ring_label(tenant, ring)));
        let _ = writeln!(text, "    p{place}_{number}[(\"{}\")]:::pool", label(&lines));
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
    text.push_str("  end\n");
}

fn label(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escape(line)).collect();
    lines.join("<br/>")
}

/// Writes one class as one box.
fn class_node(text: &mut String, place: usize, number: usize, class: &ChangeClass<'_>) {
    let _ = writeln!(
        text,
        "    c{place}_{number}[\"{}\"]:::{}",
        label(&labels::class_lines(class)),
        class.kind.style_name()
    );
    if let Some(from) = class.from {
        let _ = writeln!(text, "    p{place}_{from} --- c{place}_{number}");
    }
    if let Some(to) = class.to {
        let _ = writeln!(text, "    c{place}_{number} --> p{place}_{to}");
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
    let _ =
        writeln!(text, "    o{name}[\"{}\"]:::{}", label(&labels::operation_lines(operation)), class.kind.style_name());
    let (leaves, enters) = pools_of(operation);
    if let Some(pool) = leaves.and_then(|license| tenant.pool_index(license)) {
        let _ = writeln!(text, "    p{place}_{pool} --- o{name}");
    }
    if let Some(pool) = enters.and_then(|license| tenant.pool_index(license)) {
        let _ = writeln!(text, "    o{name} --> p{place}_{pool}");
    }
}
