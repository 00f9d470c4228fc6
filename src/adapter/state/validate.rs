//! An observation held against the tenant that it is for.
//!
//! What must hold: linear, and fast where nothing is wrong, for a tenant can have a million accounts.

use std::collections::BTreeMap;
use std::path::Path;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use smol_str::SmolStr;

use super::location::{ObservationField, StateFileLocations};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Code, Finding, Source, did_you_mean};
use crate::model::{Holding, HoldingOrigin, HoldingState, Observation, TenantSettings, validate_name};
use crate::profile::Rules;

/// Faults that are shown of one file.
const FAULTS_MAX: usize = 100;

/// The vendor's names of licenses, where a file used them and they differ from ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseSpelling {
    vendor_names: BTreeMap<SmolStr, SmolStr>,
}

impl LicenseSpelling {
    /// Whether every license has our name.
    pub fn is_identity(&self) -> bool {
        self.vendor_names.is_empty()
    }

    /// What the file calls the license.
    pub fn vendor_name<'a>(&'a self, ours: &'a SmolStr) -> &'a SmolStr {
        self.vendor_names.get(ours).unwrap_or(ours)
    }
}

/// A fault whose place is not known yet.
struct ObservationFault {
    code: &'static Code,
    message: String,
    help: Option<String>,
    at: ObservationField,
    first: Option<ObservationField>,
}

struct ObservationValidator<'a> {
    rules: &'a Rules,
    manifest_names: BTreeMap<SmolStr, SmolStr>,
    faults: Vec<ObservationFault>,
    /// Names of licenses that were looked at, and whether they are fine.
    checked_licenses: IndexMap<SmolStr, bool, RandomState>,
}

/// Translates names and states, and tells everything that is wrong.
pub(super) fn validate(
    observation: &mut Observation,
    path: &Path,
    settings: &TenantSettings,
    rules: &Rules,
) -> (Vec<Finding>, LicenseSpelling) {
    validate_at(observation, settings, rules, || {
        let places = StateFileLocations::read(path);
        move |at| places.source(at)
    })
}

/// The same, where `places` makes what tells where things stand; it is asked only if something is wrong.
pub(super) fn validate_at<P: Fn(ObservationField) -> Source>(
    observation: &mut Observation,
    settings: &TenantSettings,
    rules: &Rules,
    places: impl FnOnce() -> P,
) -> (Vec<Finding>, LicenseSpelling) {
    let named = settings.pools.iter().filter_map(|(ours, pool)| Some((pool.name.clone()?, ours.clone())));
    let mut adoption = ObservationValidator {
        rules,
        manifest_names: named.collect(),
        faults: Vec::new(),
        checked_licenses: IndexMap::default(),
    };
    adoption.check_identity(observation, settings);
    let spelling = adoption.translate_licenses(observation);
    adoption.check_pools(observation);
    adoption.check_accounts(observation);
    for (account, holdings) in observation.accounts.iter_mut().map(|account| &mut account.holdings).enumerate() {
        adoption.check_holdings(account, holdings);
    }
    (adoption.into_findings(places), spelling)
}

impl ObservationValidator<'_> {
    fn report(&mut self, code: &'static Code, message: impl Into<String>, help: Option<String>, at: ObservationField) {
        self.faults.push(ObservationFault { code, message: message.into(), help, at, first: None });
    }

    fn check_identity(&mut self, observation: &Observation, settings: &TenantSettings) {
        if observation.tenant != settings.name {
            let message = format!("the observation is of tenant `{}`, not of `{}`", observation.tenant, settings.name);
            self.report(
                &codes::WRONG_TENANT,
                message,
                Some(format!("write `{}`", settings.name)),
                ObservationField::Tenant,
            );
        }
        if observation.vendor != settings.vendor {
            let message =
                format!("the observation is of vendor `{}`, not of `{}`", observation.vendor, settings.vendor);
            self.report(
                &codes::WRONG_VENDOR,
                message,
                Some(format!("write `{}`", settings.vendor)),
                ObservationField::Vendor,
            );
        }
    }

    /// Gives every license the manifest's name.
    fn translate_licenses(&mut self, observation: &mut Observation) -> LicenseSpelling {
        if self.manifest_names.is_empty() {
            return LicenseSpelling::default();
        }
        let mut by_ours: BTreeMap<_, _> =
            self.manifest_names.iter().map(|(theirs, ours)| (ours.clone(), theirs.clone())).collect();
        let holdings = observation.accounts.iter_mut().flat_map(|account| &mut account.holdings);
        let pools = observation.pools.iter_mut().map(|pool| &mut pool.license);
        for license in pools.chain(holdings.map(|holding| &mut holding.license)) {
            if let Some(ours) = self.manifest_names.get(license) {
                *license = ours.clone();
            } else {
                // The file uses our name, as `reseat observe` does, and keeps it.
                by_ours.remove(license);
            }
        }
        by_ours.retain(|ours, theirs| ours != theirs);
        LicenseSpelling { vendor_names: by_ours }
    }

    fn check_pools(&mut self, observation: &Observation) {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, pool) in observation.pools.iter().enumerate() {
            self.check_license(&pool.license, ObservationField::Pool(index));
            if let Some(other) = first.get(&*pool.license) {
                self.faults.push(ObservationFault {
                    code: &codes::DUPLICATE_POOL,
                    message: format!("another pool is of `{}` already", pool.license),
                    help: Some("remove one of the two".to_owned()),
                    at: ObservationField::Pool(index),
                    first: Some(ObservationField::Pool(*other)),
                });
            } else {
                first.insert(&pool.license, index);
            }
        }
    }

    fn check_accounts(&mut self, observation: &Observation) {
        let ids = || observation.accounts.iter().map(|account| &account.id);
        for (index, id) in ids().enumerate() {
            if let Err(error) = validate_name(id) {
                self.report(
                    &codes::INVALID_STATE_NAME,
                    format!("the id of an account {error}"),
                    None,
                    ObservationField::Account(index),
                );
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
                self.faults.push(ObservationFault {
                    code: &codes::DUPLICATE_ACCOUNT,
                    message: format!("another account has the id `{id}` already"),
                    help: Some("remove one of the two, or merge what they hold".to_owned()),
                    at: ObservationField::Account(index),
                    first: Some(ObservationField::Account(other)),
                });
            }
        }
    }

    fn check_holdings(&mut self, account: usize, holdings: &mut [Holding]) {
        for (index, holding) in holdings.iter_mut().enumerate() {
            self.check_license(&holding.license, ObservationField::License(account, index));
            if !self.rules.normalize_state(&mut holding.state) {
                let words = HoldingState::NAMED.map(|(word, _)| word);
                let theirs = self.rules.profile().states.iter().map(|(word, _)| *word);
                let words: Vec<&str> = words.into_iter().chain(theirs).collect();
                let message = format!("`{}` is no state of a holding", holding.state.as_str());
                self.report(
                    &codes::UNKNOWN_STATE,
                    message,
                    did_you_mean(holding.state.as_str(), &words),
                    ObservationField::State(account, index),
                );
            }
        }
        if holdings.len() < 2 {
            return;
        }
        let mut first: BTreeMap<(&str, bool), usize> = BTreeMap::new();
        for (index, holding) in holdings.iter().enumerate().filter(|(_, holding)| is_direct_and_held(holding)) {
            let Some(other) = first.insert((&holding.license, holding.trial), index) else { continue };
            self.faults.push(ObservationFault {
                code: &codes::DUPLICATE_HOLDING,
                message: format!("the account holds `{}` already", holding.license),
                help: Some("remove one of the two".to_owned()),
                at: ObservationField::License(account, index),
                first: Some(ObservationField::License(account, other)),
            });
        }
    }

    fn check_license(&mut self, license: &SmolStr, at: ObservationField) {
        if self.checked_licenses.get(license) == Some(&true) {
            return;
        }
        let mut fine = true;
        if let Err(error) = validate_name(license) {
            fine = false;
            self.report(&codes::INVALID_STATE_NAME, format!("the name of a license {error}"), None, at);
        } else if let Some(known) = self.rules.known_licenses()
            && !known.contains(license)
        {
            fine = false;
            let help = did_you_mean(license, known);
            self.report(&codes::UNKNOWN_LICENSE, format!("the vendor has no license `{license}`"), help, at);
        }
        self.checked_licenses.insert(license.clone(), fine);
    }

    /// The faults with their places.
    fn into_findings<P: Fn(ObservationField) -> Source>(self, places: impl FnOnce() -> P) -> Vec<Finding> {
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
            findings.push(Finding::note(&codes::FAULTS_TRUNCATED, message).at(place(ObservationField::Tenant)));
        }
        findings
    }
}

/// Whether it is a direct holding that takes a seat, or a trial of one.
fn is_direct_and_held(holding: &Holding) -> bool {
    holding.origin == HoldingOrigin::Direct && holding.state.is_held()
}
