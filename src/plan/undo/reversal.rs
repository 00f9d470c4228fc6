//! What a run did to one person's licenses that exclude each other, read from its operations.
//!
//! The first operation on a license tells whether it was held before; the last one, whether it was held afterwards.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::Certainty;
use crate::model::{Effect, Expects, Holding, HoldingOrigin, HoldingState, Operation, OperationId, OperationKind};
use crate::profile::{Family, Rules};

/// Whose licenses they are: the tenant, the account, and the licenses that exclude each other.
pub(super) type ReversalKey<'p> = (&'p SmolStr, &'p SmolStr, Family);

/// What a run did to one person's licenses that exclude each other.
#[derive(Debug)]
pub(super) struct Reversal<'p> {
    /// The person's key.
    pub(super) person: &'p SmolStr,
    /// Whether each license was held before; the floor aside, which comes and goes by itself.
    pub(super) before: BTreeMap<&'p SmolStr, bool>,
    /// Whether each license was held afterwards, where that is certain.
    pub(super) after: BTreeMap<&'p SmolStr, Option<bool>>,
    /// The license of which a trial was held before.
    pub(super) trial: Option<&'p SmolStr>,
    /// Whether something was held before that the operations do not tell of.
    pub(super) has_unknown_holding: bool,
    /// What was destroyed, with the license that it went with.
    pub(super) destroyed: Vec<(&'p SmolStr, &'p [String])>,
    /// Whether memberships were given back.
    pub(super) has_restored: bool,
    /// Requests that were cancelled.
    pub(super) cancelled: Vec<&'p SmolStr>,
    /// Seats whose billing was asked to stop.
    pub(super) released: Vec<&'p SmolStr>,
    /// Operations of which nobody knows yet whether they take effect.
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

    /// Adds the next operation that was sent.
    pub(super) fn add(&mut self, operation: &'p Operation, certainty: Certainty, rules: &Rules) {
        let license = &operation.license;
        if certainty == Certainty::Unconfirmed {
            self.unconfirmed.insert(&operation.id);
        }
        self.expects.get_or_insert(&operation.expects);
        match operation.kind {
            OperationKind::Cancel => self.cancelled.push(license),
            OperationKind::Remove | OperationKind::Change => {
                // Whoever gains by giving something up gave up a trial.
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

    /// Holds what the operations tell against what the first of them expected to find: that is all that was held.
    pub(super) fn check_expectations(&mut self, rules: &Rules, family: &Family) {
        let (Some(expects), Some(any)) = (self.expects, self.before.keys().next().copied()) else { return };
        let held: Vec<Holding> = self.before.iter().filter(|(_, held)| **held).map(|(name, _)| holding(name)).collect();
        let floor = rules.floor(family).map(holding);
        let fits = |more: Option<Holding>| {
            let mut all: Vec<Holding> = held.iter().cloned().chain(more).collect();
            if all.is_empty() {
                all.extend(floor.clone());
            }
            // A vendor need not list what everybody holds.
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

    /// Whether an account holds, to the letter, what the first operation expected to find.
    pub(super) fn is_restored(&self, rules: &Rules, holdings: &[Holding]) -> bool {
        let any = self.before.keys().next();
        any.zip(self.expects).is_none_or(|(any, expects)| rules.expects(holdings, any) == *expects)
    }

    /// The licenses that were held before.
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
