//! The dependency graph of a plan, in flat lists.

use std::collections::BTreeMap;

use super::OperationIndex;
use crate::model::{Operation, OperationId};

/// Edges from each operation to others, in one list.
#[derive(Debug)]
pub(super) struct Edges {
    /// The start of each operation's edges, and the end of the last.
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Edges {
    pub(super) fn of(&self, index: OperationIndex) -> impl DoubleEndedIterator<Item = OperationIndex> + '_ {
        self.targets[self.starts[index] as usize..self.starts[index + 1] as usize]
            .iter()
            .map(|to| *to as OperationIndex)
    }
}

/// The dependencies of a plan's operations.
#[derive(Debug)]
pub(super) struct DependencyGraph {
    /// What each operation depends on.
    pub(super) predecessors: Edges,
    /// What depends on each operation.
    pub(super) successors: Edges,
}

impl DependencyGraph {
    pub(super) fn new(operations: &[Operation]) -> Self {
        let indices: BTreeMap<&OperationId, u32> =
            (0..).zip(operations).map(|(at, operation)| (&operation.id, at)).collect();
        let mut before = Edges { starts: vec![0], targets: Vec::new() };
        let mut counts = vec![0_u32; operations.len() + 1];
        for operation in operations {
            for place in operation.after.iter().filter_map(|id| indices.get(id)) {
                before.targets.push(*place);
                counts[*place as usize + 1] += 1;
            }
            before.starts.push(before.targets.len() as u32);
        }
        for at in 1..counts.len() {
            counts[at] += counts[at - 1];
        }
        let mut after = Edges { starts: counts.clone(), targets: vec![0; before.targets.len()] };
        for index in 0..operations.len() {
            for place in before.of(index) {
                after.targets[counts[place] as usize] = index as u32;
                counts[place] += 1;
            }
        }
        Self { predecessors: before, successors: after }
    }
}
