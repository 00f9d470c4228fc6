//! Operations one by one, for graphs that are drawn whole: which pools they leave and enter, and what waits for what.

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
    /// A number of its own for each operation, also where a plan from elsewhere gives two the same name.
    pub(super) fn add(&mut self, id: &'p OperationId) -> usize {
        let number = self.next;
        self.next += 1;
        self.known.insert(id, number);
        number
    }
}

/// The pools that an operation leaves and enters.
pub(super) fn pools_of(operation: &Operation) -> (Option<&str>, Option<&str>) {
    let license = Some(operation.license.as_str());
    match operation.kind {
        OperationKind::Cancel | OperationKind::Remove | OperationKind::Release => (license, None),
        OperationKind::Assign => (None, license),
        OperationKind::Change => (license, operation.to.as_deref()),
        OperationKind::Restore => (None, None),
    }
}

/// What has to be done before what.
pub(super) struct OrderEdge {
    pub(super) earlier: usize,
    pub(super) later: usize,
    /// Whether both are the same person's; else the earlier one hands its seat on.
    pub(super) is_same_person: bool,
}

/// Every arrow of the plan between two operations of the drawing.
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
