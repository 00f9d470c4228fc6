//! One person's change, as a reviewer reads it: what from, what to, what is destroyed, who asked.

use std::collections::BTreeMap;

use super::changes::PersonChange;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::policy;
use crate::model::{Effect, Operation, OperationId, OperationKind, Plan, RequestSource};
use crate::policy::is_unacknowledged;

/// What happens to one person at one tenant.
#[derive(Debug)]
pub struct ReviewedChange<'p> {
    /// The person's key.
    pub person: &'p str,
    /// The tenant.
    pub tenant: &'p str,
    /// The license that is given up, if one is.
    pub from: Option<&'p str>,
    /// The license that is there in the end, if one is.
    pub to: Option<&'p str>,
    /// The license of the first operation: what it is about where neither is given up nor given, as in a cancel.
    pub license: &'p str,
    /// What it means for the person.
    pub effect: Effect,
    /// Whether the old seat goes before the new one is certain.
    pub is_parked: bool,
    /// What it destroys, each once.
    pub loses: Vec<&'p str>,
    /// What stays although one might fear for it, each once.
    pub keeps: Vec<&'p str>,
    /// Whether somebody has taken care of what it destroys; true where nothing is.
    pub is_acknowledged: bool,
    /// Its operations, in the order of the plan; at least one.
    pub operations: Vec<&'p Operation>,
    /// The people whose operations must be done before, because they leave the seat; in the order of the plan.
    pub waits_for: Vec<&'p str>,
    /// Who asked for it, where the manifest says so.
    pub request: Option<&'p RequestSource>,
    /// One line for the reader: why the first operation is there.
    pub why: &'p str,
}

impl ReviewedChange<'_> {
    /// `X2 → X4`, without the tenant: both licenses, or the one that it is about.
    pub fn licenses(&self) -> String {
        match (self.from, self.to) {
            // The same license twice is a trial that becomes the full one.
            (Some(from), Some(to)) if from == to => format!("{from} (trial) → {to}"),
            (Some(from), Some(to)) => format!("{from} → {to}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => self.license.to_owned(),
        }
    }

    /// The kinds of its operations in their order: `remove, assign, restore`.
    pub fn steps(&self) -> String {
        let kinds: Vec<_> = self.operations.iter().map(|operation| operation.kind.as_str()).collect();
        kinds.join(", ")
    }

    /// Why a seat is taken without a wish of anybody: no entry names the person any more.
    pub fn is_unnamed(&self) -> bool {
        self.effect == Effect::Loss && self.request.is_none_or(|asked| asked.reason.is_none())
    }
}

/// What all entries of a plan are made with.
pub(super) struct ChangeIndex<'p> {
    people: BTreeMap<&'p OperationId, &'p str>,
    /// The findings of destroyed data, by the people whom they are about.
    unacknowledged: BTreeMap<&'p str, Vec<&'p Finding>>,
}

impl<'p> ChangeIndex<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let people = plan.operations.iter().map(|operation| (&operation.id, operation.person.as_str())).collect();
        Self { people, unacknowledged: unacknowledged(plan) }
    }

    /// The entry of a change; none where it has no operation.
    pub(super) fn build(&self, change: PersonChange<'p>) -> Option<ReviewedChange<'p>> {
        let first = change.first()?;
        let is_open = |operation: &&Operation| {
            let about = self.unacknowledged.get(&*operation.person).map(Vec::as_slice).unwrap_or_default();
            !operation.loses.is_empty() && about.iter().any(|finding| is_unacknowledged(finding, operation))
        };
        Some(ReviewedChange {
            person: &first.person,
            tenant: &first.tenant,
            from: change.from(),
            to: change.to(),
            license: &first.license,
            effect: change.effect(),
            is_parked: change.is_parked(),
            loses: change.loses(),
            keeps: change.keeps(),
            is_acknowledged: !change.operations.iter().any(is_open),
            waits_for: self.waits_for(&change),
            request: change.operations.iter().find_map(|operation| operation.source.as_ref()),
            why: &first.why,
            operations: change.operations,
        })
    }

    /// The others whom the operations of a change wait for.
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

/// The findings of data that is destroyed although nobody has taken care of it, by person.
fn unacknowledged(plan: &Plan) -> BTreeMap<&str, Vec<&Finding>> {
    let mut by_person: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in plan.findings.iter().filter(|finding| finding.code == policy::DATA_LOSS.id) {
        for person in &finding.people {
            by_person.entry(person).or_default().push(finding);
        }
    }
    by_person
}
