//! One person's change as a reviewer sees it: licenses, destroyed data and request.

use std::collections::BTreeMap;

use super::changes::PersonChange;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::policy;
use crate::model::{Effect, Operation, OperationId, OperationKind, Plan, RequestSource};
use crate::policy::is_unacknowledged;

/// One change of one person at one tenant.
#[derive(Debug)]
pub struct ReviewedChange<'p> {
    /// The person's key.
    pub person: &'p str,
    /// The tenant.
    pub tenant: &'p str,
    /// The license that the change removes.
    pub from: Option<&'p str>,
    /// The license that the change assigns.
    pub to: Option<&'p str>,
    /// The license of the first operation, for changes that neither remove nor assign.
    pub license: &'p str,
    /// The effect on the person.
    pub effect: Effect,
    /// Whether the person is without a seat until the swap completes.
    pub is_parked: bool,
    /// The destroyed data, without duplicates.
    pub loses: Vec<&'p str>,
    /// The kept data, without duplicates.
    pub keeps: Vec<&'p str>,
    /// Whether the data loss is acknowledged; true if nothing is destroyed.
    pub is_acknowledged: bool,
    /// The operations, in the order of the plan; at least one.
    pub operations: Vec<&'p Operation>,
    /// The people whose operations must be done before, in the order of the plan.
    pub waits_for: Vec<&'p str>,
    /// The request in the manifest.
    pub request: Option<&'p RequestSource>,
    /// The reason of the first operation, in one line.
    pub why: &'p str,
}

impl<'p> ReviewedChange<'p> {
    /// Returns the licenses without the tenant: `X2 → X4`.
    pub fn licenses(&self) -> String {
        match (self.from, self.to) {
            // A trial becomes the full license.
            (Some(from), Some(to)) if from == to => format!("{from} (trial) → {to}"),
            (Some(from), Some(to)) => format!("{from} → {to}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => self.license.to_owned(),
        }
    }

    /// Returns the key by which changes that destroy data are grouped and sorted.
    pub(super) fn loss_key(&self) -> (bool, &[&'p str], &[&'p str]) {
        (self.is_acknowledged, &self.loses, &self.keeps)
    }

    /// Returns whether the person loses the license because no entry names them.
    pub fn is_unnamed(&self) -> bool {
        self.effect == Effect::Loss && self.request.is_none_or(|request| request.reason.is_none())
    }
}

/// Everything needed to build the reviewed changes of a plan.
pub(super) struct ChangeIndex<'p> {
    people: BTreeMap<&'p OperationId, &'p str>,
    /// Findings about unacknowledged data loss, by person.
    unacknowledged: BTreeMap<&'p str, Vec<&'p Finding>>,
}

impl<'p> ChangeIndex<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let people = plan.operations.iter().map(|operation| (&operation.id, operation.person.as_str())).collect();
        Self { people, unacknowledged: unacknowledged(plan) }
    }

    /// Builds a reviewed change; nothing if the change has no operation.
    pub(super) fn build(&self, change: PersonChange<'p>) -> Option<ReviewedChange<'p>> {
        let first = change.operations.first().copied()?;
        let is_open = |operation: &&Operation| {
            let about = self.unacknowledged.get(&*operation.person).map(Vec::as_slice).unwrap_or_default();
            !operation.loses.is_empty() && about.iter().any(|finding| is_unacknowledged(finding, operation))
        };
        Some(ReviewedChange {
            person: &change.change.person,
            tenant: &change.change.tenant,
            from: change.from(),
            to: change.to(),
            license: &first.license,
            effect: change.change.effect,
            is_parked: change.is_parked(),
            loses: change.loses(),
            keeps: change.keeps(),
            is_acknowledged: !change.operations.iter().any(is_open),
            waits_for: self.waits_for(&change),
            request: change.change.source.as_ref(),
            why: &first.why,
            operations: change.operations,
        })
    }

    /// Returns the other people whose operations must be done before.
    fn waits_for(&self, change: &PersonChange<'p>) -> Vec<&'p str> {
        let mut people = Vec::new();
        for operation in change.operations.iter().filter(|operation| operation.kind != OperationKind::Release) {
            for person in operation.after.iter().filter_map(|id| self.people.get(id).copied()) {
                if person != operation.person && !people.contains(&person) {
                    people.push(person);
                }
            }
        }
        people
    }
}

/// Returns the findings about unacknowledged data loss, by person.
fn unacknowledged(plan: &Plan) -> BTreeMap<&str, Vec<&Finding>> {
    let mut by_person: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in plan.findings.iter().filter(|finding| finding.code == policy::DATA_LOSS.id) {
        for person in &finding.people {
            by_person.entry(person).or_default().push(finding);
        }
    }
    by_person
}
