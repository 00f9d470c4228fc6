//! Undo of a run: the state before the run becomes the desired state, and the planner does the rest.
//!
//! Laws, modes, floors and limits hold as for any plan. The sent operations are grouped into [`reversal`]s, each is
//! compared with the current state ([`decision`]), and [`notes`] report what cannot be restored. Only people whom the
//! run changed, and who still hold what it left, are named.

mod decision;
mod notes;
mod reversal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use smol_str::SmolStr;

use self::decision::{ReversalDecision, decide};
pub use self::notes::format_people;
use self::notes::{UndoNote, UndoNotes};
use self::reversal::{Reversal, ReversalKey};
use crate::diagnostic::catalog::plan as code;
use crate::diagnostic::{self, Finding, Location};
use crate::model::{
    Account, Claim, Desired, DesiredEntry, Ensure, Observation, OperationId, People, Plan, TenantDesired,
    TenantSettings, Waiting,
};
use crate::profile::Rules;

/// Whether a sent operation took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Its effect was read back.
    Confirmed,
    /// It is pending or unknown.
    Unconfirmed,
}

impl Certainty {
    fn of(self, held: bool) -> Option<bool> {
        match self {
            Self::Confirmed => Some(held),
            Self::Unconfirmed => None,
        }
    }
}

/// A run to undo, and the current state.
#[derive(Clone, Copy)]
pub struct UndoRequest<'a> {
    /// The run's name.
    pub run: &'a str,
    /// Its plan.
    pub plan: &'a Plan,
    /// The operations that were sent and not refused.
    pub sent: &'a BTreeMap<OperationId, Certainty>,
    /// The manifest resolved.
    pub desired: &'a Desired,
    /// The rules of each tenant.
    pub rules: &'a BTreeMap<SmolStr, Rules>,
    /// Current observations.
    pub observations: &'a BTreeMap<SmolStr, Observation>,
}

/// The desired state that undoes a run.
#[derive(Clone, Debug)]
pub struct UndoTarget {
    /// Desired assignments of people whom the run changed.
    pub desired: Desired,
    /// What cannot be restored, and who is not changed.
    pub findings: Vec<Finding>,
}

impl<'a> UndoRequest<'a> {
    /// Returns the tenants to which the run sent operations.
    pub fn tenants(plan: &Plan, sent: &BTreeMap<OperationId, Certainty>) -> Vec<SmolStr> {
        let operations = plan.operations.iter().filter(|operation| sent.contains_key(&operation.id));
        let mut tenants: Vec<SmolStr> = operations.map(|operation| operation.tenant.clone()).collect();
        tenants.sort();
        tenants.dedup();
        tenants
    }

    /// Returns the desired state that undoes the run.
    pub fn target(&self) -> UndoTarget {
        let mut sayings = UndoNotes::default();
        let mut people = self.desired.people.clone();
        let mut tenants: BTreeMap<SmolStr, TenantDesired> = BTreeMap::new();
        let accounts = self.accounts();
        for ((tenant, id, family), turn) in self.reversals(&mut sayings) {
            let (Some(wished), Some(rules)) = (self.desired.tenants.get(tenant), self.rules.get(tenant)) else {
                sayings.add(UndoNote::TenantMissing { tenant: tenant.clone() }, turn.person);
                continue;
            };
            let Some(account) = accounts.get(&(tenant, id)) else {
                let complete = self.observations.get(tenant).is_some_and(|observation| observation.complete);
                sayings.add(UndoNote::AccountMissing { tenant: tenant.clone(), complete }, turn.person);
                continue;
            };
            let verdict = decide(&turn, &family, account, rules, &wished.settings);
            let is_restored = turn.is_restored(rules, &account.holdings);
            add_notes(&mut sayings, tenant, &turn, &verdict, (account, is_restored), &wished.settings);
            let into = || TenantDesired {
                settings: wished.settings.clone(),
                // Managed licenses stay managed; only people whom the run changed are named.
                entries: wished.entries.clone(),
                claims: Vec::new(),
                excluded: Vec::new(),
                named_only: true,
            };
            let (ensure, licenses) = match verdict {
                ReversalDecision::Reassign(license) => (Ensure::Present, vec![license]),
                ReversalDecision::Remove(licenses) => (Ensure::Absent, licenses),
                ReversalDecision::AlreadyRestored
                | ReversalDecision::ChangedSince(_)
                | ReversalDecision::WasTrial(_)
                | ReversalDecision::HeldSeveral
                | ReversalDecision::ModeForbids(_) => continue,
            };
            let into = tenants.entry(tenant.clone()).or_insert_with(into);
            for license in licenses {
                let source = wished.settings.source;
                add_claim(into, &mut people, (tenant, account, turn.person), license, ensure, source);
            }
        }
        let desired = Desired { people, tenants, acknowledgements: Vec::new(), files: self.desired.files.clone() };
        UndoTarget { desired, findings: sayings.findings(self.run) }
    }

    /// Returns what the run did, by account and set of exclusive licenses.
    fn reversals(&self, sayings: &mut UndoNotes) -> BTreeMap<ReversalKey<'a>, Reversal<'a>> {
        let mut turns: BTreeMap<ReversalKey<'a>, Reversal<'a>> = BTreeMap::new();
        for operation in &self.plan.operations {
            let Some(certainty) = self.sent.get(&operation.id) else { continue };
            let Some(rules) = self.rules.get(&operation.tenant) else {
                sayings.add(UndoNote::TenantMissing { tenant: operation.tenant.clone() }, &operation.person);
                continue;
            };
            let key = (&operation.tenant, &operation.account, rules.family(&operation.license));
            turns.entry(key).or_insert_with(|| Reversal::new(&operation.person)).add(operation, *certainty, rules);
        }
        for ((tenant, _, family), turn) in &mut turns {
            if let Some(rules) = self.rules.get(*tenant) {
                turn.check_expectations(rules, family);
            }
        }
        turns
    }

    /// Returns the observed accounts by tenant and id.
    fn accounts(&self) -> BTreeMap<(&'a SmolStr, &'a SmolStr), &'a Account> {
        let mut accounts = BTreeMap::new();
        for operation in self.plan.operations.iter().filter(|operation| self.sent.contains_key(&operation.id)) {
            if let Some((tenant, _)) = self.observations.get_key_value(&operation.tenant) {
                accounts.insert((tenant, &operation.account), None);
            }
        }
        for (tenant, observation) in self.observations {
            for account in &observation.accounts {
                if let Some(slot) = accounts.get_mut(&(tenant, &account.id)) {
                    *slot = Some(account);
                }
            }
        }
        accounts.into_iter().filter_map(|(key, account)| Some((key, account?))).collect()
    }
}

/// Adds a claim of a person on a license, or on its absence.
fn add_claim(
    into: &mut TenantDesired,
    people: &mut People,
    (tenant, account, person): (&SmolStr, &Account, &SmolStr),
    license: &SmolStr,
    ensure: Ensure,
    source: Location,
) {
    let person = people.add(person);
    // The handle pins the changed account, whatever its address is now.
    people.add_handle(tenant, account.id.clone(), person);
    let entry = u32::try_from(into.entries.len()).unwrap_or(u32::MAX);
    into.entries.push(DesiredEntry {
        license: license.clone(),
        ensure,
        priority: 0,
        starts: None,
        expires: None,
        alternatives: Vec::new(),
        reason: None,
        source,
    });
    into.claims.push(Claim { entry, person, source });
}

fn add_notes(
    sayings: &mut UndoNotes,
    tenant: &SmolStr,
    turn: &Reversal<'_>,
    verdict: &ReversalDecision<'_>,
    (account, is_restored): (&Account, bool),
    settings: &TenantSettings,
) {
    let tenant = || tenant.clone();
    let person = turn.person;
    match verdict {
        ReversalDecision::AlreadyRestored => {
            for operation in &turn.unconfirmed {
                sayings.add(UndoNote::Unconfirmed { tenant: tenant(), operation: operation.0.clone() }, person);
            }
            // The license is restored, but perhaps not its special properties.
            if let Some(license) = turn.trial.filter(|_| !is_restored) {
                sayings.add(UndoNote::TrialHeld { tenant: tenant(), license: license.clone() }, person);
            } else if turn.has_unknown_holding && !is_restored {
                sayings.add(UndoNote::UnknownHolding { tenant: tenant() }, person);
            }
        }
        ReversalDecision::ChangedSince(holds) => {
            sayings.add(UndoNote::ChangedSince { tenant: tenant(), holds: holds.clone() }, person)
        }
        ReversalDecision::WasTrial(license) => {
            sayings.add(UndoNote::TrialHeld { tenant: tenant(), license: (*license).clone() }, person);
        }
        ReversalDecision::HeldSeveral => sayings.add(UndoNote::SeveralHeld { tenant: tenant() }, person),
        ReversalDecision::ModeForbids(license) => {
            let mode = settings.mode_for(license).as_str();
            sayings.add(UndoNote::ModeForbids { tenant: tenant(), license: (*license).clone(), mode }, person);
        }
        ReversalDecision::Reassign(_) | ReversalDecision::Remove(_) => {
            for (license, what) in &turn.destroyed {
                let (license, what, restored) = ((*license).clone(), what.to_vec(), turn.has_restored);
                sayings.add(UndoNote::DataLost { tenant: tenant(), license, what, restored }, person);
            }
            for license in &turn.released {
                sayings.add(UndoNote::SeatReleased { tenant: tenant(), license: (*license).clone() }, person);
            }
            if turn.has_unknown_holding {
                sayings.add(UndoNote::UnknownHolding { tenant: tenant() }, person);
            }
        }
    }
    for license in &turn.cancelled {
        let is_back = match verdict {
            // The request was made again, or is planned.
            ReversalDecision::AlreadyRestored => {
                account.holdings.iter().any(|one| one.license == **license && crate::diff::satisfies_assignment(one))
            }
            ReversalDecision::Reassign(given) => given == license,
            _ => false,
        };
        if !is_back {
            sayings.add(UndoNote::RequestCancelled { tenant: tenant(), license: (*license).clone() }, person);
        }
    }
}

/// Returns findings for people who wait for their former seat.
pub fn waiting_findings(run: &str, waiting: &[Waiting]) -> Vec<Finding> {
    let mut lines: BTreeMap<(&SmolStr, &SmolStr), Vec<SmolStr>> = BTreeMap::new();
    for one in waiting {
        lines.entry((&one.tenant, &one.license)).or_default().push(one.person.clone());
    }
    let finding = |((tenant, license), people): ((&SmolStr, &SmolStr), Vec<SmolStr>)| {
        let message = format!(
            "{} held `{tenant}/{license}` before `{run}`, and no seat of it is free now",
            format_people(&people)
        );
        Finding::warning(&code::UNDO_WAITING, message).help("free or buy a seat, and undo the run again").people(people)
    };
    lines.into_iter().map(finding).collect()
}

/// Marks a plan as an undo: no manifest line requests its operations.
pub fn mark_as_undo(plan: &mut Plan, run: &str, findings: Vec<Finding>) {
    for change in &mut plan.changes {
        change.source = None;
    }
    for operation in &mut plan.operations {
        operation.source = None;
        operation.why = format!("undoes {run}");
    }
    for blocked in &mut plan.blocked {
        blocked.source = None;
    }
    for held in &mut plan.held {
        held.source = None;
    }
    plan.findings.extend(findings);
    diagnostic::sort(&mut plan.findings);
}
