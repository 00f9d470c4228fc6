//! The simulator: an executable state machine of one tenant, driven by the vendor's profile.
//!
//! It uses no files, clocks or HTTP: the `file` adapter persists it, emulators serve it, and simulation tests inject faults.
//! Time is an argument. A refused operation changes nothing. The simulator knows the vendor's pools, not the reserves.

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

/// The reply to an operation that is not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimulatorReply {
    /// Done.
    Done,
    /// Accepted; it takes effect later.
    Accepted,
    /// Nothing to do.
    Already,
}

/// Why an operation is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// No such account.
    UnknownAccount,
    /// The person does not hold what the operation expects, or the pool is closed.
    Conflict,
    /// No seat is free.
    NoSeat,
    /// Never allowed.
    Forbidden,
    /// The vendor currently accepts no changes.
    Busy,
}

/// A refused operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatorRefusal {
    /// The reason.
    pub reason: RefusalReason,
    /// The message, in lower case.
    pub message: String,
    /// What to do instead.
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

/// One simulated tenant.
#[derive(Clone, Debug)]
pub struct Simulator {
    rules: Rules,
    delay: Duration,
    state: Observation,
    by_id: IndexMap<SmolStr, usize>,
    pools: IndexMap<SmolStr, usize>,
    ledger: SeatLedger,
    /// The times at which requests take effect, with the account's index.
    due: BTreeSet<(Timestamp, usize)>,
}

impl Simulator {
    /// Returns the tenant as observed. If the vendor's requests take time, they take effect after `delay`. Pending holdings
    /// without a date stay pending.
    pub fn new(rules: Rules, delay: Duration, state: Observation) -> Self {
        let ledger = SeatLedger::new(&rules, &[], &[]);
        let (by_id, pools, due) = (IndexMap::new(), IndexMap::new(), BTreeSet::new());
        let mut simulator = Self { rules, delay: Duration::ZERO, state, by_id, pools, ledger, due };
        simulator.set_delay(delay);
        simulator.reindex();
        simulator
    }

    /// Sets the delay of later requests.
    pub fn set_delay(&mut self, delay: Duration) {
        self.delay = if self.rules.takes_effect_later() { delay } else { Duration::ZERO };
    }

    /// Changes the tenant without its rules, as the vendor may.
    pub fn edit(&mut self, edit: impl FnOnce(&mut Observation)) {
        edit(&mut self.state);
        self.reindex();
    }

    /// Rebuilds all indexes.
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

    /// Returns the rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Returns the current state. Call [`advance`](Self::advance) first.
    pub fn state(&self) -> &Observation {
        &self.state
    }

    /// Returns the current state of one account.
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.by_id.get(id).map(|index| &self.state.accounts[*index])
    }

    /// Starts or ends a period in which the vendor accepts no changes.
    pub fn set_busy(&mut self, reason: Option<String>) {
        self.state.busy = reason;
    }

    /// Completes all due requests and returns whether there were any.
    pub fn advance(&mut self, now: Timestamp) -> bool {
        let mut changed = false;
        while let Some((at, index)) = self.due.first().copied().filter(|(at, _)| *at <= now) {
            self.due.remove(&(at, index));
            self.complete_due_requests(index, now);
            changed = true;
        }
        changed
    }

    /// Executes one operation, or accepts it for later.
    ///
    /// # Errors
    /// If the vendor would refuse it; nothing changes then.
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
            SimulatorRefusal::new(RefusalReason::UnknownAccount, format!("unknown account `{}`", operation.account))
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

    /// Completes the due requests of an account.
    fn complete_due_requests(&mut self, index: usize, now: Timestamp) {
        let is_due = |holding: &&Holding| holding.due.is_some_and(|due| due <= now);
        let ripe: Vec<Holding> = self.state.accounts[index].holdings.iter().filter(is_due).cloned().collect();
        // Removals come first, so that the account does not get the floor license in between.
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

    /// Applies an operation that was accepted earlier.
    fn apply_change(&mut self, index: usize, kind: OperationKind, license: &str) {
        let account = &self.state.accounts[index];
        let holdings = self.rules.holdings_after(&account.holdings, kind, license, None);
        if kind == OperationKind::Remove && self.rules.takes_memberships(&self.rules.family(license)) {
            self.state.accounts[index].memberships.clear();
        }
        self.replace_holdings(index, holdings);
    }

    /// Replaces the holdings of an account if enough seats are free.
    fn commit_holdings(&mut self, index: usize, holdings: Vec<Holding>) -> Result<(), SimulatorRefusal> {
        let difference = SeatLedger::difference(&self.state.accounts[index].holdings, &holdings);
        self.ledger.check(&difference, self.rules.profile().no_seat_help)?;
        self.replace_holdings(index, holdings);
        Ok(())
    }

    /// Replaces the holdings of an account and updates the seats.
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

    /// Returns the direct holding of the license.
    fn direct(&self, index: usize, license: &str) -> Option<&Holding> {
        self.state.accounts[index]
            .holdings
            .iter()
            .find(|holding| holding.license == license && holding.origin == HoldingOrigin::Direct)
    }

    /// Returns the holdings of the family, without independent derived ones.
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
