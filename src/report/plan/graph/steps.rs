//! Operations and their dependencies, for unfolded graphs.

use std::collections::BTreeMap;

use super::PlanGraph;
use crate::model::{Operation, OperationId, OperationKind};

/// The number of each operation in the drawing.
#[derive(Default)]
pub(super) struct OperationNumbers<'p> {
    known: BTreeMap<&'p OperationId, usize>,
    next: usize,
}

impl<'p> OperationNumbers<'p> {
    /// Returns a new number, even if two operations of an invalid plan have the same id.
    pub(super) fn add(&mut self, id: &'p OperationId) -> usize {
        let number = self.next;
        self.next += 1;
        self.known.insert(id, number);
        number
    }
}

/// Returns the pools that an operation leaves and enters.
pub(super) fn pools_of(operation: &Operation) -> (Option<&str>, Option<&str>) {
    let license = Some(operation.license.as_str());
    match operation.kind {
        OperationKind::Cancel | OperationKind::Remove | OperationKind::Release => (license, None),
        OperationKind::Assign => (None, license),
        OperationKind::Change => (license, operation.to.as_deref()),
        OperationKind::Restore => (None, None),
    }
}

/// A dependency between two operations.
pub(super) struct OrderEdge {
    pub(super) earlier: usize,
    pub(super) later: usize,
    /// Whether both belong to the same person; otherwise the earlier one frees the seat.
    pub(super) is_same_person: bool,
}

/// Returns the dependencies between operations of the drawing.
pub(super) fn order_edges(graph: &PlanGraph<'_>, numbers: &OperationNumbers<'_>) -> Vec<OrderEdge> {
    let people: BTreeMap<&OperationId, &str> =
        graph.plan.operations.iter().map(|operation| (&operation.id, operation.person.as_str())).collect();
    let mut orders = Vec::new();
    for operation in &graph.plan.operations {
        let Some(later) = numbers.known.get(&operation.id).copied() else { continue };
        for id in &operation.after {
            let Some(earlier) = numbers.known.get(id).copied() else { continue };
            orders.push(OrderEdge {
                earlier,
                later,
                is_same_person: people.get(id) == Some(&operation.person.as_str()),
            });
        }
    }
    orders
}
