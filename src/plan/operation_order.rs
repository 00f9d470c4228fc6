//! The order of operations in the document: one that the graph allows, stable for equal plans.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::seat_tokens::OperationGraph;

/// Returns the operations in an order that the graph allows: cancels and removals early, and the operations of one
/// change together where possible. Returns `None` if the graph has a cycle.
pub(super) fn sequence(graph: &OperationGraph) -> Option<Vec<NodeIndex>> {
    let mut missing: Vec<usize> =
        graph.node_indices().map(|node| graph.neighbors_directed(node, Direction::Incoming).count()).collect();
    // Nodes are added by person, so their index is a stable tie-break.
    let key = |node: NodeIndex| Reverse((graph[node].kind, node));
    let mut ready: BinaryHeap<_> = graph.node_indices().filter(|node| missing[node.index()] == 0).map(key).collect();
    let mut sequence = Vec::with_capacity(graph.node_count());
    let mut next = None;
    while let Some(node) = next.take().or_else(|| ready.pop().map(|Reverse((_, node))| node)) {
        sequence.push(node);
        let mut followers: Vec<_> = graph.neighbors(node).collect();
        followers.sort_unstable();
        for follower in followers {
            missing[follower.index()] -= 1;
            if missing[follower.index()] == 0 {
                if next.is_none() && graph[follower].change == graph[node].change {
                    next = Some(follower);
                } else {
                    ready.push(key(follower));
                }
            }
        }
    }
    (sequence.len() == graph.node_count()).then_some(sequence)
}
