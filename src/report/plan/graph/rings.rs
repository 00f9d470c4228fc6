//! Rings: pools that exchange people in a circle.

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::{ClassKind, PoolRing, TenantGraph};

/// Finds the rings of a tenant, and marks their pools and classes.
pub(super) fn find_rings(tenant: &mut TenantGraph<'_>) {
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<_> = (0..tenant.pools.len()).map(|pool| graph.add_node(pool)).collect();
    let moves = |kind: ClassKind| matches!(kind, ClassKind::Move | ClassKind::Parked);
    for (from, to) in tenant.classes.iter().filter(|class| moves(class.kind)).filter_map(|class| class.endpoints()) {
        graph.add_edge(nodes[from], nodes[to], ());
    }
    let mut rings: Vec<Vec<usize>> = tarjan_scc(&graph)
        .into_iter()
        .filter(|component| component.len() > 1)
        .map(|component| {
            let mut pools: Vec<usize> = component.into_iter().map(|node| graph[node]).collect();
            pools.sort_unstable();
            pools
        })
        .collect();
    rings.sort_unstable();
    for (number, pools) in rings.into_iter().enumerate() {
        for pool in &pools {
            tenant.pools[*pool].ring = Some(number);
        }
        let mut parked = Vec::new();
        for class in tenant.classes.iter_mut().filter(|class| moves(class.kind)) {
            if class.endpoints().is_some_and(|(from, to)| pools.contains(&from) && pools.contains(&to)) {
                class.ring = Some(number);
                if class.kind == ClassKind::Parked {
                    parked.extend(class.people());
                }
            }
        }
        tenant.rings.push(PoolRing { pools, parked });
    }
}
