//! Transitions within one person's set of exclusive licenses.
//!
//! Only this module decides what holdings of each state and origin mean for a desired assignment. All other modules
//! work with the resulting [`LicenseTransition`].

use smol_str::SmolStr;

use super::block_reason::BlockReason;
use super::pools::{PoolId, PoolTable};
use crate::model::{Effect, Holding, HoldingOrigin, HoldingState, Mode};
use crate::profile::{Family, Rules};

/// A holding that a transition releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleasedHolding {
    /// Its pool.
    pub pool: PoolId,
    /// Whether a seat of the pool becomes free.
    pub frees_seat: bool,
}

/// What a change does within one set of exclusive licenses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseTransition {
    /// Pending requests to cancel first.
    pub cancels: Vec<ReleasedHolding>,
    /// Holdings to release. An atomic change starts from the first.
    pub releases: Vec<ReleasedHolding>,
    /// The floor license that an atomic change starts from without releasing a seat.
    pub from_floor: Option<PoolId>,
    /// Whether another license of the set is kept, so that nothing has to replace the released one.
    pub keeps_other: bool,
    /// The license to assign.
    pub assigns: Option<PoolId>,
    /// The effect.
    pub effect: Effect,
}

/// The decision about one set of exclusive licenses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransitionDecision {
    /// No change is needed.
    Unchanged,
    /// A transition is needed.
    Transition(LicenseTransition),
    /// A transition to or from this license is needed and blocked.
    Blocked(PoolId, BlockReason),
}

/// One person's set of exclusive licenses, and what the decision depends on.
#[derive(Clone, Copy)]
pub struct ExclusiveSet<'a> {
    /// The pools of the tenant.
    pub pools: &'a PoolTable,
    /// The vendor's rules.
    pub rules: &'a Rules,
    /// False if absence proves nothing.
    pub complete: bool,
    /// The family of licenses that exclude each other.
    pub family: &'a Family,
    /// All holdings of the account with their pools.
    pub holdings: &'a [(PoolId, &'a Holding)],
    /// Licenses that must be absent.
    pub absent: &'a [PoolId],
    /// Whether only absent licenses are removed, not those that are merely not named.
    pub only_absent: bool,
}

/// The holdings of a family, classified by what may happen to them.
#[derive(Default)]
struct ClassifiedHoldings<'a> {
    /// Held, and reseat may change it; without the floor.
    held: Vec<(PoolId, &'a Holding)>,
    /// Requested, and reseat may cancel it.
    pending: Vec<(PoolId, &'a Holding)>,
    /// Being removed.
    removing: Vec<PoolId>,
    /// Requested through another origin.
    requested: Vec<PoolId>,
    /// Held or requested, and reseat may not change it.
    foreign: Vec<(PoolId, &'a HoldingOrigin)>,
    /// The floor, if held.
    floor: Option<PoolId>,
}

/// Whether a holding satisfies an assignment of its license: in effect, or requested.
pub fn satisfies_assignment(holding: &Holding) -> bool {
    match holding.state {
        HoldingState::Active | HoldingState::Pending | HoldingState::Suspended | HoldingState::Waiting => {
            !holding.trial
        }
        HoldingState::Removing | HoldingState::Cancelled | HoldingState::Error | HoldingState::Other(_) => false,
    }
}

impl ExclusiveSet<'_> {
    /// Decides which transition leads to `target`, or removes managed licenses if there is no target.
    pub fn decide(&self, target: Option<PoolId>) -> TransitionDecision {
        let sorted = self.classify();
        match target {
            Some(target) if self.is_satisfied(target) => self.release_excluded(target, &sorted),
            Some(target) => self.acquire(target, &sorted),
            None => self.release_managed(&sorted),
        }
    }

    /// Whether the license is held or requested.
    fn is_satisfied(&self, target: PoolId) -> bool {
        self.holdings.iter().any(|(pool, holding)| {
            *pool == target
                && (satisfies_assignment(holding)
                    || (!holding.trial && self.effective_state(holding) == HoldingState::Active))
        })
    }

    /// Returns the state of a holding. A holding that makes way for a pending request counts as active: it remains if
    /// the request is cancelled.
    fn effective_state(&self, holding: &Holding) -> HoldingState {
        let is_request = |(pool, other): &(PoolId, &Holding)| {
            self.pools.get(*pool).family == *self.family
                && other.origin == HoldingOrigin::Direct
                && matches!(other.state, HoldingState::Pending | HoldingState::Waiting)
        };
        let makes_way = holding.state == HoldingState::Removing
            && holding.origin == HoldingOrigin::Direct
            && self.family.is_exclusive()
            && self.holdings.iter().any(is_request);
        if makes_way { HoldingState::Active } else { holding.state.clone() }
    }

    fn classify(&self) -> ClassifiedHoldings<'_> {
        let mut sorted = ClassifiedHoldings::default();
        for &(pool, holding) in self.holdings {
            let state = self.pools.get(pool);
            if state.family != *self.family {
                continue;
            }
            let is_floor = state.is_floor && !holding.trial;
            match (self.effective_state(holding), &holding.origin) {
                (HoldingState::Cancelled | HoldingState::Error | HoldingState::Other(_), _) => {}
                (_, HoldingOrigin::Derived) if self.rules.derived_is_independent() => {}
                (HoldingState::Active | HoldingState::Suspended, HoldingOrigin::Direct) if is_floor => {
                    sorted.floor = Some(pool);
                }
                (HoldingState::Removing, HoldingOrigin::Direct) => sorted.removing.push(pool),
                (HoldingState::Active | HoldingState::Suspended, HoldingOrigin::Direct) => {
                    sorted.held.push((pool, holding));
                }
                (HoldingState::Pending | HoldingState::Waiting, HoldingOrigin::Direct) => {
                    sorted.pending.push((pool, holding));
                }
                (state, origin) => {
                    match state {
                        HoldingState::Pending | HoldingState::Waiting => sorted.requested.push(pool),
                        HoldingState::Removing => sorted.removing.push(pool),
                        _ => {}
                    }
                    sorted.foreign.push((pool, origin));
                }
            }
        }
        // Independent of the observation's order; a full license precedes its own trial.
        sorted.held.sort_by_key(|(pool, holding)| (*pool, holding.trial));
        sorted.pending.sort_by_key(|(pool, _)| *pool);
        sorted.removing.sort();
        sorted.foreign.sort();
        sorted
    }

    /// Releases what the satisfied assignment excludes.
    fn release_excluded(&self, target: PoolId, sorted: &ClassifiedHoldings<'_>) -> TransitionDecision {
        let there = |(pool, holding): &(PoolId, &Holding)| {
            *pool == target
                && !holding.trial
                && matches!(self.effective_state(holding), HoldingState::Active | HoldingState::Suspended)
        };
        if !self.holdings.iter().any(there) {
            // The vendor is about to replace the old holding.
            return TransitionDecision::Unchanged;
        }
        let gives_up: Vec<_> = sorted.held.iter().filter(|(pool, _)| *pool != target).copied().collect();
        let cancels: Vec<_> = sorted.pending.iter().filter(|(pool, _)| *pool != target).copied().collect();
        if gives_up.is_empty() && cancels.is_empty() {
            return TransitionDecision::Unchanged;
        }
        // Next to the desired floor, a full license is a step down; next to another license, it is surplus.
        let gets =
            self.rules.floor(self.family).and_then(|floor| self.pools.find(floor)).filter(|floor| *floor == target);
        self.build_transition(sorted, &gives_up, &cancels, gets, target)
    }

    /// Acquires the desired license.
    fn acquire(&self, target: PoolId, sorted: &ClassifiedHoldings<'_>) -> TransitionDecision {
        let state = self.pools.get(target);
        if let Some(closed) = &state.closed
            && !state.is_floor
        {
            return TransitionDecision::Blocked(target, BlockReason::pool_closed(state, closed));
        }
        if let Some((pool, origin)) = sorted.foreign.first() {
            return TransitionDecision::Blocked(
                target,
                BlockReason::inherited_holding(&self.pools.get(*pool).license, origin),
            );
        }
        self.build_transition(sorted, &sorted.held, &sorted.pending, Some(target), target)
    }

    /// Releases managed licenses without a desired assignment.
    fn release_managed(&self, sorted: &ClassifiedHoldings<'_>) -> TransitionDecision {
        let goes = |pool: PoolId| {
            // The floor cannot be lost, and a trial of it is no step above it.
            let state = self.pools.get(pool);
            !state.is_floor && (self.absent.contains(&pool) || (state.is_managed && !self.only_absent))
        };
        let gives_up: Vec<_> = sorted.held.iter().filter(|(pool, _)| goes(*pool)).copied().collect();
        let cancels: Vec<_> = sorted.pending.iter().filter(|(pool, _)| goes(*pool)).copied().collect();
        let Some((subject, _)) = gives_up.first().or(cancels.first()).copied() else {
            let asked = sorted.foreign.iter().find(|(pool, _)| self.absent.contains(pool));
            return asked.map_or(TransitionDecision::Unchanged, |(pool, origin)| {
                TransitionDecision::Blocked(
                    *pool,
                    BlockReason::inherited_holding(&self.pools.get(*pool).license, origin),
                )
            });
        };
        let stays = sorted.pending.iter().map(|(pool, _)| *pool).filter(|pool| !goes(*pool));
        if let Some(pool) = stays.chain(sorted.requested.iter().copied()).min().filter(|_| !gives_up.is_empty()) {
            return TransitionDecision::Blocked(subject, BlockReason::pending_request(&self.pools.get(pool).license));
        }
        self.build_transition(sorted, &gives_up, &cancels, None, subject)
    }

    /// Checks a transition against mode, vendor rules and completeness, and builds it.
    fn build_transition(
        &self,
        sorted: &ClassifiedHoldings<'_>,
        gives_up: &[(PoolId, &Holding)],
        cancels: &[(PoolId, &Holding)],
        gets: Option<PoolId>,
        subject: PoolId,
    ) -> TransitionDecision {
        let to_floor = gets.is_none_or(|pool| self.pools.get(pool).is_floor);
        let seats_given = gives_up.iter().any(|(_, holding)| !holding.trial);
        let effect = match (to_floor, gives_up.is_empty(), cancels.is_empty()) {
            (false, _, _) if seats_given => Effect::Move,
            (false, _, _) => Effect::Gain,
            (true, true, false) => Effect::Cancel,
            (true, true, true) => Effect::Gain,
            (true, false, _) => Effect::Loss,
        };
        match self.block_reason(sorted, gives_up, cancels, gets, effect) {
            Some(reason) => TransitionDecision::Blocked(subject, reason),
            None => TransitionDecision::Transition(LicenseTransition {
                keeps_other: gets.is_none() && gives_up.len() < sorted.held.len() || !sorted.foreign.is_empty(),
                cancels: cancels.iter().map(|(pool, holding)| self.release(*pool, holding)).collect(),
                releases: gives_up.iter().map(|(pool, holding)| self.release(*pool, holding)).collect(),
                from_floor: sorted.floor,
                assigns: if effect == Effect::Cancel { None } else { gets },
                effect,
            }),
        }
    }

    /// Returns the first reason that blocks a transition.
    fn block_reason(
        &self,
        sorted: &ClassifiedHoldings<'_>,
        gives_up: &[(PoolId, &Holding)],
        cancels: &[(PoolId, &Holding)],
        gets: Option<PoolId>,
        effect: Effect,
    ) -> Option<BlockReason> {
        let license = |pool: PoolId| &self.pools.get(pool).license;
        if let Some(pool) = sorted.removing.first() {
            return Some(BlockReason::removal_in_progress(license(*pool)));
        }
        let target = gets.filter(|pool| !self.pools.get(*pool).is_floor);
        // A fall to the floor assigns nothing; a floor license for a person without one is an assignment.
        if let Some(target) = target.or(gets.filter(|_| effect == Effect::Gain)) {
            let mode = self.pools.get(target).mode;
            if !mode.can_assign() {
                return Some(BlockReason::mode_forbids(license(target), mode, true));
            }
        }
        // A trial that becomes the full license is not a removal.
        let taken = gives_up.iter().filter(|(_, holding)| !(holding.trial && effect == Effect::Gain)).chain(cancels);
        for (pool, _) in taken {
            let mode = self.pools.get(*pool).mode;
            if !(mode.can_remove() || (mode == Mode::AddOnly && self.absent.contains(pool))) {
                return Some(BlockReason::mode_forbids(license(*pool), mode, false));
            }
        }
        let besides = sorted
            .held
            .first()
            .map(|(pool, holding)| (*pool, holding.trial))
            .or(sorted.floor.map(|pool| (pool, false)));
        let besides = besides.map(|(pool, trial)| (license(pool).as_str(), trial));
        if let Some((pool, _)) = cancels.iter().find(|(pool, _)| !self.rules.can_cancel(license(*pool), besides)) {
            return Some(BlockReason::pending_request(license(*pool)));
        }
        let falls_to = self.rules.floor(self.family).map(SmolStr::as_str);
        let to = gets.map(|pool| license(pool).as_str()).or(falls_to);
        for (pool, holding) in gives_up {
            if let Some(refusal) = to.and_then(|to| self.rules.forbidden_transition(license(*pool), holding.trial, to))
            {
                return Some(BlockReason::forbidden_transition(&refusal.message, &refusal.help));
            }
        }
        let touched = gives_up.iter().chain(cancels).map(|(pool, _)| *pool);
        if self.rules.closed_pool_blocks_removals() {
            for pool in touched {
                let state = self.pools.get(pool);
                if let Some(closed) = &state.closed {
                    return Some(BlockReason::pool_closed(state, closed));
                }
            }
        }
        if !self.complete {
            if effect == Effect::Loss {
                return gives_up.first().map(|(pool, _)| BlockReason::incomplete_observation(license(*pool)));
            }
            if let Some(target) = target
                && !self.pools.get(target).has_figures
            {
                return Some(BlockReason::no_figures(license(target)));
            }
        }
        None
    }

    /// Returns a released holding. Its seat stays used if the same license is also held in another way.
    fn release(&self, pool: PoolId, holding: &Holding) -> ReleasedHolding {
        let elsewhere = self
            .holdings
            .iter()
            .any(|(other, same)| *other == pool && !std::ptr::eq(*same, holding) && same.uses_seat());
        ReleasedHolding { pool, frees_seat: holding.uses_seat() && !elsewhere && !self.pools.get(pool).is_floor }
    }
}
