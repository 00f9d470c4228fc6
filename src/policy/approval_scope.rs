//! The scope of an approval: the operations or assignments that its finding is about.
//!
//! The message "the plan uses 21 more seats" is true for any 21 people, but an approver has checked specific ones, so the
//! approval must not count for others. A finding with people covers their changes; one without covers everything of its license,
//! its tenant, or the plan.
//! Invariant: the order of files and entries does not matter.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;
use smol_str::SmolStr;

use super::rule::Violation;
use crate::diagnostic::Level;
use crate::model::{Desired, Digest, Ensure, Plan};

/// An operation or an assignment that a finding may cover.
struct CoveredItem<'a> {
    tenant: &'a SmolStr,
    licenses: Vec<&'a SmolStr>,
    person: &'a SmolStr,
}

/// Adds a digest of the covered operations and waiting people to violations of level `approve`.
pub(super) fn add_plan_scope(plan: &Plan, violations: &mut [Violation]) {
    let mut index = ScopeIndex::new(violations);
    if index.is_empty() {
        return;
    }
    for operation in &plan.operations {
        let licenses = [&operation.license].into_iter().chain(&operation.to).collect();
        let item = CoveredItem { tenant: &operation.tenant, licenses, person: &operation.person };
        let crate::model::Operation { kind, effect, tenant, person, account, license, to, parked, loses, .. } =
            operation;
        index.add(&item, &(kind, effect, tenant, person, account, license, to, parked, loses));
    }
    for waiting in &plan.waiting {
        let item = CoveredItem { tenant: &waiting.tenant, licenses: vec![&waiting.license], person: &waiting.person };
        index.add(&item, &("waits", &waiting.tenant, &waiting.person, &waiting.license));
    }
    index.record_digests(violations);
}

/// Adds a digest of the covered assignments to violations of level `approve`.
pub(super) fn add_manifest_scope(desired: &Desired, violations: &mut [Violation]) {
    let mut index = ScopeIndex::new(violations);
    if index.is_empty() {
        return;
    }
    for (tenant, tenant_desired) in &desired.tenants {
        for claim in &tenant_desired.claims {
            let Some(entry) = tenant_desired.entries.get(claim.entry as usize) else { continue };
            let person = desired.people.key(claim.person);
            let licenses = [&entry.license].into_iter().chain(&entry.alternatives).collect();
            let present = entry.ensure == Ensure::Present;
            let says = (tenant, person, &entry.license, present, entry.starts, entry.expires, &entry.alternatives);
            index.add(&CoveredItem { tenant, licenses, person }, &says);
        }
    }
    index.record_digests(violations);
}

/// A license, a tenant, or everything.
type ScopeKey = (Option<SmolStr>, Option<SmolStr>);

/// Digests of the items that the violations cover, by person and by scope.
struct ScopeIndex {
    people: BTreeMap<SmolStr, Vec<(SmolStr, Vec<SmolStr>, String)>>,
    scopes: BTreeMap<ScopeKey, BTreeSet<String>>,
}

impl ScopeIndex {
    fn new(violations: &[Violation]) -> Self {
        let mut index = Self { people: BTreeMap::new(), scopes: BTreeMap::new() };
        for violation in violations.iter().filter(|violation| violation.level == Level::Approve) {
            if violation.finding.people.is_empty() {
                index.scopes.entry(scope_key(violation)).or_default();
            }
            for person in &violation.finding.people {
                index.people.entry(person.clone()).or_default();
            }
        }
        index
    }

    fn is_empty(&self) -> bool {
        self.people.is_empty() && self.scopes.is_empty()
    }

    fn add(&mut self, item: &CoveredItem<'_>, says: &impl Serialize) {
        let tenant = Some(item.tenant.clone());
        let places = item.licenses.iter().map(|license| (tenant.clone(), Some((*license).clone())));
        let places: Vec<ScopeKey> = places
            .chain([(tenant.clone(), None), (None, None)])
            .filter(|place| self.scopes.contains_key(place))
            .collect();
        if places.is_empty() && !self.people.contains_key(item.person) {
            return;
        }
        let digest = Digest::of_json(says).map(|digest| digest.to_string()).unwrap_or_default();
        if let Some(own) = self.people.get_mut(item.person) {
            let licenses = item.licenses.iter().map(|license| (*license).clone()).collect();
            own.push((item.tenant.clone(), licenses, digest.clone()));
        }
        for place in places {
            self.scopes.entry(place).or_default().insert(digest.clone());
        }
    }

    fn record_digests(&self, violations: &mut [Violation]) {
        for violation in violations.iter_mut().filter(|violation| violation.level == Level::Approve) {
            let covered: BTreeSet<&String> = if violation.finding.people.is_empty() {
                self.scopes.get(&scope_key(violation)).into_iter().flatten().collect()
            } else {
                let of_people = violation.finding.people.iter().filter_map(|person| self.people.get(person)).flatten();
                let about = of_people.filter(|(tenant, licenses, _)| {
                    violation.tenant.as_ref().is_none_or(|own| own == tenant)
                        && violation.license.as_ref().is_none_or(|own| licenses.contains(own))
                });
                about.map(|(_, _, digest)| digest).collect()
            };
            if let Ok(digest) = Digest::of_json(&covered) {
                violation.finding.values.insert(SmolStr::new_static("covers"), Value::String(digest.to_string()));
            }
        }
    }
}

fn scope_key(violation: &Violation) -> ScopeKey {
    (violation.tenant.clone(), violation.license.clone())
}
