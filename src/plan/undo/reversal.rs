//! What a run did to one person's set of exclusive licenses, derived from its operations.
//!
//! The first operation on a license tells whether it was held before, the last one whether it was held afterwards.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::Certainty;
use crate::model::{Effect, Expects, Holding, HoldingOrigin, HoldingState, Operation, OperationId, OperationKind};
use crate::profile::{Family, Rules};

/// The tenant, the account, and the family of exclusive licenses.
pub(super) type ReversalKey<'p> = (&'p SmolStr, &'p SmolStr, Family);

/// What a run did to one person's set of exclusive licenses.
#[derive(Debug)]
pub(super) struct Reversal<'p> {
    /// The person's key.
    pub(super) person: &'p SmolStr,
    /// Whether each license was held before; without the floor.
    pub(super) before: BTreeMap<&'p SmolStr, bool>,
    /// Whether each license was held afterwards, if certain.
    pub(super) after: BTreeMap<&'p SmolStr, Option<bool>>,
    /// The license that was held as a trial.
    pub(super) trial: Option<&'p SmolStr>,
    /// Whether a holding existed that no operation mentions.
    pub(super) has_unknown_holding: bool,
    /// Destroyed data by license.
    pub(super) destroyed: Vec<(&'p SmolStr, &'p [String])>,
    /// Whether memberships were restored.
    pub(super) has_restored: bool,
    /// Cancelled requests.
    pub(super) cancelled: Vec<&'p SmolStr>,
    /// Released seats.
    pub(super) released: Vec<&'p SmolStr>,
    /// Operations with an unknown effect.
    pub(super) unconfirmed: BTreeSet<&'p OperationId>,
    expects: Option<&'p Expects>,
}

impl<'p> Reversal<'p> {
    pub(super) fn new(person: &'p SmolStr) -> Self {
        Self {
            person,
            before: BTreeMap::new(),
            after: BTreeMap::new(),
            trial: None,
            has_unknown_holding: false,
            destroyed: Vec::new(),
            has_restored: false,
            cancelled: Vec::new(),
            released: Vec::new(),
            unconfirmed: BTreeSet::new(),
            expects: None,
        }
    }

    /// Adds the next sent operation.
    pub(super) fn add(&mut self, operation: &'p Operation, certainty: Certainty, rules: &Rules) {
        let license = &operation.license;
        if certainty == Certainty::Unconfirmed {
            self.unconfirmed.insert(&operation.id);
        }
        self.expects.get_or_insert(&operation.expects);
        match operation.kind {
            OperationKind::Cancel => self.cancelled.push(license),
            OperationKind::Remove | OperationKind::Change => {
                // A gain that releases a license released a trial.
                if operation.effect == Effect::Gain && !rules.is_floor(license) {
                    self.trial = Some(license);
                }
                self.record_released(license, certainty, operation.effect != Effect::Gain, rules);
                if let Some(to) = &operation.to {
                    self.record_assigned(to, certainty, rules);
                }
                if !operation.loses.is_empty() {
                    self.destroyed.push((license, &operation.loses));
                }
            }
            OperationKind::Assign => self.record_assigned(license, certainty, rules),
            OperationKind::Restore => self.has_restored = true,
            OperationKind::Release => self.released.push(license),
        }
    }

    fn record_released(&mut self, license: &'p SmolStr, certainty: Certainty, was_held: bool, rules: &Rules) {
        if !rules.is_floor(license) {
            self.before.entry(license).or_insert(was_held);
            self.after.insert(license, certainty.of(false));
        }
    }

    fn record_assigned(&mut self, license: &'p SmolStr, certainty: Certainty, rules: &Rules) {
        if !rules.is_floor(license) {
            self.before.entry(license).or_insert(false);
            self.after.insert(license, certainty.of(true));
        }
    }

    /// Compares the derived former holdings with the precondition of the first operation.
    pub(super) fn check_expectations(&mut self, rules: &Rules, family: &Family) {
        let (Some(expects), Some(any)) = (self.expects, self.before.keys().next().copied()) else { return };
        let held: Vec<Holding> = self.before.iter().filter(|(_, held)| **held).map(|(name, _)| holding(name)).collect();
        let floor = rules.floor(family).map(holding);
        let fits = |more: Option<Holding>| {
            let mut all: Vec<Holding> = held.iter().cloned().chain(more).collect();
            if all.is_empty() {
                all.extend(floor.clone());
            }
            // A vendor may omit the floor.
            rules.expects(&all, any) == *expects || (held.is_empty() && rules.expects(&[], any) == *expects)
        };
        if self.trial.is_some() || fits(None) {
            return;
        }
        let trial = |name: &SmolStr| Some(Holding { trial: true, ..holding(name) });
        match self.before.keys().copied().find(|name| fits(trial(name))) {
            Some(name) => self.trial = Some(name),
            None => self.has_unknown_holding = self.cancelled.is_empty(),
        }
    }

    /// Whether an account holds exactly what the first operation expected.
    pub(super) fn is_restored(&self, rules: &Rules, holdings: &[Holding]) -> bool {
        let any = self.before.keys().next();
        any.zip(self.expects).is_none_or(|(any, expects)| rules.expects(holdings, any) == *expects)
    }

    /// Returns the licenses that were held before.
    pub(super) fn held_before(&self) -> impl Iterator<Item = &'p SmolStr> {
        self.before.iter().filter(|(_, held)| **held).map(|(license, _)| *license)
    }
}

fn holding(license: &SmolStr) -> Holding {
    Holding {
        license: license.clone(),
        state: HoldingState::Active,
        origin: HoldingOrigin::Direct,
        trial: false,
        expires: None,
        due: None,
    }
}
