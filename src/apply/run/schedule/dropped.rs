//! Dropping operations that can no longer be sent.

use std::collections::BTreeSet;

use super::{OperationIndex, OperationState, Schedule};

/// An operation that can no longer be sent, with the operation that caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DroppedOperation {
    pub(crate) index: OperationIndex,
    pub(crate) cause: OperationIndex,
}

impl Schedule {
    /// Drops the unsent operations of a tenant.
    pub(crate) fn drop_tenant(&mut self, tenant: &str) -> Vec<OperationIndex> {
        self.drop_unsent(|schedule, index| schedule.operation(index).tenant == tenant)
    }

    /// Drops all unsent operations except `keep`.
    pub(crate) fn drop_all_except(&mut self, keep: &BTreeSet<OperationIndex>) -> Vec<OperationIndex> {
        self.drop_unsent(|_, index| !keep.contains(&index))
    }

    /// Drops an unsent operation with the person's unsent operations before it. Returns them, and their dependents.
    pub(crate) fn drop_change(&mut self, index: OperationIndex) -> (Vec<OperationIndex>, Vec<DroppedOperation>) {
        let mut own = Vec::new();
        let mut rest = vec![index];
        while let Some(index) = rest.pop() {
            if self.nodes[index].state != OperationState::Unsent {
                continue;
            }
            self.mark_dropped(index);
            own.push(index);
            let account = self.nodes[index].account;
            rest.extend(self.graph.predecessors.of(index).filter(|before| self.nodes[*before].account == account));
        }
        own.sort_unstable();
        let mut dropped = Vec::new();
        for index in &own {
            dropped.extend(self.drop_dependents(*index));
        }
        dropped.sort_by_key(|dropped| dropped.index);
        (own, dropped)
    }

    /// Drops the dependents of an operation that did not succeed.
    pub(super) fn drop_dependents(&mut self, index: OperationIndex) -> Vec<DroppedOperation> {
        let mut dropped = Vec::new();
        let mut causes = vec![index];
        while let Some(because) = causes.pop() {
            let dependents: Vec<OperationIndex> = self.graph.successors.of(because).collect();
            for dependent in dependents {
                if self.nodes[dependent].state == OperationState::Unsent {
                    self.mark_dropped(dependent);
                    dropped.push(DroppedOperation { index: dependent, cause: because });
                    causes.push(dependent);
                }
            }
        }
        dropped.sort_by_key(|dropped| dropped.index);
        dropped
    }

    fn drop_unsent(&mut self, selects: impl Fn(&Self, OperationIndex) -> bool) -> Vec<OperationIndex> {
        let unsent: Vec<OperationIndex> = (0..self.nodes.len())
            .filter(|index| self.nodes[*index].state == OperationState::Unsent && selects(self, *index))
            .collect();
        for index in &unsent {
            self.mark_dropped(*index);
        }
        unsent
    }

    fn mark_dropped(&mut self, index: OperationIndex) {
        self.dequeue(index);
        self.nodes[index].state = OperationState::Ended { success: false };
    }
}
