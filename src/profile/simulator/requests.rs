//! The operations of the simulator: the vendor's checks, in its order, and their effects.

use jiff::Timestamp;
use smol_str::SmolStr;

use super::{RefusalReason, Simulator, SimulatorRefusal, SimulatorReply};
use crate::env::clock::day_of;
use crate::model::{ChangeKind, Holding, HoldingOrigin, HoldingState, OperationKind, PoolStatus};
use crate::profile::Family;

impl Simulator {
    pub(super) fn cancel(&mut self, index: usize, license: &str) -> Result<SimulatorReply, SimulatorRefusal> {
        let mut held = self.state.accounts[index]
            .holdings
            .iter()
            .filter(|holding| holding.license == license && holding.origin == HoldingOrigin::Direct);
        // A trial of the same license may exist beside the request.
        if !held.clone().any(|holding| matches!(holding.state, HoldingState::Pending | HoldingState::Waiting)) {
            return match held.find(|holding| holding.state.is_held()) {
                Some(_) => Err(conflict(format!("no request for `{license}` is open: it is in effect"))),
                None => Ok(SimulatorReply::Already),
            };
        }
        let family = self.rules.family(license);
        let beside = self.held(index, &family).find(|holding| holding.license != license || holding.trial);
        let from = beside.map(|holding| (&*holding.license, holding.trial));
        if !self.rules.can_cancel(license, from) {
            let message = format!("the request for `{license}` cannot be cancelled");
            return Err(SimulatorRefusal::new(RefusalReason::Forbidden, message).help("wait until it is done"));
        }
        let holdings = self.after(index, OperationKind::Cancel, license, None);
        self.commit_holdings(index, holdings)?;
        Ok(SimulatorReply::Done)
    }

    pub(super) fn remove(
        &mut self,
        index: usize,
        license: &str,
        now: Timestamp,
    ) -> Result<SimulatorReply, SimulatorRefusal> {
        let Some(holding) = self.direct(index, license) else {
            return self.require_direct(index, license).map(|()| SimulatorReply::Already);
        };
        match holding.state {
            HoldingState::Removing => return Ok(SimulatorReply::Accepted),
            HoldingState::Cancelled | HoldingState::Error | HoldingState::Other(_) => {
                return Ok(SimulatorReply::Already);
            }
            HoldingState::Pending | HoldingState::Waiting => {
                return Err(conflict(format!("`{license}` is requested and not there yet")).help("cancel the request"));
            }
            HoldingState::Active | HoldingState::Suspended => {}
        }
        let trial = holding.trial;
        let family = self.rules.family(license);
        if self.rules.is_floor(license) && !trial {
            let message = format!("everyone holds at least `{license}`");
            return Err(SimulatorRefusal::new(RefusalReason::Forbidden, message).help("assign another license instead"));
        }
        if let Some(floor) = self.rules.floor(&family)
            && let Some(refusal) = self.rules.forbidden_transition(license, trial, floor)
        {
            return Err(SimulatorRefusal::forbidden(refusal));
        }
        self.require_changeable_pool(license, now)?;
        self.require_no_request(index, &family)?;
        self.give_up(index, license, now)
    }

    pub(super) fn assign(
        &mut self,
        index: usize,
        license: &str,
        now: Timestamp,
    ) -> Result<SimulatorReply, SimulatorRefusal> {
        let family = self.rules.family(license);
        if let Some(answer) = self.existing_reply(index, license)? {
            return Ok(answer);
        }
        self.require_no_request(index, &family)?;
        let floor = self.rules.floor(&family);
        for other in self.held(index, &family).filter(|other| family.is_exclusive() && other.license != license) {
            let gives_way = floor.is_some_and(|floor| other.license == *floor || other.trial);
            if other.origin != HoldingOrigin::Direct || !gives_way {
                return Err(conflict(format!("the person holds `{}`, which excludes `{license}`", other.license))
                    .help("give that up first"));
            }
        }
        self.require_permitted(index, &family, license)?;
        if self.expired_replacement(license, now).is_some() {
            return self.grant_floor(index, &family, now);
        }
        self.require_open_pool(license, now)?;
        self.grant(index, OperationKind::Assign, license, None, now)
    }

    pub(super) fn change(
        &mut self,
        index: usize,
        license: &str,
        to: &str,
        now: Timestamp,
    ) -> Result<SimulatorReply, SimulatorRefusal> {
        let family = self.rules.family(license);
        if !family.is_exclusive() || family != self.rules.family(to) || self.rules.change(&family) != ChangeKind::Atomic
        {
            let message = format!("`{license}` cannot be exchanged for `{to}` in one step");
            return Err(
                SimulatorRefusal::new(RefusalReason::Forbidden, message).help("remove the one and assign the other")
            );
        }
        let is_floor = self.rules.is_floor(to);
        let old = self.direct(index, license).filter(|holding| holding.state.is_held()).cloned();
        // Nothing to give up, or the requested license itself.
        let is_there = |old: &Holding| license == to && !old.trial;
        if old.as_ref().is_none_or(|old| is_there(old) || is_floor && old.state == HoldingState::Removing)
            && let Some(answer) = self.existing_reply(index, to)?
        {
            return Ok(answer);
        }
        match &old {
            Some(old) if old.state == HoldingState::Removing => {
                // A move to the floor or to the same license is a repetition of the request.
                let same = is_floor || self.is_requested(index, to);
                return if same { Ok(SimulatorReply::Accepted) } else { Err(request_in_progress(license)) };
            }
            Some(old) if old.state == HoldingState::Pending => return Err(request_in_progress(license)),
            Some(_) => {}
            // Without any other license of the family, the person holds its floor.
            None if self.rules.is_floor(license) && self.held(index, &family).next().is_none() => {}
            None => {
                self.require_direct(index, license)?;
                return Err(conflict(format!("the person does not hold `{license}`")));
            }
        }
        if self.is_requested(index, to) {
            return Ok(SimulatorReply::Accepted);
        }
        self.require_no_request(index, &family)?;
        let trial = old.is_some_and(|old| old.trial);
        if let Some(refusal) = self.rules.forbidden_transition(license, trial, to) {
            return Err(SimulatorRefusal::forbidden(refusal));
        }
        self.require_permitted(index, &family, to)?;
        if self.expired_replacement(to, now).is_some() {
            return self.grant_floor(index, &family, now);
        }
        self.require_changeable_pool(license, now)?;
        if is_floor {
            return self.give_up(index, license, now);
        }
        self.require_open_pool(to, now)?;
        self.grant(index, OperationKind::Change, license, Some(to), now)
    }

    /// Returns the license that the vendor silently assigns instead of an expired one.
    pub(super) fn expired_replacement(&self, license: &str, now: Timestamp) -> Option<SmolStr> {
        if !self.rules.downgrades_expired() || self.rules.is_floor(license) || !self.is_expired(license, now) {
            return None;
        }
        self.rules.floor(&self.rules.family(license)).cloned()
    }

    /// Assigns the floor license instead of the requested one.
    fn grant_floor(
        &mut self,
        index: usize,
        family: &Family,
        now: Timestamp,
    ) -> Result<SimulatorReply, SimulatorRefusal> {
        let held = self.held(index, family).find(|holding| holding.origin == HoldingOrigin::Direct);
        match held.map(|holding| holding.license.clone()) {
            Some(license) if !self.rules.is_floor(&license) => self.give_up(index, &license, now),
            Some(_) | None => Ok(SimulatorReply::Done),
        }
    }

    /// Removes the license, now or later.
    fn give_up(&mut self, index: usize, license: &str, now: Timestamp) -> Result<SimulatorReply, SimulatorRefusal> {
        let Some(due) = self.due_after(now) else {
            self.apply_change(index, OperationKind::Remove, license);
            return Ok(SimulatorReply::Done);
        };
        let mut holdings = self.state.accounts[index].holdings.clone();
        mark_removing(&mut holdings, license, due);
        self.commit_holdings(index, holdings)?;
        Ok(SimulatorReply::Accepted)
    }

    /// Assigns a license, now or later.
    fn grant(
        &mut self,
        index: usize,
        kind: OperationKind,
        license: &str,
        to: Option<&str>,
        now: Timestamp,
    ) -> Result<SimulatorReply, SimulatorRefusal> {
        let Some(due) = self.due_after(now) else {
            let holdings = self.after(index, kind, license, to);
            self.commit_holdings(index, holdings)?;
            return Ok(SimulatorReply::Done);
        };
        let wanted = to.unwrap_or(license);
        let mut holdings = self.state.accounts[index].holdings.clone();
        // Failed requests are removed; a trial stays until the license is in effect.
        holdings.retain(|holding| {
            holding.license != wanted || holding.origin != HoldingOrigin::Direct || holding.state.is_held()
        });
        if to.is_some() && !self.rules.is_floor(license) {
            mark_removing(&mut holdings, license, due);
        }
        holdings.push(Holding {
            license: wanted.into(),
            state: HoldingState::Pending,
            origin: HoldingOrigin::Direct,
            trial: false,
            expires: None,
            due: Some(due),
        });
        self.commit_holdings(index, holdings)?;
        Ok(SimulatorReply::Accepted)
    }

    /// Returns when a request takes effect; `None` for immediately.
    fn due_after(&self, now: Timestamp) -> Option<Timestamp> {
        // A delay that overflows means never.
        (!self.delay.is_zero()).then(|| now.checked_add(self.delay).unwrap_or(Timestamp::MAX))
    }

    fn after(&self, index: usize, kind: OperationKind, license: &str, to: Option<&str>) -> Vec<Holding> {
        self.rules.holdings_after(&self.state.accounts[index].holdings, kind, license, to)
    }

    /// Returns the reply to a request for a license that is held or requested.
    fn existing_reply(&self, index: usize, license: &str) -> Result<Option<SimulatorReply>, SimulatorRefusal> {
        let holdings = &self.state.accounts[index].holdings;
        for holding in holdings.iter().filter(|holding| holding.license == license && !holding.trial) {
            match holding.state {
                HoldingState::Active | HoldingState::Suspended => return Ok(Some(SimulatorReply::Already)),
                HoldingState::Pending | HoldingState::Waiting => return Ok(Some(SimulatorReply::Accepted)),
                HoldingState::Removing => return Err(request_in_progress(license)),
                HoldingState::Cancelled | HoldingState::Error | HoldingState::Other(_) => {}
            }
        }
        Ok(None)
    }

    /// Returns whether a request for the license is pending.
    fn is_requested(&self, index: usize, license: &str) -> bool {
        self.state.accounts[index].holdings.iter().any(|holding| {
            holding.license == license
                && holding.origin == HoldingOrigin::Direct
                && holding.state == HoldingState::Pending
        })
    }

    /// Refuses the operation if a request in the exclusive family is in progress.
    fn require_no_request(&self, index: usize, family: &Family) -> Result<(), SimulatorRefusal> {
        let is_request = |holding: &&Holding| matches!(holding.state, HoldingState::Pending | HoldingState::Removing);
        match self.held(index, family).find(is_request) {
            Some(holding) if family.is_exclusive() => Err(request_in_progress(&holding.license)),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses the operation if the person's trial can never become the license.
    fn require_permitted(&self, index: usize, family: &Family, to: &str) -> Result<(), SimulatorRefusal> {
        let refusal =
            self.held(index, family).find_map(|held| self.rules.forbidden_transition(&held.license, held.trial, to));
        refusal.map_or(Ok(()), |refusal| Err(SimulatorRefusal::forbidden(refusal)))
    }

    /// Refuses the operation if the holding is inherited or derived.
    fn require_direct(&self, index: usize, license: &str) -> Result<(), SimulatorRefusal> {
        let holdings = &self.state.accounts[index].holdings;
        match holdings.iter().find(|holding| holding.license == license && holding.state.is_held()) {
            Some(Holding { origin: HoldingOrigin::Direct, .. }) | None => Ok(()),
            Some(Holding { origin, .. }) => {
                let message = format!("`{license}` was not given to this person directly: its origin is `{origin}`");
                Err(SimulatorRefusal::new(RefusalReason::Forbidden, message).help("change what it comes from"))
            }
        }
    }

    fn is_expired(&self, license: &str, now: Timestamp) -> bool {
        self.pool(license).is_some_and(|pool| {
            pool.status == PoolStatus::Expired || pool.expires.is_some_and(|expires| expires <= day_of(now))
        })
    }

    /// Refuses the operation if the pool is expired or inactive.
    fn require_open_pool(&self, license: &str, now: Timestamp) -> Result<(), SimulatorRefusal> {
        let status = self.pool(license).map_or(PoolStatus::Active, |pool| pool.status);
        let closed = if self.is_expired(license, now) { PoolStatus::Expired } else { status };
        match closed {
            PoolStatus::Active => Ok(()),
            PoolStatus::Expired | PoolStatus::Inactive | PoolStatus::Suspended => {
                Err(conflict(format!("`{license}` is {}", closed.as_str())).help("renew it at the vendor"))
            }
        }
    }

    /// Refuses the operation if the vendor does not remove seats of the expired or inactive pool.
    fn require_changeable_pool(&self, license: &str, now: Timestamp) -> Result<(), SimulatorRefusal> {
        if self.rules.closed_pool_blocks_removals() { self.require_open_pool(license, now) } else { Ok(()) }
    }
}

fn mark_removing(holdings: &mut [Holding], license: &str, due: Timestamp) {
    let direct = |holding: &&mut Holding| holding.license == license && holding.origin == HoldingOrigin::Direct;
    for holding in holdings.iter_mut().filter(direct) {
        holding.state = HoldingState::Removing;
        holding.due = Some(due);
    }
}

fn conflict(message: String) -> SimulatorRefusal {
    SimulatorRefusal::new(RefusalReason::Conflict, message)
}

fn request_in_progress(license: &str) -> SimulatorRefusal {
    conflict(format!("a request about `{license}` is under way")).help("wait until it is done, or cancel it")
}
