//! Current against desired, person by person, for `diff`.
//!
//! Desired is what the manifest wishes, whether or not there are seats for it; what cannot be is marked.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::manifest::Manifest;
use super::plan::Observations;
use crate::diff::{self, AccountOwner, Identities, LicenseTransition, PoolId, TenantDiff};
use crate::env::Now;
use crate::model::{Account, Effect, Holding, HoldingOrigin, HoldingState, Observation, People, PersonKey};
use crate::profile::Rules;
use crate::report::diff::{DiffReport, PersonDiff, TenantDiffReport as Shown};

/// What differs, and whether anybody would lose a seat or data.
#[derive(Debug)]
pub struct Comparison {
    /// What differs, as it is shown.
    pub diff: DiffReport,
    /// Whether a seat would be given up without a replacement, or data be destroyed.
    pub has_loss: bool,
}

/// Compares every tenant that was observed.
pub fn compare(manifest: &Manifest, observations: &Observations, now: Now) -> Comparison {
    let people = &manifest.desired.people;
    let mut differences = Comparison { diff: DiffReport { tenants: Vec::new() }, has_loss: false };
    for (name, desired) in &manifest.desired.tenants {
        let Some((rules, observation)) = manifest.rules.get(name).zip(observations.get(name)) else { continue };
        let found = diff::compare_tenant(people, desired, rules, observation, now);
        differences.has_loss |= found.changes.iter().filter_map(|change| change.options.first()).any(|step| {
            let destroys = |pool: PoolId| !rules.loses(&found.pools.get(pool).license).is_empty();
            step.effect == Effect::Loss || step.releases.iter().any(|given| destroys(given.pool))
        });
        differences.diff.tenants.push(Shown {
            tenant: name.clone(),
            observed_at: observation.observed_at,
            complete: observation.complete,
            people: person_diffs(&found, people, rules, observation),
        });
    }
    differences
}

/// A license with what is special about the holding.
type LicenseLine = (SmolStr, String);

/// What a person holds and should hold.
#[derive(Default)]
struct HeldAndDesired {
    current: Vec<LicenseLine>,
    desired: Vec<LicenseLine>,
}

impl HeldAndDesired {
    fn for_account(account: Option<&Account>) -> Self {
        let held: Vec<LicenseLine> = account
            .into_iter()
            .flat_map(|account| &account.holdings)
            .map(|holding| (holding.license.clone(), describe_holding(holding)))
            .collect();
        Self { current: held.clone(), desired: held }
    }

    /// Puts a step into what should be; `floor` is what somebody falls to who gives up a license for nothing.
    fn apply_step(&mut self, step: &LicenseTransition, license: impl Fn(PoolId) -> SmolStr, floor: Option<&SmolStr>) {
        let leaves_floor = step.from_floor.filter(|_| step.assigns.is_some());
        let goes = step.releases.iter().chain(&step.cancels).map(|given| given.pool).chain(leaves_floor);
        let goes: BTreeSet<_> = goes.map(&license).collect();
        self.desired.retain(|(held, _)| !goes.contains(held));
        let falls = !step.releases.is_empty() && !step.keeps_other;
        if let Some(comes) = step.assigns.map(license).or_else(|| floor.filter(|_| falls).cloned()) {
            self.desired.push((comes.clone(), comes.to_string()));
        }
    }

    /// Marks what cannot be: a license that does not come, or does not go.
    fn mark_blocked(&mut self, license: &SmolStr) {
        let blocked = format!("{license} (blocked)");
        match self.desired.iter_mut().find(|(held, _)| held == license) {
            Some((_, shown)) => *shown = blocked,
            None => self.desired.push((license.clone(), blocked)),
        }
    }

    fn finish(mut self, person: SmolStr) -> PersonDiff {
        let shown = |side: &mut Vec<LicenseLine>| {
            side.sort();
            side.drain(..).map(|(_, shown)| shown).collect()
        };
        PersonDiff { person, current: shown(&mut self.current), desired: shown(&mut self.desired) }
    }
}

/// A holding in a few words: `X2`, `X4 (pending)`, `power (trial, group:sales)`.
pub(super) fn describe_holding(holding: &Holding) -> String {
    let mut special = Vec::new();
    if holding.trial {
        special.push("trial".to_owned());
    }
    if holding.state != HoldingState::Active {
        special.push(holding.state.as_str().to_owned());
    }
    if holding.origin != HoldingOrigin::Direct {
        special.push(holding.origin.to_string());
    }
    if special.is_empty() {
        holding.license.to_string()
    } else {
        format!("{} ({})", holding.license, special.join(", "))
    }
}

fn person_diffs(found: &TenantDiff, people: &People, rules: &Rules, observation: &Observation) -> Vec<PersonDiff> {
    let license = |pool: PoolId| found.pools.get(pool).license.clone();
    let mut sides: BTreeMap<SmolStr, HeldAndDesired> = BTreeMap::new();
    for change in &found.changes {
        let account = observation.accounts.get(change.account as usize);
        let sides = sides.entry(change.person.clone()).or_insert_with(|| HeldAndDesired::for_account(account));
        if let Some(step) = change.options.first() {
            let family = step.releases.first().map(|given| &found.pools.get(given.pool).family);
            sides.apply_step(step, license, family.and_then(|family| rules.floor(family)));
        }
    }
    let accounts = if found.blocked.is_empty() { BTreeMap::new() } else { accounts_by_person(people, observation) };
    for obstacle in &found.blocked {
        let account = accounts.get(&obstacle.person).copied();
        let sides = sides.entry(obstacle.person.clone()).or_insert_with(|| HeldAndDesired::for_account(account));
        sides.mark_blocked(&license(obstacle.pool));
    }
    let all = sides.into_iter().map(|(person, sides)| sides.finish(person));
    all.filter(|person| person.current != person.desired).collect()
}

/// The accounts by the key of their person, as the differ names them.
pub(super) fn accounts_by_person<'a>(people: &People, observation: &'a Observation) -> BTreeMap<SmolStr, &'a Account> {
    let identities = Identities::new(people, observation);
    let mut accounts = BTreeMap::new();
    for (owner, account) in identities.owners.iter().zip(&observation.accounts) {
        let key = match owner {
            AccountOwner::Named(person) => people.key(*person).clone(),
            AccountOwner::Unnamed => PersonKey::normalize(&account.email),
            AccountOwner::PinnedElsewhere => continue,
        };
        accounts.entry(key).or_insert(account);
    }
    accounts
}
