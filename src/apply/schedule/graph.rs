//! The plan's graph in flat lists: who waits for whom.

use std::collections::BTreeMap;

use super::Index;
use crate::model::{Operation, OperationId};

/// Edges from each operation to others, in one list.
#[derive(Debug)]
pub(super) struct Edges {
    /// Where the edges of an operation begin; one more than there are operations.
    begin: Vec<u32>,
    to: Vec<u32>,
}

impl Edges {
    pub(super) fn of(&self, index: Index) -> impl DoubleEndedIterator<Item = Index> + '_ {
        self.to[self.begin[index] as usize..self.begin[index + 1] as usize].iter().map(|to| *to as Index)
    }
}

/// The graph of a plan.
#[derive(Debug)]
pub(super) struct Graph {
    /// What an operation waits for.
    pub(super) before: Edges,
    /// What waits for it.
    pub(super) after: Edges,
}

impl Graph {
    pub(super) fn new(operations: &[Operation]) -> Self {
        let places: BTreeMap<&OperationId, u32> =
            (0..).zip(operations).map(|(at, operation)| (&operation.id, at)).collect();
        let mut before = Edges { begin: vec![0], to: Vec::new() };
        let mut counts = vec![0_u32; operations.len() + 1];
        for operation in operations {
            for place in operation.after.iter().filter_map(|id| places.get(id)) {
                before.to.push(*place);
                counts[*place as usize + 1] += 1;
            }
            before.begin.push(before.to.len() as u32);
        }
        for at in 1..counts.len() {
            counts[at] += counts[at - 1];
        }
        let mut after = Edges { begin: counts.clone(), to: vec![0; before.to.len()] };
        for index in 0..operations.len() {
            for place in before.of(index) {
                after.to[counts[place] as usize] = index as u32;
                counts[place] += 1;
            }
        }
        Self { before, after }
    }
}
