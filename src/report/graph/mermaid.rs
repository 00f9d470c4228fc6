//! The graph in Mermaid, as forges draw it in comments and files: a subgraph for each tenant.

use std::fmt::Write as _;

use super::super::escape::{escape as plain, mermaid as escape};
use super::steps::{Numbers, Order, orders, pools};
use super::words;
use super::{Class, Graph, Kind, Tenant};
use crate::model::Operation;

/// The document; without a fence, for that is Markdown's.
pub fn mermaid(graph: &Graph<'_>) -> String {
    let mut text = format!("%% reseat {}\nflowchart LR\n", plain(&words::title(graph)));
    let mut names = Numbers::default();
    for (place, tenant) in graph.tenants.iter().enumerate() {
        subgraph(&mut text, graph, place, tenant, &mut names);
    }
    if !graph.is_folded {
        for Order { earlier, later, is_own } in orders(graph, &names) {
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

/// How kinds look. No color of the text, so that it can be read on the light and the dark side of a forge: the fill is given
/// with it.
fn styles(text: &mut String, graph: &Graph<'_>) {
    text.push_str("  classDef pool fill:#f6f8fa,stroke:#57606a,color:#1f2328\n");
    for kind in Kind::ALL {
        if !graph.tenants.iter().flat_map(|tenant| &tenant.classes).any(|class| class.kind == kind) {
            continue;
        }
        let look = match kind {
            Kind::Loss => "fill:#fff1f0,stroke:#b42318,color:#1f2328",
            Kind::Parked => "fill:#fff8e1,stroke:#9a6700,color:#1f2328,stroke-width:2px,stroke-dasharray:4 3",
            Kind::Move => "fill:#eef4ff,stroke:#2456b8,color:#1f2328",
            Kind::Gain => "fill:#eefaf0,stroke:#1a7f37,color:#1f2328",
            Kind::Cancel | Kind::Release => "fill:#f6f8fa,stroke:#57606a,color:#1f2328",
        };
        let _ = writeln!(text, "  classDef {} {look}", kind.style());
    }
}

fn subgraph<'p>(text: &mut String, graph: &Graph<'p>, place: usize, tenant: &Tenant<'p>, names: &mut Numbers<'p>) {
    let _ = writeln!(text, "  subgraph t{place}[\"{}\"]", escape(tenant.name));
    for (number, pool) in tenant.pools.iter().enumerate() {
        let mut lines = words::pool_lines(pool);
        lines.extend(pool.ring.map(|ring| words::ring(tenant, ring)));
        let _ = writeln!(text, "    p{place}_{number}[(\"{}\")]:::pool", label(&lines));
    }
    for (number, class) in tenant.classes.iter().enumerate() {
        if graph.is_folded {
            folded(text, place, number, class);
        } else {
            for operation in class.members.iter().flat_map(|change| &change.operations) {
                let name = names.add(&operation.id);
                whole(text, place, name, class, operation, tenant);
            }
        }
    }
    text.push_str("  end\n");
}

fn label(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escape(line)).collect();
    lines.join("<br/>")
}

/// One class as one box.
fn folded(text: &mut String, place: usize, number: usize, class: &Class<'_>) {
    let _ = writeln!(text, "    c{place}_{number}[\"{}\"]:::{}", label(&words::class_lines(class)), class.kind.style());
    if let Some(from) = class.from {
        let _ = writeln!(text, "    p{place}_{from} --- c{place}_{number}");
    }
    if let Some(to) = class.to {
        let _ = writeln!(text, "    c{place}_{number} --> p{place}_{to}");
    }
}

/// One operation as one box.
fn whole(text: &mut String, place: usize, name: usize, class: &Class<'_>, operation: &Operation, tenant: &Tenant<'_>) {
    let _ = writeln!(text, "    o{name}[\"{}\"]:::{}", label(&words::operation_lines(operation)), class.kind.style());
    let (leaves, enters) = pools(operation);
    if let Some(pool) = leaves.and_then(|license| tenant.pool(license)) {
        let _ = writeln!(text, "    p{place}_{pool} --- o{name}");
    }
    if let Some(pool) = enters.and_then(|license| tenant.pool(license)) {
        let _ = writeln!(text, "    o{name} --> p{place}_{pool}");
    }
}
