//! Chains of operations: from an admitted change to the operations that realize it (law 2).
//!
//! For one person, within licenses that exclude each other: cancel, then remove, then assign, then restore. The operations
//! of a chain run in order. One of them needs the seat; some of them free one.

use crate::diff::{LicenseTransition, PoolId, PoolTable, ReleasedHolding};
use crate::model::{ChangeKind, Effect, OperationKind};
use crate::profile::Rules;

/// An operation in the plan graph.
#[derive(Clone, Copy, Debug)]
pub(super) struct DraftOperation {
    /// The index of its candidate change.
    pub(super) change: usize,
    /// The action.
    pub(super) kind: OperationKind,
    /// The license; for `change` the old one.
    pub(super) license: PoolId,
    /// For `change` the new license.
    pub(super) to: Option<PoolId>,
    /// The pool in which it frees a seat.
    pub(super) frees: Option<PoolId>,
    /// Whether it waits until the seat of the new license is certain.
    pub(super) is_gate: bool,
    /// Whether the person is parked; set on the first operation that gives something up.
    pub(super) is_parked: bool,
    /// Whether the executor assigns the old license again if it fails.
    pub(super) rolls_back: bool,
}

impl DraftOperation {
    fn new(kind: OperationKind, license: PoolId) -> Self {
        Self { change: 0, kind, license, to: None, frees: None, is_gate: false, is_parked: false, rolls_back: false }
    }

    fn releasing(kind: OperationKind, holding: &ReleasedHolding) -> Self {
        Self { frees: Some(holding.pool).filter(|_| holding.frees_seat), ..Self::new(kind, holding.pool) }
    }

    fn changing(holding: &ReleasedHolding, to: PoolId) -> Self {
        Self { to: Some(to), ..Self::releasing(OperationKind::Change, holding) }
    }

    fn changing_from_floor(floor: PoolId, to: PoolId) -> Self {
        Self { to: Some(to), ..Self::new(OperationKind::Change, floor) }
    }

    /// Returns the `release` of the seat that this removal frees.
    pub(super) fn release_of_seat(&self) -> Self {
        Self { change: self.change, ..Self::new(OperationKind::Release, self.license) }
    }

    /// Returns the license that the person enters.
    pub(super) fn target(&self) -> Option<PoolId> {
        match self.kind {
            OperationKind::Assign => Some(self.license),
            OperationKind::Change => self.to,
            OperationKind::Cancel | OperationKind::Remove | OperationKind::Restore | OperationKind::Release => None,
        }
    }
}

/// Builds chains of operations.
#[derive(Clone, Copy)]
pub(super) struct Drafter<'a> {
    /// The vendor's rules.
    pub(super) rules: &'a Rules,
    /// The pools of the tenant.
    pub(super) pools: &'a PoolTable,
}

impl Drafter<'_> {
    /// Returns the chain of operations that makes one transition.
    pub(super) fn chain(
        &self,
        change: usize,
        transition: &LicenseTransition,
        has_memberships: bool,
        is_parked: bool,
    ) -> Vec<DraftOperation> {
        let LicenseTransition { cancels, releases, assigns, .. } = transition;
        let Some(subject) = assigns.or(releases.first().or(cancels.first()).map(|holding| holding.pool)) else {
            return Vec::new();
        };
        let family = &self.pools.get(subject).family;
        let floor = self.rules.floor(family).and_then(|floor| self.pools.find(floor));
        let is_atomic = self.rules.change(family) == ChangeKind::Atomic && family.is_exclusive();
        let remove = |holding: &ReleasedHolding| DraftOperation::releasing(OperationKind::Remove, holding);
        let cancel = |holding: &ReleasedHolding| DraftOperation::releasing(OperationKind::Cancel, holding);
        let mut chain: Vec<DraftOperation> = cancels.iter().map(cancel).collect();
        match assigns.filter(|to| Some(*to) != floor) {
            Some(to) if is_atomic => atomic_gain(&mut chain, transition, to, floor, is_parked),
            Some(to) => {
                // An independent license replaces its own trial; nothing has to be removed first.
                chain.extend(releases.iter().filter(|one| family.is_exclusive() || one.pool != to).map(remove));
                let has_removal = chain.iter().any(|draft| draft.kind == OperationKind::Remove);
                chain.push(DraftOperation::new(OperationKind::Assign, to));
                if has_removal && has_memberships && self.rules.takes_memberships(family) {
                    chain.push(DraftOperation::new(OperationKind::Restore, to));
                }
            }
            None => {
                let floor = floor.filter(|_| is_atomic && !transition.keeps_other);
                let (falling, removed) = match releases.split_first() {
                    Some((first, others)) if floor.is_some() => (Some(first), others),
                    _ => (None, &releases[..]),
                };
                chain.extend(removed.iter().map(remove));
                chain.extend(falling.zip(floor).map(|(holding, floor)| DraftOperation::changing(holding, floor)));
                if transition.effect == Effect::Gain {
                    chain.extend(assigns.map(|to| DraftOperation::new(OperationKind::Assign, to)));
                }
            }
        }
        // A parked person gives up the old seat at once, and waits before entering the new pool.
        let first = cancels.len();
        let gate = if is_parked { chain.iter().rposition(|draft| draft.target() == *assigns) } else { Some(first) };
        let gate = gate.filter(|_| matches!(transition.effect, Effect::Gain | Effect::Move));
        let has_removal = chain.iter().any(|draft| draft.kind == OperationKind::Remove);
        for (index, draft) in chain.iter_mut().enumerate() {
            draft.change = change;
            draft.is_gate = gate == Some(index);
            draft.is_parked = is_parked && index == first;
            draft.rolls_back = has_removal && draft.kind == OperationKind::Assign;
        }
        chain
    }
}

/// Adds one atomic step, or for a parked person two steps through the floor.
fn atomic_gain(
    chain: &mut Vec<DraftOperation>,
    transition: &LicenseTransition,
    to: PoolId,
    floor: Option<PoolId>,
    is_parked: bool,
) {
    let remove = |holding: &ReleasedHolding| DraftOperation::releasing(OperationKind::Remove, holding);
    chain.extend(transition.releases.iter().skip(1).map(remove));
    match (transition.releases.first(), transition.from_floor, floor) {
        (Some(holding), _, Some(floor)) if is_parked => {
            chain.push(DraftOperation::changing(holding, floor));
            chain.push(DraftOperation::changing_from_floor(floor, to));
        }
        (Some(holding), _, None) if is_parked => {
            chain.push(remove(holding));
            chain.push(DraftOperation::new(OperationKind::Assign, to));
        }
        (Some(holding), ..) => chain.push(DraftOperation::changing(holding, to)),
        (None, Some(floor), _) => chain.push(DraftOperation::changing_from_floor(floor, to)),
        (None, None, _) => chain.push(DraftOperation::new(OperationKind::Assign, to)),
    }
}
