//! Undoing a run: what its people held before is wished again, and the ordinary planner does the rest.
//!
//! It stands beside the planner because it makes nothing but wishes: laws, modes, floors and limits hold for an undo
//! as for any plan. Data flows one way: the operations that were sent become [`turn`]s, each is held against what is
//! there now ([`verdict`]), and what cannot come back is [`said`].
//! What must hold: pure; only people whom the run changed are named, and of those only who hold what the run left;
//! what differs from before without being planned is said.

mod said;
#[cfg(test)]
mod tests;
mod turn;
mod verdict;

use std::collections::BTreeMap;

use smol_str::SmolStr;

pub use self::said::named;
use self::said::{Saying, Sayings};
use self::turn::{Key, Turn};
use self::verdict::{Verdict, decide};
use crate::diagnostic::catalog::plan as code;
use crate::diagnostic::{self, Finding, Location};
use crate::model::{
    Account, Claim, Desired, Ensure, Entry, Observation, OperationId, People, Plan, TenantDesired, TenantSettings,
    Waiting,
};
use crate::profile::Rules;

/// How certain it is that an operation that was sent took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Its effect was read back.
    Sure,
    /// It is pending, or nobody knows what came of it.
    Doubtful,
}

impl Certainty {
    fn of(self, held: bool) -> Option<bool> {
        match self {
            Self::Sure => Some(held),
            Self::Doubtful => None,
        }
    }
}

/// A run that is to be undone, and the world as it is now.
#[derive(Clone, Copy)]
pub struct Undoing<'a> {
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
    /// What was observed now.
    pub observations: &'a BTreeMap<SmolStr, Observation>,
}

/// What is wished so that a run is undone.
#[derive(Clone, Debug)]
pub struct Undone {
    /// The wishes, of nobody but people whom the run changed.
    pub desired: Desired,
    /// What cannot come back, and who is left alone.
    pub findings: Vec<Finding>,
}

impl<'a> Undoing<'a> {
    /// The tenants that the run sent something to.
    pub fn tenants(plan: &Plan, sent: &BTreeMap<OperationId, Certainty>) -> Vec<SmolStr> {
        let operations = plan.operations.iter().filter(|operation| sent.contains_key(&operation.id));
        let mut tenants: Vec<SmolStr> = operations.map(|operation| operation.tenant.clone()).collect();
        tenants.sort();
        tenants.dedup();
        tenants
    }

    /// What is to be wished, and what is to be said.
    pub fn outline(&self) -> Undone {
        let mut sayings = Sayings::default();
        let mut people = self.desired.people.clone();
        let mut tenants: BTreeMap<SmolStr, TenantDesired> = BTreeMap::new();
        let accounts = self.accounts();
        for ((tenant, id, family), turn) in self.turns(&mut sayings) {
            let (Some(wished), Some(rules)) = (self.desired.tenants.get(tenant), self.rules.get(tenant)) else {
                sayings.say(Saying::NoTenant { tenant: tenant.clone() }, turn.person);
                continue;
            };
            let Some(account) = accounts.get(&(tenant, id)) else {
                let complete = self.observations.get(tenant).is_some_and(|observation| observation.complete);
                sayings.say(Saying::Gone { tenant: tenant.clone(), complete }, turn.person);
                continue;
            };
            let verdict = decide(&turn, &family, account, rules, &wished.settings);
            let is_restored = turn.is_restored(rules, &account.holdings);
            say(&mut sayings, tenant, &turn, &verdict, (account, is_restored), &wished.settings);
            let into = || TenantDesired {
                settings: wished.settings.clone(),
                // What is managed stays so; nobody is named but those whom the run changed.
                entries: wished.entries.clone(),
                claims: Vec::new(),
                left_out: Vec::new(),
                named_only: true,
            };
            let (ensure, licenses) = match verdict {
                Verdict::GiveBack(license) => (Ensure::Present, vec![license]),
                Verdict::TakeBack(licenses) => (Ensure::Absent, licenses),
                Verdict::AsBefore
                | Verdict::Changed(_)
                | Verdict::WasTrial(_)
                | Verdict::HeldTwo
                | Verdict::ModeForbids(_) => continue,
            };
            let into = tenants.entry(tenant.clone()).or_insert_with(into);
            for license in licenses {
                let source = wished.settings.source;
                name(into, &mut people, (tenant, account, turn.person), license, ensure, source);
            }
        }
        let desired = Desired { people, tenants, acknowledgements: Vec::new(), files: self.desired.files.clone() };
        Undone { desired, findings: sayings.findings(self.run) }
    }

    /// What the run did, by account and licenses that exclude each other.
    fn turns(&self, sayings: &mut Sayings) -> BTreeMap<Key<'a>, Turn<'a>> {
        let mut turns: BTreeMap<Key<'a>, Turn<'a>> = BTreeMap::new();
        for operation in &self.plan.operations {
            let Some(certainty) = self.sent.get(&operation.id) else { continue };
            let Some(rules) = self.rules.get(&operation.tenant) else {
                sayings.say(Saying::NoTenant { tenant: operation.tenant.clone() }, &operation.person);
                continue;
            };
            let key = (&operation.tenant, &operation.account, rules.family(&operation.license));
            turns.entry(key).or_insert_with(|| Turn::new(&operation.person)).add(operation, *certainty, rules);
        }
        for ((tenant, _, family), turn) in &mut turns {
            if let Some(rules) = self.rules.get(*tenant) {
                turn.check(rules, family);
            }
        }
        turns
    }

    /// The accounts that were observed, by tenant and id.
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

/// Names a person for a license, or for its absence.
fn name(
    into: &mut TenantDesired,
    people: &mut People,
    (tenant, account, person): (&SmolStr, &Account, &SmolStr),
    license: &SmolStr,
    ensure: Ensure,
    source: Location,
) {
    let person = people.add(person);
    // The account that was changed is the one that is meant, whatever its address is by now.
    people.add_handle(tenant, account.id.clone(), person);
    let entry = u32::try_from(into.entries.len()).unwrap_or(u32::MAX);
    into.entries.push(Entry {
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

fn say(
    sayings: &mut Sayings,
    tenant: &SmolStr,
    turn: &Turn<'_>,
    verdict: &Verdict<'_>,
    (account, is_restored): (&Account, bool),
    settings: &TenantSettings,
) {
    let tenant = || tenant.clone();
    let person = turn.person;
    match verdict {
        Verdict::AsBefore => {
            for operation in &turn.open {
                sayings.say(Saying::Open { tenant: tenant(), operation: operation.0.clone() }, person);
            }
            // The license is as it was, and what was special about it may not be.
            if let Some(license) = turn.trial.filter(|_| !is_restored) {
                sayings.say(Saying::Trial { tenant: tenant(), license: license.clone() }, person);
            } else if turn.is_odd && !is_restored {
                sayings.say(Saying::Odd { tenant: tenant() }, person);
            }
        }
        Verdict::Changed(holds) => sayings.say(Saying::Changed { tenant: tenant(), holds: holds.clone() }, person),
        Verdict::WasTrial(license) => {
            sayings.say(Saying::Trial { tenant: tenant(), license: (*license).clone() }, person);
        }
        Verdict::HeldTwo => sayings.say(Saying::Two { tenant: tenant() }, person),
        Verdict::ModeForbids(license) => {
            let mode = settings.mode_of(license).as_str();
            sayings.say(Saying::Mode { tenant: tenant(), license: (*license).clone(), mode }, person);
        }
        Verdict::GiveBack(_) | Verdict::TakeBack(_) => {
            for (license, what) in &turn.destroyed {
                let (license, what, restored) = ((*license).clone(), what.to_vec(), turn.has_restored);
                sayings.say(Saying::Destroyed { tenant: tenant(), license, what, restored }, person);
            }
            for license in &turn.released {
                sayings.say(Saying::Released { tenant: tenant(), license: (*license).clone() }, person);
            }
            if turn.is_odd {
                sayings.say(Saying::Odd { tenant: tenant() }, person);
            }
        }
    }
    for license in &turn.cancelled {
        let is_back = match verdict {
            // Whoever asked for it again has it, or is about to.
            Verdict::AsBefore => {
                account.holdings.iter().any(|one| one.license == **license && crate::diff::satisfies(one))
            }
            Verdict::GiveBack(given) => given == license,
            _ => false,
        };
        if !is_back {
            sayings.say(Saying::Cancelled { tenant: tenant(), license: (*license).clone() }, person);
        }
    }
}

/// What is said of people who wait for the seat that they had.
pub fn waiting(run: &str, waiting: &[Waiting]) -> Vec<Finding> {
    let mut lines: BTreeMap<(&SmolStr, &SmolStr), Vec<SmolStr>> = BTreeMap::new();
    for one in waiting {
        lines.entry((&one.tenant, &one.license)).or_default().push(one.person.clone());
    }
    let finding = |((tenant, license), people): ((&SmolStr, &SmolStr), Vec<SmolStr>)| {
        let message =
            format!("{} held `{tenant}/{license}` before `{run}`, and no seat of it is free now", named(&people));
        Finding::warning(&code::UNDO_WAITS, message).help("free or buy a seat, and undo the run again").people(people)
    };
    lines.into_iter().map(finding).collect()
}

/// Says in the plan whose undo it is: nothing in it is asked for by a line of the manifest.
pub fn reword(plan: &mut Plan, run: &str, findings: Vec<Finding>) {
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
