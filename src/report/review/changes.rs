//! The operations of a plan put together to what happens to each person.
//!
//! A plan lists operations; a reviewer asks about people. Operations of one person with one effect that wait for
//! each other are one change: cancel, remove, assign and restore of a move, or the two steps of a parked one.

use std::collections::BTreeMap;

use crate::model::{Effect, Operation, OperationId, OperationKind, Plan};

/// One change of one person.
#[derive(Debug)]
pub(crate) struct PersonChange<'p> {
    /// Its operations, in the order of the plan; at least one.
    pub(crate) operations: Vec<&'p Operation>,
}

/// What happens to people, the most destructive first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ChangeGroup {
    /// Data is destroyed.
    DataLoss,
    /// A seat is given up.
    Loss,
    /// A seat is given up before the new one is certain.
    Parked,
    /// One seat for another.
    Move,
    /// A seat more.
    Gain,
    /// A pending request is taken back.
    Cancel,
    /// A freed seat is given back to the vendor.
    Release,
}

impl ChangeGroup {
    /// All groups in the order in which they are shown.
    pub(crate) const ALL: [Self; 7] =
        [Self::DataLoss, Self::Loss, Self::Parked, Self::Move, Self::Gain, Self::Cancel, Self::Release];
}

impl<'p> PersonChange<'p> {
    /// The changes of a plan, in the order of their first operations.
    pub(crate) fn all(plan: &'p Plan) -> Vec<Self> {
        let mut changes: Vec<Self> = Vec::new();
        // For each operation the change it belongs to, and for each parked person the change that is still open.
        let mut homes: BTreeMap<&OperationId, usize> = BTreeMap::new();
        let mut parked: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for operation in &plan.operations {
            let waits_for = operation.after.iter().filter_map(|id| homes.get(id).copied());
            let open = parked.get(&(operation.tenant.as_str(), operation.person.as_str())).copied();
            let home = waits_for.chain(open).find(|home| changes[*home].accepts(operation)).unwrap_or_else(|| {
                changes.push(Self { operations: Vec::new() });
                changes.len() - 1
            });
            changes[home].operations.push(operation);
            homes.insert(&operation.id, home);
            if operation.parked {
                parked.insert((&operation.tenant, &operation.person), home);
            }
        }
        changes
    }

    /// Whether an operation that waits for this change, or ends its parking, is a part of it. Of a change at most one
    /// operation takes and at most one gives, so that no license is left out where it is shown.
    fn accepts(&self, operation: &Operation) -> bool {
        // One step after the other, such as to the floor and on from there.
        let goes_on = operation.kind == OperationKind::Change && self.to() == Some(&operation.license);
        if !goes_on && ((self.has_removal() && takes(operation)) || (self.has_assignment() && gives(operation))) {
            return false;
        }
        self.first().is_some_and(|first| {
            first.kind != OperationKind::Release
                && operation.kind != OperationKind::Release
                && (&first.tenant, &first.person, first.effect)
                    == (&operation.tenant, &operation.person, operation.effect)
        })
    }

    /// The first operation.
    pub(crate) fn first(&self) -> Option<&'p Operation> {
        self.operations.first().copied()
    }

    /// Where the change is shown.
    pub(crate) fn group(&self) -> ChangeGroup {
        if self.operations.iter().any(|operation| !operation.loses.is_empty()) {
            return ChangeGroup::DataLoss;
        }
        if self.is_parked() {
            return ChangeGroup::Parked;
        }
        if self.first().is_some_and(|operation| operation.kind == OperationKind::Release) {
            return ChangeGroup::Release;
        }
        match self.effect() {
            Effect::Loss => ChangeGroup::Loss,
            Effect::Move => ChangeGroup::Move,
            Effect::Gain => ChangeGroup::Gain,
            Effect::Cancel => ChangeGroup::Cancel,
        }
    }

    /// What it means for the person: what the plan says, unless its operations do something else. A plan file may have
    /// been written by anybody, and must not call a removal a gain.
    pub(crate) fn effect(&self) -> Effect {
        let said = self.first().map_or(Effect::Loss, |operation| operation.effect);
        match (self.has_removal(), self.has_assignment(), said) {
            (true, false, _) | (true, true, Effect::Cancel) => Effect::Loss,
            (false, true, Effect::Loss | Effect::Cancel) => Effect::Gain,
            (false, false, Effect::Loss | Effect::Gain) => Effect::Cancel,
            _ => said,
        }
    }

    /// Whether an operation of it takes a license.
    fn has_removal(&self) -> bool {
        self.operations.iter().any(|operation| takes(operation))
    }

    /// Whether an operation of it gives one.
    fn has_assignment(&self) -> bool {
        self.operations.iter().any(|operation| gives(operation))
    }

    /// Whether the person gives up the old seat before the new one is certain.
    pub(crate) fn is_parked(&self) -> bool {
        self.operations.iter().any(|operation| operation.parked)
    }

    /// The license that is given up, if one is.
    pub(crate) fn from(&self) -> Option<&'p str> {
        self.operations.iter().find_map(|operation| match operation.kind {
            OperationKind::Remove | OperationKind::Change => Some(operation.license.as_str()),
            OperationKind::Cancel | OperationKind::Assign | OperationKind::Restore | OperationKind::Release => None,
        })
    }

    /// The license that is there in the end, if one is.
    pub(crate) fn to(&self) -> Option<&'p str> {
        self.operations.iter().rev().find_map(|operation| match operation.kind {
            OperationKind::Assign => Some(operation.license.as_str()),
            OperationKind::Change => operation.to.as_deref(),
            OperationKind::Cancel | OperationKind::Remove | OperationKind::Restore | OperationKind::Release => None,
        })
    }

    /// What it destroys, each once.
    pub(crate) fn loses(&self) -> Vec<&'p str> {
        self.collect_unique(|operation| &operation.loses)
    }

    /// What stays although one might fear for it, each once.
    pub(crate) fn keeps(&self) -> Vec<&'p str> {
        self.collect_unique(|operation| &operation.keeps)
    }

    /// What people should do afterwards, each once.
    pub(crate) fn follow_ups(&self) -> Vec<&'p str> {
        self.collect_unique(|operation| &operation.follow_ups)
    }

    fn collect_unique(&self, part: impl Fn(&'p Operation) -> &'p Vec<String>) -> Vec<&'p str> {
        let mut gathered: Vec<&'p str> = Vec::new();
        for text in self.operations.iter().copied().flat_map(part) {
            if !gathered.contains(&text.as_str()) {
                gathered.push(text);
            }
        }
        gathered
    }
}

fn takes(operation: &Operation) -> bool {
    matches!(operation.kind, OperationKind::Remove | OperationKind::Change)
}

fn gives(operation: &Operation) -> bool {
    matches!(operation.kind, OperationKind::Assign | OperationKind::Change)
}
