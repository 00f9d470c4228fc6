//! `reseat diff`: compares the current with the desired state, person by person.
//!
//! The desired state does not depend on free seats; changes that are not possible are marked as blocked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use smol_str::SmolStr;

use super::current_state::{self, StateSource};
use super::error::WorkflowError;
use super::exit::Exit;
use super::manifest::Manifest;
use super::session::Session;
use super::state_files::Observations;
use crate::diff::{self, AccountOwner, Identities, LicenseTransition, PoolId, TenantDiff};
use crate::env::Now;
use crate::model::{Account, Effect, Holding, HoldingOrigin, HoldingState, Observation, People, PersonKey};
use crate::profile::Rules;
use crate::report::diff::{self as report, DiffReport, PersonDiff, TenantDiffReport};

/// Prints the differences between the current and the desired state.
///
/// # Errors
/// If an input cannot be read.
pub async fn diff(
    path: Option<&Path>,
    source: &StateSource<'_>,
    detailed_exit: bool,
    session: &mut Session<'_>,
) -> Result<Exit, WorkflowError> {
    let path = session.manifest_path(path)?;
    let store = session.history_store(&path, source.trusted)?;
    let state = current_state::load(&path, source, &store, session).await?;
    session.print_trusted_differences(&state.manifest);
    let Comparison { report, has_loss } = compare(&state.manifest, &state.observations, state.now);
    session.print_document(&report, report::text)?;
    if report.is_empty() && !session.json {
        session.ui.info("no differences\n");
    }
    Ok(match (detailed_exit, report.is_empty(), has_loss) {
        (false, ..) | (_, true, _) => Exit::Done,
        (true, false, false) => Exit::Changes,
        (true, false, true) => Exit::Losses,
    })
}

struct Comparison {
    report: DiffReport,
    /// Whether a person loses a seat without a replacement, or data.
    has_loss: bool,
}

/// Compares every observed tenant.
fn compare(manifest: &Manifest, observations: &Observations, now: Now) -> Comparison {
    let people = &manifest.desired.people;
    let mut differences = Comparison { report: DiffReport { tenants: Vec::new() }, has_loss: false };
    for (name, desired) in &manifest.desired.tenants {
        let Some((rules, observation)) = manifest.rules.get(name).zip(observations.get(name)) else { continue };
        let found = diff::compare_tenant(people, desired, rules, observation, now);
        differences.has_loss |= found.changes.iter().filter_map(|change| change.options.first()).any(|step| {
            let destroys = |pool: PoolId| !rules.loses(&found.pools.get(pool).license).is_empty();
            step.effect == Effect::Loss || step.releases.iter().any(|released| destroys(released.pool))
        });
        differences.report.tenants.push(TenantDiffReport {
            tenant: name.clone(),
            observed_at: observation.observed_at,
            complete: observation.complete,
            people: person_diffs(&found, people, rules, observation),
        });
    }
    differences
}

/// A license and the description of its holding.
type LicenseLine = (SmolStr, String);

/// The current and desired licenses of a person.
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

    /// Applies a step to the desired side. A person who only gives up a license falls to `floor`.
    fn apply_step(&mut self, step: &LicenseTransition, license: impl Fn(PoolId) -> SmolStr, floor: Option<&SmolStr>) {
        let leaves_floor = step.from_floor.filter(|_| step.assigns.is_some());
        let removed = step.releases.iter().chain(&step.cancels).map(|released| released.pool).chain(leaves_floor);
        let removed: BTreeSet<_> = removed.map(&license).collect();
        self.desired.retain(|(held, _)| !removed.contains(held));
        let falls = !step.releases.is_empty() && !step.keeps_other;
        if let Some(added) = step.assigns.map(license).or_else(|| floor.filter(|_| falls).cloned()) {
            self.desired.push((added.clone(), added.to_string()));
        }
    }

    /// Marks a license as blocked.
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

/// Returns a holding with its attributes: `X2`, `X4 (pending)`, `power (trial, group:sales)`.
pub(super) fn describe_holding(holding: &Holding) -> String {
    let mut attributes = Vec::new();
    if holding.trial {
        attributes.push("trial".to_owned());
    }
    if holding.state != HoldingState::Active {
        attributes.push(holding.state.as_str().to_owned());
    }
    if holding.origin != HoldingOrigin::Direct {
        attributes.push(holding.origin.to_string());
    }
    if attributes.is_empty() {
        holding.license.to_string()
    } else {
        format!("{} ({})", holding.license, attributes.join(", "))
    }
}

fn person_diffs(found: &TenantDiff, people: &People, rules: &Rules, observation: &Observation) -> Vec<PersonDiff> {
    let license = |pool: PoolId| found.pools.get(pool).license.clone();
    let mut sides: BTreeMap<SmolStr, HeldAndDesired> = BTreeMap::new();
    for change in &found.changes {
        let account = observation.accounts.get(change.account as usize);
        let sides = sides.entry(change.person.clone()).or_insert_with(|| HeldAndDesired::for_account(account));
        if let Some(step) = change.options.first() {
            let family = step.releases.first().map(|released| &found.pools.get(released.pool).family);
            sides.apply_step(step, license, family.and_then(|family| rules.floor(family)));
        }
    }
    let accounts = if found.blocked.is_empty() { BTreeMap::new() } else { accounts_by_person(people, observation) };
    for blocked in &found.blocked {
        let account = accounts.get(&blocked.person).copied();
        let sides = sides.entry(blocked.person.clone()).or_insert_with(|| HeldAndDesired::for_account(account));
        sides.mark_blocked(&license(blocked.pool));
    }
    let all = sides.into_iter().map(|(person, sides)| sides.finish(person));
    all.filter(|person| person.current != person.desired).collect()
}

/// Returns the accounts by the key of their person.
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
