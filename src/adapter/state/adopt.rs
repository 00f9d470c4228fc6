//! An observation held against the tenant that it is for.
//!
//! What must hold: linear, and fast where nothing is wrong, for a tenant can have a million accounts.

use std::collections::BTreeMap;
use std::path::Path;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use smol_str::SmolStr;

use super::place::{At, Places};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Code, Finding, Source, did_you_mean};
use crate::model::{Holding, HoldingOrigin, HoldingState, Observation, TenantSettings, check_name};
use crate::profile::Rules;

/// Faults that are shown of one file.
const FAULTS_MAX: usize = 100;

/// The vendor's names of licenses, where a file used them and they differ from ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spelling {
    by_ours: BTreeMap<SmolStr, SmolStr>,
}

impl Spelling {
    /// Whether every license has our name.
    pub fn is_plain(&self) -> bool {
        self.by_ours.is_empty()
    }

    /// What the file calls the license.
    pub fn theirs<'a>(&'a self, ours: &'a SmolStr) -> &'a SmolStr {
        self.by_ours.get(ours).unwrap_or(ours)
    }
}

/// A fault whose place is not known yet.
struct Fault {
    code: &'static Code,
    message: String,
    help: Option<String>,
    at: At,
    first: Option<At>,
}

struct Adoption<'a> {
    rules: &'a Rules,
    ours: BTreeMap<SmolStr, SmolStr>,
    faults: Vec<Fault>,
    /// Names of licenses that were looked at, and whether they are fine.
    seen: IndexMap<SmolStr, bool, RandomState>,
}

/// Translates names and states, and tells everything that is wrong.
pub(super) fn adopt(
    observation: &mut Observation,
    path: &Path,
    settings: &TenantSettings,
    rules: &Rules,
) -> (Vec<Finding>, Spelling) {
    adopt_at(observation, settings, rules, || {
        let places = Places::read(path);
        move |at| places.source(at)
    })
}

/// The same, where `places` makes what tells where things stand; it is asked only if something is wrong.
pub(super) fn adopt_at<P: Fn(At) -> Source>(
    observation: &mut Observation,
    settings: &TenantSettings,
    rules: &Rules,
    places: impl FnOnce() -> P,
) -> (Vec<Finding>, Spelling) {
    let named = settings.pools.iter().filter_map(|(ours, pool)| Some((pool.name.clone()?, ours.clone())));
    let mut adoption = Adoption { rules, ours: named.collect(), faults: Vec::new(), seen: IndexMap::default() };
    adoption.identity(observation, settings);
    let spelling = adoption.rename(observation);
    adoption.pools(observation);
    adoption.accounts(observation);
    for (account, holdings) in observation.accounts.iter_mut().map(|account| &mut account.holdings).enumerate() {
        adoption.holdings(account, holdings);
    }
    (adoption.findings(places), spelling)
}

impl Adoption<'_> {
    fn fault(&mut self, code: &'static Code, message: impl Into<String>, help: Option<String>, at: At) {
        self.faults.push(Fault { code, message: message.into(), help, at, first: None });
    }

    fn identity(&mut self, observation: &Observation, settings: &TenantSettings) {
        if observation.tenant != settings.name {
            let message = format!("the observation is of tenant `{}`, not of `{}`", observation.tenant, settings.name);
            self.fault(&codes::WRONG_TENANT, message, Some(format!("write `{}`", settings.name)), At::Tenant);
        }
        if observation.vendor != settings.vendor {
            let message =
                format!("the observation is of vendor `{}`, not of `{}`", observation.vendor, settings.vendor);
            self.fault(&codes::WRONG_VENDOR, message, Some(format!("write `{}`", settings.vendor)), At::Vendor);
        }
    }

    /// Gives every license the manifest's name.
    fn rename(&mut self, observation: &mut Observation) -> Spelling {
        if self.ours.is_empty() {
            return Spelling::default();
        }
        let mut by_ours: BTreeMap<_, _> =
            self.ours.iter().map(|(theirs, ours)| (ours.clone(), theirs.clone())).collect();
        let holdings = observation.accounts.iter_mut().flat_map(|account| &mut account.holdings);
        let pools = observation.pools.iter_mut().map(|pool| &mut pool.license);
        for license in pools.chain(holdings.map(|holding| &mut holding.license)) {
            if let Some(ours) = self.ours.get(license) {
                *license = ours.clone();
            } else {
                // The file uses our name, as `reseat observe` does, and keeps it.
                by_ours.remove(license);
            }
        }
        by_ours.retain(|ours, theirs| ours != theirs);
        Spelling { by_ours }
    }

    fn pools(&mut self, observation: &Observation) {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, pool) in observation.pools.iter().enumerate() {
            self.license(&pool.license, At::Pool(index));
            if let Some(other) = first.get(&*pool.license) {
                self.faults.push(Fault {
                    code: &codes::DUPLICATE_POOL,
                    message: format!("another pool is of `{}` already", pool.license),
                    help: Some("remove one of the two".to_owned()),
                    at: At::Pool(index),
                    first: Some(At::Pool(*other)),
                });
            } else {
                first.insert(&pool.license, index);
            }
        }
    }

    fn accounts(&mut self, observation: &Observation) {
        let ids = || observation.accounts.iter().map(|account| &account.id);
        for (index, id) in ids().enumerate() {
            if let Err(error) = check_name(id) {
                self.fault(&codes::BAD_NAME, format!("the id of an account {error}"), None, At::Account(index));
            }
        }
        // Most vendors list accounts by id; then no table is needed.
        if ids().zip(ids().skip(1)).all(|(one, next)| one < next) {
            return;
        }
        let mut first: IndexMap<&SmolStr, usize, RandomState> =
            IndexMap::with_capacity_and_hasher(observation.accounts.len(), RandomState::default());
        for (index, id) in ids().enumerate() {
            if let Some(other) = first.insert(id, index) {
                self.faults.push(Fault {
                    code: &codes::DUPLICATE_ACCOUNT,
                    message: format!("another account has the id `{id}` already"),
                    help: Some("remove one of the two, or merge what they hold".to_owned()),
                    at: At::Account(index),
                    first: Some(At::Account(other)),
                });
            }
        }
    }

    fn holdings(&mut self, account: usize, holdings: &mut [Holding]) {
        for (index, holding) in holdings.iter_mut().enumerate() {
            self.license(&holding.license, At::License(account, index));
            if !self.rules.read_state(&mut holding.state) {
                let words = HoldingState::NAMED.map(|(word, _)| word);
                let theirs = self.rules.profile().states.iter().map(|(word, _)| *word);
                let words: Vec<&str> = words.into_iter().chain(theirs).collect();
                let message = format!("`{}` is no state of a holding", holding.state.as_str());
                self.fault(
                    &codes::UNKNOWN_STATE,
                    message,
                    did_you_mean(holding.state.as_str(), &words),
                    At::State(account, index),
                );
            }
        }
        if holdings.len() < 2 {
            return;
        }
        let mut first: BTreeMap<(&str, bool), usize> = BTreeMap::new();
        for (index, holding) in holdings.iter().enumerate().filter(|(_, holding)| is_ours_and_held(holding)) {
            let Some(other) = first.insert((&holding.license, holding.trial), index) else { continue };
            self.faults.push(Fault {
                code: &codes::DUPLICATE_HOLDING,
                message: format!("the account holds `{}` already", holding.license),
                help: Some("remove one of the two".to_owned()),
                at: At::License(account, index),
                first: Some(At::License(account, other)),
            });
        }
    }

    fn license(&mut self, license: &SmolStr, at: At) {
        if self.seen.get(license) == Some(&true) {
            return;
        }
        let mut fine = true;
        if let Err(error) = check_name(license) {
            fine = false;
            self.fault(&codes::BAD_NAME, format!("the name of a license {error}"), None, at);
        } else if let Some(known) = self.rules.known_licenses()
            && !known.contains(license)
        {
            fine = false;
            let help = did_you_mean(license, known);
            self.fault(&codes::UNKNOWN_LICENSE, format!("the vendor has no license `{license}`"), help, at);
        }
        self.seen.insert(license.clone(), fine);
    }

    /// The faults with their places.
    fn findings<P: Fn(At) -> Source>(self, places: impl FnOnce() -> P) -> Vec<Finding> {
        if self.faults.is_empty() {
            return Vec::new();
        }
        let place = places();
        let more = self.faults.len().saturating_sub(FAULTS_MAX);
        let mut findings: Vec<Finding> = self
            .faults
            .into_iter()
            .take(FAULTS_MAX)
            .map(|fault| {
                let mut finding = Finding::error(fault.code, fault.message).at(place(fault.at));
                finding.help = fault.help;
                match fault.first {
                    Some(first) => finding.related("the other one is here", place(first)),
                    None => finding,
                }
            })
            .collect();
        if more > 0 {
            let message = format!("the state file has {more} more faults than are shown");
            findings.push(Finding::note(&codes::MORE_FAULTS, message).at(place(At::Tenant)));
        }
        findings
    }
}

/// Whether it is a direct holding that takes a seat, or a trial of one.
fn is_ours_and_held(holding: &Holding) -> bool {
    holding.origin == HoldingOrigin::Direct && holding.state.is_held()
}
