//! Gaps: people between two licenses, and what closes their gap.

use std::collections::BTreeSet;

use super::{OperationIndex, OperationState, Schedule};
use crate::model::{Effect, OperationKind};

/// The most operations that are sent to close one gap after a stop; if it takes more, the person is rolled back instead.
const MAX_CLOSING: usize = 32;

impl Schedule {
    /// Returns the person's `remove` before this operation, if it succeeded.
    pub(crate) fn removal_before(&self, index: OperationIndex) -> Option<OperationIndex> {
        self.own_predecessors(index).find(|before| {
            self.operation(*before).kind == OperationKind::Remove
                && self.nodes[*before].state == OperationState::Ended { success: true }
        })
    }

    /// Returns the person's `remove` before this operation, if it is in flight.
    pub(crate) fn removal_in_flight(&self, index: OperationIndex) -> Option<OperationIndex> {
        let gives = self.operation(index).kind == OperationKind::Assign;
        self.own_predecessors(index).filter(|_| gives).find(|before| {
            self.operation(*before).kind == OperationKind::Remove
                && matches!(self.nodes[*before].state, OperationState::InFlight | OperationState::AwaitingEffect)
        })
    }

    /// Returns the person's operation that released a license for this one and succeeded.
    pub(crate) fn released_before(&self, index: OperationIndex) -> Option<OperationIndex> {
        let operation = self.operation(index);
        let gives = matches!(operation.kind, OperationKind::Assign | OperationKind::Change);
        self.own_predecessors(index).filter(|_| gives).find(|before| {
            let before_it = self.operation(*before);
            releases_license(before_it.kind)
                && before_it.effect == operation.effect
                && before_it.effect != Effect::Loss
                && self.nodes[*before].state == OperationState::Ended { success: true }
        })
    }

    /// Returns the operation that restores memberships after this one.
    pub(crate) fn restore_after(&self, index: OperationIndex) -> Option<OperationIndex> {
        self.own_gaining_successors(index).find(|after| self.operation(*after).kind == OperationKind::Restore)
    }

    /// Whether the operation ends a time in which its person has less than before and after the plan.
    pub(crate) fn closes_gap(&self, index: OperationIndex) -> bool {
        match self.operation(index).kind {
            OperationKind::Restore => true,
            OperationKind::Assign => self.removal_before(index).is_some(),
            OperationKind::Change => self.released_before(index).is_some(),
            OperationKind::Cancel | OperationKind::Remove | OperationKind::Release => false,
        }
    }

    pub(crate) fn is_unsent(&self, index: OperationIndex) -> bool {
        self.nodes[index].state == OperationState::Unsent
    }

    /// Whether its person depends on an unsent operation after it.
    pub(crate) fn opens_gap(&self, index: OperationIndex) -> bool {
        self.can_open_gap(index) && self.own_gaining_successors(index).any(|after| self.is_unsent(after))
    }

    /// Returns the person's next operation, if it depends on nothing else.
    pub(crate) fn next_of_person(&self, index: OperationIndex) -> Option<OperationIndex> {
        self.own_gaining_successors(index)
            .find(|after| self.is_unsent(*after) && self.nodes[*after].open_predecessors == 1)
    }

    /// Returns the operations that must be sent so that nobody is left between two licenses. `was_sent` tells which
    /// operations in flight were sent; the others still wait for a permit.
    pub(crate) fn needed_to_close(&self, was_sent: &dyn Fn(OperationIndex) -> bool) -> BTreeSet<OperationIndex> {
        let is_waiting = |index: OperationIndex| match self.nodes[index].state {
            OperationState::Unsent => true,
            OperationState::InFlight => !was_sent(index),
            OperationState::AwaitingEffect | OperationState::Ended { .. } => false,
        };
        let mut needed = BTreeSet::new();
        for index in 0..self.nodes.len() {
            let is_open = !is_waiting(index) && self.nodes[index].state != OperationState::Ended { success: false };
            if is_open && self.can_open_gap(index) {
                for after in self.own_gaining_successors(index).filter(|after| is_waiting(*after)) {
                    if !needed.contains(&after) {
                        needed.extend(self.needed_for(after, &is_waiting).unwrap_or_default());
                    }
                }
            }
        }
        needed
    }

    /// Returns the operation with everything that must be sent before it, and with what closes the gaps that this opens;
    /// `None` if that is too much, or if an operation before it failed.
    fn needed_for(
        &self,
        index: OperationIndex,
        is_waiting: &dyn Fn(OperationIndex) -> bool,
    ) -> Option<BTreeSet<OperationIndex>> {
        let mut needed = BTreeSet::new();
        let mut rest = vec![index];
        while let Some(index) = rest.pop() {
            if !needed.insert(index) {
                continue;
            }
            for before in self.graph.predecessors.of(index) {
                if is_waiting(before) {
                    rest.push(before);
                } else if self.nodes[before].state == (OperationState::Ended { success: false }) {
                    return None;
                }
            }
            if self.can_open_gap(index) {
                rest.extend(self.own_gaining_successors(index).filter(|after| is_waiting(*after)));
            }
            if needed.len() + rest.len() > MAX_CLOSING {
                return None;
            }
        }
        Some(needed)
    }

    /// Whether a gap may follow the operation.
    fn can_open_gap(&self, index: OperationIndex) -> bool {
        let kind = self.operation(index).kind;
        releases_license(kind) || kind == OperationKind::Assign
    }

    fn own_predecessors(&self, index: OperationIndex) -> impl Iterator<Item = OperationIndex> + '_ {
        let account = self.nodes[index].account;
        self.graph.predecessors.of(index).rev().filter(move |before| self.nodes[*before].account == account)
    }

    /// Returns the person's later operations that add something.
    fn own_gaining_successors(&self, index: OperationIndex) -> impl Iterator<Item = OperationIndex> + '_ {
        let account = self.nodes[index].account;
        self.graph.successors.of(index).filter(move |after| {
            let gives = match self.operation(*after).kind {
                OperationKind::Assign | OperationKind::Change | OperationKind::Restore => true,
                OperationKind::Cancel | OperationKind::Remove | OperationKind::Release => false,
            };
            gives && self.nodes[*after].account == account
        })
    }
}

fn releases_license(kind: OperationKind) -> bool {
    matches!(kind, OperationKind::Remove | OperationKind::Change)
}
