//! People between two licenses: who is, what closes their gap, and what has to be sent for it.

use std::collections::BTreeSet;

use super::{Index, Schedule, State};
use crate::model::{Effect, OperationKind};

/// The most operations that are sent to close one gap after somebody wished to stop: a ring of some people. Where it
/// would take more, the old license is given back instead.
const CLOSING_MOST: usize = 32;

impl Schedule {
    /// The person's own `remove` that has succeeded and that this operation was to follow.
    pub(in crate::apply) fn removal_before(&self, index: Index) -> Option<Index> {
        self.own_before(index).find(|before| {
            self.operation(*before).kind == OperationKind::Remove
                && self.nodes[*before].state == State::Ended { success: true }
        })
    }

    /// The person's own `remove` that is on its way, and that this operation was to follow.
    pub(in crate::apply) fn removal_under_way(&self, index: Index) -> Option<Index> {
        let gives = self.operation(index).kind == OperationKind::Assign;
        self.own_before(index).filter(|_| gives).find(|before| {
            self.operation(*before).kind == OperationKind::Remove
                && matches!(self.nodes[*before].state, State::InFlight | State::Followed)
        })
    }

    /// The person's own operation that has succeeded, took a license for this one, and is not made good yet.
    pub(in crate::apply) fn taken_before(&self, index: Index) -> Option<Index> {
        let operation = self.operation(index);
        let gives = matches!(operation.kind, OperationKind::Assign | OperationKind::Change);
        self.own_before(index).filter(|_| gives).find(|before| {
            let before_it = self.operation(*before);
            takes_for(before_it.kind)
                && before_it.effect == operation.effect
                && before_it.effect != Effect::Loss
                && self.nodes[*before].state == State::Ended { success: true }
        })
    }

    /// What gives back memberships after this operation.
    pub(in crate::apply) fn restore_after(&self, index: Index) -> Option<Index> {
        self.own_after(index).find(|after| self.operation(*after).kind == OperationKind::Restore)
    }

    /// Whether the operation ends the time in which its person has less than before and after the plan.
    pub(in crate::apply) fn closes_gap(&self, index: Index) -> bool {
        match self.operation(index).kind {
            OperationKind::Restore => true,
            OperationKind::Assign => self.removal_before(index).is_some(),
            OperationKind::Change => self.taken_before(index).is_some(),
            OperationKind::Cancel | OperationKind::Remove | OperationKind::Release => false,
        }
    }

    fn is_unsent(&self, index: Index) -> bool {
        self.nodes[index].state == State::Unsent
    }

    /// Whether somebody waits for what comes after it.
    pub(in crate::apply) fn opens_gap(&self, index: Index) -> bool {
        self.leads_on(index) && self.own_after(index).any(|after| self.is_unsent(after))
    }

    /// What its person has next, where it waits for nothing else.
    pub(in crate::apply) fn next_of_person(&self, index: Index) -> Option<Index> {
        self.own_after(index).find(|after| self.is_unsent(*after) && self.nodes[*after].open == 1)
    }

    /// Everything that has to be sent so that nobody is left between two licenses.
    pub(in crate::apply) fn needed_to_close(&self) -> BTreeSet<Index> {
        let mut needed = BTreeSet::new();
        for index in 0..self.nodes.len() {
            let is_open = match self.nodes[index].state {
                State::InFlight | State::Followed | State::Ended { success: true } => true,
                State::Unsent | State::Ended { success: false } => false,
            };
            if is_open && self.leads_on(index) {
                for after in self.own_after(index).filter(|after| self.is_unsent(*after)) {
                    if !needed.contains(&after) {
                        needed.extend(self.needed_for(after).unwrap_or_default());
                    }
                }
            }
        }
        needed
    }

    /// The operation with all that has to be sent before it, and with what closes the gaps that this opens; nothing
    /// where that is too much, or where something before it is lost.
    fn needed_for(&self, index: Index) -> Option<BTreeSet<Index>> {
        let mut needed = BTreeSet::new();
        let mut rest = vec![index];
        while let Some(index) = rest.pop() {
            if !needed.insert(index) {
                continue;
            }
            for before in self.graph.before.of(index) {
                match self.nodes[before].state {
                    State::Unsent => rest.push(before),
                    State::Ended { success: false } => return None,
                    State::InFlight | State::Followed | State::Ended { success: true } => {}
                }
            }
            if self.leads_on(index) {
                rest.extend(self.own_after(index).filter(|after| self.is_unsent(*after)));
            }
            if needed.len() + rest.len() > CLOSING_MOST {
                return None;
            }
        }
        Some(needed)
    }

    /// Whether its person may wait for something after it.
    fn leads_on(&self, index: Index) -> bool {
        let kind = self.operation(index).kind;
        takes_for(kind) || kind == OperationKind::Assign
    }

    fn own_before(&self, index: Index) -> impl Iterator<Item = Index> + '_ {
        let account = self.nodes[index].account;
        self.graph.before.of(index).rev().filter(move |before| self.nodes[*before].account == account)
    }

    /// What gives the person something after it.
    fn own_after(&self, index: Index) -> impl Iterator<Item = Index> + '_ {
        let account = self.nodes[index].account;
        self.graph.after.of(index).filter(move |after| {
            let gives = match self.operation(*after).kind {
                OperationKind::Assign | OperationKind::Change | OperationKind::Restore => true,
                OperationKind::Cancel | OperationKind::Remove | OperationKind::Release => false,
            };
            gives && self.nodes[*after].account == account
        })
    }
}

fn takes_for(kind: OperationKind) -> bool {
    matches!(kind, OperationKind::Remove | OperationKind::Change)
}
