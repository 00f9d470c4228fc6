//! The simulator of a vendor: an executable state machine of one tenant that a profile drives.
//!
//! It exists once, free of files, clocks and HTTP, for the `file` adapter persists it, emulators serve it and
//! simulations break it. Time is an argument.
//! What must hold: it refuses what the vendor would refuse and then changes nothing; it knows the vendor's pools and
//! not our reserves; an operation that finds its effect already there is answered and does nothing.

mod ledger;
mod requests;

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use indexmap::IndexMap;
use jiff::Timestamp;
use smol_str::SmolStr;

use self::ledger::SeatLedger;
use super::rules::{Family, RuleViolation, Rules};
use crate::model::{Account, Holding, HoldingOrigin, HoldingState, Observation, Operation, OperationKind, Pool};

/// What the vendor says to an operation that it does not refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulatorReply {
    /// It is done.
    Done,
    /// It will be done.
    Accepted,
    /// There was nothing to do.
    Already,
}

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// There is no such account.
    UnknownAccount,
    /// The person does not hold what the operation supposes, or the pool is closed.
    Conflict,
    /// No seat is free.
    NoSeat,
    /// The vendor never does this.
    Forbidden,
    /// The vendor takes no changes just now.
    Busy,
}

/// Why the vendor refuses an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatorRefusal {
    /// What kind of refusal it is.
    pub reason: RefusalReason,
    /// One sentence in lower case.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl SimulatorRefusal {
    fn new(reason: RefusalReason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn forbidden(refusal: RuleViolation) -> Self {
        Self { reason: RefusalReason::Forbidden, message: refusal.message, help: Some(refusal.help) }
    }
}

impl fmt::Display for SimulatorRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SimulatorRefusal {}

/// One tenant.
#[derive(Clone, Debug)]
pub struct Simulator {
    rules: Rules,
    delay: Duration,
    state: Observation,
    by_id: IndexMap<SmolStr, usize>,
    pools: IndexMap<SmolStr, usize>,
    ledger: SeatLedger,
    /// When which account's request takes effect.
    due: BTreeSet<(Timestamp, usize)>,
}

impl Simulator {
    /// The tenant as observed. Requests take effect `delay` after they are made, where the vendor takes its time;
    /// pending holdings without a date stay pending.
    pub fn new(rules: Rules, delay: Duration, state: Observation) -> Self {
        let ledger = SeatLedger::new(&rules, &[], &[]);
        let (by_id, pools, due) = (IndexMap::new(), IndexMap::new(), BTreeSet::new());
        let mut simulator = Self { rules, delay: Duration::ZERO, state, by_id, pools, ledger, due };
        simulator.set_delay(delay);
        simulator.reindex();
        simulator
    }

    /// Sets how long after it is made a request takes effect; what was requested before keeps its moment.
    pub fn set_delay(&mut self, delay: Duration) {
        self.delay = if self.rules.takes_effect_later() { delay } else { Duration::ZERO };
    }

    /// Changes the tenant as somebody does who is not bound by its rules: the vendor itself, or another console.
    pub fn edit(&mut self, edit: impl FnOnce(&mut Observation)) {
        edit(&mut self.state);
        self.reindex();
    }

    /// Finds everything anew.
    fn reindex(&mut self) {
        let state = &self.state;
        self.by_id = state.accounts.iter().enumerate().map(|(index, account)| (account.id.clone(), index)).collect();
        self.pools = state.pools.iter().enumerate().map(|(index, pool)| (pool.license.clone(), index)).collect();
        self.ledger = SeatLedger::new(&self.rules, &state.pools, &state.accounts);
        self.due.clear();
        for (index, account) in state.accounts.iter().enumerate() {
            self.due.extend(account.holdings.iter().filter_map(|holding| Some((holding.due?, index))));
        }
    }

    /// The rules that it follows.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What an observer sees. Call [`advance`](Self::advance) before.
    pub fn state(&self) -> &Observation {
        &self.state
    }

    /// What an observer sees of one account.
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.by_id.get(id).map(|index| &self.state.accounts[*index])
    }

    /// Begins or ends a time in which the vendor takes no changes.
    pub fn set_busy(&mut self, reason: Option<String>) {
        self.state.busy = reason;
    }

    /// Lets every request take effect that is due; whether there was one.
    pub fn advance(&mut self, now: Timestamp) -> bool {
        let mut changed = false;
        while let Some((at, index)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.due.remove(&(at, index));
            self.complete_due_requests(index, now);
            changed = true;
        }
        changed
    }

    /// Carries out one operation, or accepts it for later.
    ///
    /// # Errors
    /// What the vendor would say; nothing has changed then.
    pub fn execute(&mut self, operation: &Operation, now: Timestamp) -> Result<SimulatorReply, SimulatorRefusal> {
        self.advance(now);
        if let Some(reason) = &self.state.busy {
            return Err(SimulatorRefusal::new(
                RefusalReason::Busy,
                format!("the vendor takes no changes just now: {reason}"),
            )
            .help("try again when it is over"));
        }
        if operation.kind == OperationKind::Release {
            return self.release();
        }
        let index = *self.by_id.get(&operation.account).ok_or_else(|| {
            SimulatorRefusal::new(RefusalReason::UnknownAccount, format!("there is no account `{}`", operation.account))
        })?;
        if let Some(refusal) = self.rules.foreign_account_violation(&self.state.accounts[index].origin) {
            return Err(SimulatorRefusal::forbidden(refusal));
        }
        let license = &*operation.license;
        match operation.kind {
            OperationKind::Cancel => self.cancel(index, license),
            OperationKind::Remove => self.remove(index, license, now),
            OperationKind::Change => self.change(index, license, operation.to.as_deref().unwrap_or(license), now),
            OperationKind::Assign => self.assign(index, license, now),
            OperationKind::Restore => Ok(self.restore(index, &operation.memberships)),
            OperationKind::Release => self.release(),
        }
    }

    fn release(&self) -> Result<SimulatorReply, SimulatorRefusal> {
        if self.rules.can_release_seats() {
            Ok(SimulatorReply::Done)
        } else {
            Err(SimulatorRefusal::new(RefusalReason::Forbidden, "the vendor takes no seats back"))
        }
    }

    fn restore(&mut self, index: usize, memberships: &[SmolStr]) -> SimulatorReply {
        let held = &mut self.state.accounts[index].memberships;
        let missing: Vec<_> = memberships.iter().filter(|name| !held.contains(name)).cloned().collect();
        if missing.is_empty() {
            return SimulatorReply::Already;
        }
        held.extend(missing);
        SimulatorReply::Done
    }

    /// Lets the requests of an account take effect that are due.
    fn complete_due_requests(&mut self, index: usize, now: Timestamp) {
        let is_due = |holding: &&Holding| holding.due.is_some_and(|due| due <= now);
        let ripe: Vec<Holding> = self.state.accounts[index].holdings.iter().filter(is_due).cloned().collect();
        // What goes makes room before what comes, so that nobody falls to the floor in between.
        for holding in ripe.iter().filter(|holding| holding.state == HoldingState::Removing) {
            self.apply_change(index, OperationKind::Remove, &holding.license);
        }
        for holding in ripe.iter().filter(|holding| holding.state != HoldingState::Removing) {
            if self.expired_replacement(&holding.license, now).is_some() {
                self.apply_change(index, OperationKind::Cancel, &holding.license);
            } else {
                self.apply_change(index, OperationKind::Assign, &holding.license);
            }
        }
    }

    /// Puts an operation into effect that was accepted before.
    fn apply_change(&mut self, index: usize, kind: OperationKind, license: &str) {
        let account = &self.state.accounts[index];
        let holdings = self.rules.holdings_after(&account.holdings, kind, license, None);
        if kind == OperationKind::Remove && self.rules.takes_memberships(&self.rules.family(license)) {
            self.state.accounts[index].memberships.clear();
        }
        self.replace_holdings(index, holdings);
    }

    /// Gives an account these holdings, if the seats are there.
    fn commit_holdings(&mut self, index: usize, holdings: Vec<Holding>) -> Result<(), SimulatorRefusal> {
        let difference = SeatLedger::difference(&self.state.accounts[index].holdings, &holdings);
        self.ledger.check(&difference, self.rules.profile().no_seat_help)?;
        self.replace_holdings(index, holdings);
        Ok(())
    }

    /// Gives an account these holdings and books the seats.
    fn replace_holdings(&mut self, index: usize, holdings: Vec<Holding>) {
        let account = &mut self.state.accounts[index];
        let difference = SeatLedger::difference(&account.holdings, &holdings);
        self.ledger.book(&difference, &mut self.state.pools);
        for (list, add) in [(&account.holdings, false), (&holdings, true)] {
            for due in list.iter().filter_map(|holding| holding.due) {
                if add {
                    self.due.insert((due, index));
                } else {
                    self.due.remove(&(due, index));
                }
            }
        }
        account.holdings = holdings;
    }

    fn pool(&self, license: &str) -> Option<&Pool> {
        self.pools.get(license).map(|index| &self.state.pools[*index])
    }

    /// The direct holding of that license.
    fn direct(&self, index: usize, license: &str) -> Option<&Holding> {
        self.state.accounts[index]
            .holdings
            .iter()
            .find(|holding| holding.license == license && holding.origin == HoldingOrigin::Direct)
    }

    /// What the account has a hold on of the family, without what stands beside it.
    fn held<'a>(&'a self, index: usize, family: &'a Family) -> impl Iterator<Item = &'a Holding> {
        self.state.accounts[index].holdings.iter().filter(move |holding| {
            holding.state.is_held()
                && !(holding.origin == HoldingOrigin::Derived && self.rules.derived_is_independent())
                && self.rules.family(&holding.license) == *family
        })
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
pub(crate) mod tests;
