//! What is not going to be sent any more.

use std::collections::BTreeSet;

use super::{Index, Schedule, State};

/// An operation that cannot be sent any more, and the one because of which it cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::apply) struct Dropped {
    pub(in crate::apply) index: Index,
    pub(in crate::apply) because: Index,
}

impl Schedule {
    /// Drops everything of the tenant that was not handed out.
    pub(in crate::apply) fn drop_tenant(&mut self, tenant: &str) -> Vec<Index> {
        self.drop_unsent(|schedule, index| schedule.operation(index).tenant == tenant)
    }

    /// Drops everything that was not handed out, save these.
    pub(in crate::apply) fn drop_rest(&mut self, keep: &BTreeSet<Index>) -> Vec<Index> {
        self.drop_unsent(|_, index| !keep.contains(&index))
    }

    /// Drops an operation that was not handed out, with what its person was to do before it; returns also what cannot be
    /// sent because of them.
    pub(in crate::apply) fn drop_change(&mut self, index: Index) -> (Vec<Index>, Vec<Dropped>) {
        let mut own = Vec::new();
        let mut rest = vec![index];
        while let Some(index) = rest.pop() {
            if self.nodes[index].state != State::Unsent {
                continue;
            }
            self.drop(index);
            own.push(index);
            let account = self.nodes[index].account;
            rest.extend(self.graph.before.of(index).filter(|before| self.nodes[*before].account == account));
        }
        own.sort_unstable();
        let mut dropped = Vec::new();
        for index in &own {
            dropped.extend(self.drop_dependents(*index));
        }
        dropped.sort_by_key(|dropped| dropped.index);
        (own, dropped)
    }

    /// Drops what waits for an operation that did not succeed.
    pub(super) fn drop_dependents(&mut self, index: Index) -> Vec<Dropped> {
        let mut dropped = Vec::new();
        let mut causes = vec![index];
        while let Some(because) = causes.pop() {
            let dependents: Vec<Index> = self.graph.after.of(because).collect();
            for dependent in dependents {
                if self.nodes[dependent].state == State::Unsent {
                    self.drop(dependent);
                    dropped.push(Dropped { index: dependent, because });
                    causes.push(dependent);
                }
            }
        }
        dropped.sort_by_key(|dropped| dropped.index);
        dropped
    }

    fn drop_unsent(&mut self, concerns: impl Fn(&Self, Index) -> bool) -> Vec<Index> {
        let unsent: Vec<Index> = (0..self.nodes.len())
            .filter(|index| self.nodes[*index].state == State::Unsent && concerns(self, *index))
            .collect();
        for index in &unsent {
            self.drop(*index);
        }
        unsent
    }

    fn drop(&mut self, index: Index) {
        self.withdraw(index);
        self.nodes[index].state = State::Ended { success: false };
    }
}
