//! The changes of a plan with their operations.

use std::collections::BTreeMap;

use super::ReviewTopic;
use crate::model::{Change, ChangeId, Effect, Operation, OperationKind, Plan};

/// One change, or the release of its seat, which reports list separately.
#[derive(Debug)]
pub(crate) struct PersonChange<'p> {
    /// The change in the plan.
    pub(crate) change: &'p Change,
    /// The operations, in the order of the plan; at least one.
    pub(crate) operations: Vec<&'p Operation>,
}

impl<'p> PersonChange<'p> {
    /// Returns the changes of a plan.
    pub(crate) fn all(plan: &'p Plan) -> Vec<Self> {
        let mut by_change: BTreeMap<(&ChangeId, bool), Vec<&'p Operation>> = BTreeMap::new();
        for operation in &plan.operations {
            let is_release = operation.kind == OperationKind::Release;
            by_change.entry((&operation.change, is_release)).or_default().push(operation);
        }
        let parts = |change: &'p Change| {
            [false, true]
                .map(|is_release| Some(Self { change, operations: by_change.remove(&(&change.id, is_release))? }))
        };
        plan.changes.iter().flat_map(parts).flatten().collect()
    }

    /// Returns the section that lists the change.
    pub(crate) fn topic(&self) -> ReviewTopic {
        if self.operations.iter().any(|operation| !operation.loses.is_empty()) {
            ReviewTopic::DataLoss
        } else if self.is_parked() {
            ReviewTopic::Parked
        } else if self.is_release() {
            ReviewTopic::Releases
        } else {
            match self.change.effect {
                Effect::Loss => ReviewTopic::Losses,
                Effect::Move => ReviewTopic::Moves,
                Effect::Gain => ReviewTopic::Gains,
                Effect::Cancel => ReviewTopic::Cancellations,
            }
        }
    }

    /// Returns whether this is the release of a seat.
    pub(crate) fn is_release(&self) -> bool {
        self.operations.iter().all(|operation| operation.kind == OperationKind::Release)
    }

    /// Returns whether the person is without a seat until the swap completes.
    pub(crate) fn is_parked(&self) -> bool {
        self.operations.iter().any(|operation| operation.parked)
    }

    /// Returns the license that the person gives up; none for a release.
    pub(crate) fn from(&self) -> Option<&'p str> {
        self.change.from.as_deref().filter(|_| !self.is_release())
    }

    /// Returns the license that the person has afterwards.
    pub(crate) fn to(&self) -> Option<&'p str> {
        self.change.to.as_deref()
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
