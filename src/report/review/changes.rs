//! The operations of a plan, grouped into changes per person.
//!
//! Operations of one person with the same effect that depend on each other are one change: cancel, remove, assign and restore of a move, or the
//! two steps of a parked one.

use std::collections::BTreeMap;

use super::ReviewTopic;
use crate::model::{Effect, Operation, OperationId, OperationKind, Plan};

/// One change of one person.
#[derive(Debug)]
pub(crate) struct PersonChange<'p> {
    /// The operations, in the order of the plan; at least one.
    pub(crate) operations: Vec<&'p Operation>,
}

impl<'p> PersonChange<'p> {
    /// Returns the changes of a plan, in the order of their first operations.
    pub(crate) fn all(plan: &'p Plan) -> Vec<Self> {
        let mut changes: Vec<Self> = Vec::new();
        // The change of each operation, and the open change of each parked person.
        let mut change_of: BTreeMap<&OperationId, usize> = BTreeMap::new();
        let mut parked: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for operation in &plan.operations {
            let waits_for = operation.after.iter().filter_map(|id| change_of.get(id).copied());
            let open = parked.get(&(operation.tenant.as_str(), operation.person.as_str())).copied();
            let index = waits_for.chain(open).find(|index| changes[*index].accepts(operation)).unwrap_or_else(|| {
                changes.push(Self { operations: Vec::new() });
                changes.len() - 1
            });
            changes[index].operations.push(operation);
            change_of.insert(&operation.id, index);
            if operation.parked {
                parked.insert((&operation.tenant, &operation.person), index);
            }
        }
        changes
    }

    /// Returns whether a dependent operation belongs to this change. A change has at most one removal and one assignment, so that reports show
    /// every license.
    fn accepts(&self, operation: &Operation) -> bool {
        // A second step, such as from the floor to another license.
        let continues = operation.kind == OperationKind::Change && self.to() == Some(&operation.license);
        if !continues
            && ((self.has_removal() && is_removal(operation)) || (self.has_assignment() && is_assignment(operation)))
        {
            return false;
        }
        self.first().is_some_and(|first| {
            first.kind != OperationKind::Release
                && operation.kind != OperationKind::Release
                && (&first.tenant, &first.person, first.effect)
                    == (&operation.tenant, &operation.person, operation.effect)
        })
    }

    /// Returns the first operation.
    pub(crate) fn first(&self) -> Option<&'p Operation> {
        self.operations.first().copied()
    }

    /// Returns the section that lists the change.
    pub(crate) fn topic(&self) -> ReviewTopic {
        if self.operations.iter().any(|operation| !operation.loses.is_empty()) {
            return ReviewTopic::DataLoss;
        }
        if self.is_parked() {
            return ReviewTopic::Parked;
        }
        if self.first().is_some_and(|operation| operation.kind == OperationKind::Release) {
            return ReviewTopic::Releases;
        }
        match self.effect() {
            Effect::Loss => ReviewTopic::Losses,
            Effect::Move => ReviewTopic::Moves,
            Effect::Gain => ReviewTopic::Gains,
            Effect::Cancel => ReviewTopic::Cancellations,
        }
    }

    /// Returns the effect on the person. The operations overrule the effect in the plan, because a plan file may come from anyone and must not
    /// present a removal as a gain.
    pub(crate) fn effect(&self) -> Effect {
        let planned = self.first().map_or(Effect::Loss, |operation| operation.effect);
        match (self.has_removal(), self.has_assignment(), planned) {
            (true, false, _) | (true, true, Effect::Cancel) => Effect::Loss,
            (false, true, Effect::Loss | Effect::Cancel) => Effect::Gain,
            (false, false, Effect::Loss | Effect::Gain) => Effect::Cancel,
            _ => planned,
        }
    }

    fn has_removal(&self) -> bool {
        self.operations.iter().any(|operation| is_removal(operation))
    }

    fn has_assignment(&self) -> bool {
        self.operations.iter().any(|operation| is_assignment(operation))
    }

    /// Returns whether the person is without a seat until the swap completes.
    pub(crate) fn is_parked(&self) -> bool {
        self.operations.iter().any(|operation| operation.parked)
    }

    /// Returns the license that the change removes.
    pub(crate) fn from(&self) -> Option<&'p str> {
        self.operations.iter().find_map(|operation| match operation.kind {
            OperationKind::Remove | OperationKind::Change => Some(operation.license.as_str()),
            OperationKind::Cancel | OperationKind::Assign | OperationKind::Restore | OperationKind::Release => None,
        })
    }

    /// Returns the license that the change assigns.
    pub(crate) fn to(&self) -> Option<&'p str> {
        self.operations.iter().rev().find_map(|operation| match operation.kind {
            OperationKind::Assign => Some(operation.license.as_str()),
            OperationKind::Change => operation.to.as_deref(),
            OperationKind::Cancel | OperationKind::Remove | OperationKind::Restore | OperationKind::Release => None,
        })
    }

    /// Returns the destroyed data, without duplicates.
    pub(crate) fn loses(&self) -> Vec<&'p str> {
        self.collect_unique(|operation| &operation.loses)
    }

    /// Returns the kept data, without duplicates.
    pub(crate) fn keeps(&self) -> Vec<&'p str> {
        self.collect_unique(|operation| &operation.keeps)
    }

    /// Returns the manual tasks, without duplicates.
    pub(crate) fn follow_ups(&self) -> Vec<&'p str> {
        self.collect_unique(|operation| &operation.follow_ups)
    }

    fn collect_unique(&self, part: impl Fn(&'p Operation) -> &'p Vec<String>) -> Vec<&'p str> {
        let mut unique: Vec<&'p str> = Vec::new();
        for text in self.operations.iter().copied().flat_map(part) {
            if !unique.contains(&text.as_str()) {
                unique.push(text);
            }
        }
        unique
    }
}

fn is_removal(operation: &Operation) -> bool {
    matches!(operation.kind, OperationKind::Remove | OperationKind::Change)
}

fn is_assignment(operation: &Operation) -> bool {
    matches!(operation.kind, OperationKind::Assign | OperationKind::Change)
}
