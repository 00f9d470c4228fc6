//! Validation of an observation against its tenant.
//!
//! Every adapter passes what it read through here. It runs in linear time and allocates little for a valid observation,
//! because a tenant can have a million accounts.

use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use smol_str::SmolStr;

use super::{AdapterError, ErrorKind};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Code, Finding, Source, did_you_mean};
use crate::model::{Holding, HoldingOrigin, HoldingState, Observation, TenantSettings, validate_name};
use crate::profile::Rules;

/// The most faults that are shown of one observation.
const FAULTS_MAX: usize = 100;

/// The vendor's license names that a file uses in place of the manifest's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LicenseSpelling {
    vendor_names: BTreeMap<SmolStr, SmolStr>,
}

impl LicenseSpelling {
    /// Whether the file uses the manifest's names only.
    pub(crate) fn is_identity(&self) -> bool {
        self.vendor_names.is_empty()
    }

    /// Returns the file's name of a license.
    pub(crate) fn vendor_name<'a>(&'a self, license: &'a SmolStr) -> &'a SmolStr {
        self.vendor_names.get(license).unwrap_or(license)
    }
}

/// A field of an observation; numbers are indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObservationField {
    /// `tenant`
    Tenant,
    /// `vendor`
    Vendor,
    /// The license of a pool.
    Pool(usize),
    /// The id of an account.
    Account(usize),
    /// The license of an account's holding.
    License(usize, usize),
    /// The state of an account's holding.
    State(usize, usize),
}

/// A fault whose location in the file is not known yet.
struct ObservationFault {
    code: &'static Code,
    message: String,
    help: Option<String>,
    at: ObservationField,
    /// The first of two duplicates.
    first: Option<ObservationField>,
}

/// The faults of an observation.
pub(crate) struct ObservationFaults(Vec<ObservationFault>);

impl ObservationFaults {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the findings; `locate` returns where a field is, if there is a file.
    pub(crate) fn into_findings(self, locate: impl Fn(ObservationField) -> Option<Source>) -> Vec<Finding> {
        let hidden = self.0.len().saturating_sub(FAULTS_MAX);
        let finding = |fault: ObservationFault| {
            let mut finding = Finding::error(fault.code, fault.message).at(locate(fault.at));
            finding.help = fault.help;
            match fault.first.and_then(&locate) {
                Some(first) => finding.related("the first one is here", first),
                None => finding,
            }
        };
        let mut findings: Vec<Finding> = self.0.into_iter().take(FAULTS_MAX).map(finding).collect();
        if hidden > 0 {
            let message = format!("the observation has {hidden} more faults");
            findings.push(Finding::note(&codes::FAULTS_TRUNCATED, message).at(locate(ObservationField::Tenant)));
        }
        findings
    }
}

/// Replaces the vendor's license names and states by reseat's, and returns all faults.
pub(crate) fn validate(
    observation: &mut Observation,
    settings: &TenantSettings,
    rules: &Rules,
) -> (ObservationFaults, LicenseSpelling) {
    let manifest_names = settings.pools.iter().filter_map(|(ours, pool)| Some((pool.name.clone()?, ours.clone())));
    let manifest_names: BTreeMap<SmolStr, SmolStr> = manifest_names.collect();
    let spelling = translate_licenses(observation, &manifest_names);
    let mut validator = ObservationValidator { rules, faults: Vec::new(), checked_licenses: IndexMap::default() };
    validator.check_identity(observation, settings);
    validator.check_pools(observation);
    validator.check_accounts(observation);
    for (account, holdings) in observation.accounts.iter_mut().map(|account| &mut account.holdings).enumerate() {
        validator.check_holdings(account, holdings);
    }
    (ObservationFaults(validator.faults), spelling)
}

/// Validates an observation that did not come from a file; `origin` names its source in messages.
///
/// # Errors
/// Returns [`ErrorKind::Malformed`] with all faults.
pub(crate) fn validate_response(
    mut observation: Observation,
    settings: &TenantSettings,
    rules: &Rules,
    origin: &str,
) -> Result<Observation, AdapterError> {
    let (faults, _) = validate(&mut observation, settings, rules);
    if faults.is_empty() {
        return Ok(observation);
    }
    let findings = faults.into_findings(|_| None);
    let first = findings.first().map_or("", |finding| &*finding.message);
    let message = format!("{origin} returned an invalid observation: {first}");
    Err(AdapterError { findings, ..AdapterError::new(ErrorKind::Malformed, message) })
}

/// Gives every license the manifest's name.
fn translate_licenses(observation: &mut Observation, manifest_names: &BTreeMap<SmolStr, SmolStr>) -> LicenseSpelling {
    if manifest_names.is_empty() {
        return LicenseSpelling::default();
    }
    let mut vendor_names: BTreeMap<_, _> =
        manifest_names.iter().map(|(theirs, ours)| (ours.clone(), theirs.clone())).collect();
    let holdings = observation.accounts.iter_mut().flat_map(|account| &mut account.holdings);
    let pools = observation.pools.iter_mut().map(|pool| &mut pool.license);
    for license in pools.chain(holdings.map(|holding| &mut holding.license)) {
        if let Some(ours) = manifest_names.get(license) {
            *license = ours.clone();
        } else {
            // The file uses the manifest's name, as `reseat observe` does, and keeps it.
            vendor_names.remove(license);
        }
    }
    vendor_names.retain(|ours, theirs| ours != theirs);
    LicenseSpelling { vendor_names }
}

struct ObservationValidator<'a> {
    rules: &'a Rules,
    faults: Vec<ObservationFault>,
    /// Whether a license name is valid.
    checked_licenses: IndexMap<SmolStr, bool, RandomState>,
}

impl ObservationValidator<'_> {
    fn report(&mut self, code: &'static Code, message: String, help: Option<String>, at: ObservationField) {
        self.faults.push(ObservationFault { code, message, help, at, first: None });
    }

    fn report_duplicate(
        &mut self,
        code: &'static Code,
        message: String,
        at: ObservationField,
        first: ObservationField,
    ) {
        let help = Some("remove one of the two".to_owned());
        self.faults.push(ObservationFault { code, message, help, at, first: Some(first) });
    }

    fn check_identity(&mut self, observation: &Observation, settings: &TenantSettings) {
        for (name, found, expected, code, field) in [
            ("tenant", &observation.tenant, &settings.name, &codes::WRONG_TENANT, ObservationField::Tenant),
            ("vendor", &observation.vendor, &settings.vendor, &codes::WRONG_VENDOR, ObservationField::Vendor),
        ] {
            if found != expected {
                let message = format!("the observation is of {name} `{found}`, not of `{expected}`");
                self.report(code, message, Some(format!("write `{expected}`")), field);
            }
        }
    }

    fn check_pools(&mut self, observation: &Observation) {
        let mut first: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, pool) in observation.pools.iter().enumerate() {
            let field = ObservationField::Pool(index);
            self.check_license(&pool.license, field);
            if let Some(other) = first.get(&*pool.license) {
                let message = format!("duplicate pool `{}`", pool.license);
                self.report_duplicate(&codes::DUPLICATE_POOL, message, field, ObservationField::Pool(*other));
            } else {
                first.insert(&pool.license, index);
            }
        }
    }

    fn check_accounts(&mut self, observation: &Observation) {
        let ids = || observation.accounts.iter().map(|account| &account.id);
        for (index, id) in ids().enumerate() {
            if let Err(error) = validate_name(id) {
                let message = format!("the id of an account {error}");
                self.report(&codes::INVALID_STATE_NAME, message, None, ObservationField::Account(index));
            }
        }
        // Most vendors list accounts in the order of their ids. Then no table is needed.
        if ids().is_sorted_by(|one, next| one < next) {
            return;
        }
        let mut first: IndexMap<&SmolStr, usize, RandomState> =
            IndexMap::with_capacity_and_hasher(observation.accounts.len(), RandomState::default());
        for (index, id) in ids().enumerate() {
            if let Some(other) = first.insert(id, index) {
                let (field, first) = (ObservationField::Account(index), ObservationField::Account(other));
                self.report_duplicate(&codes::DUPLICATE_ACCOUNT, format!("duplicate account id `{id}`"), field, first);
            }
        }
    }

    fn check_holdings(&mut self, account: usize, holdings: &mut [Holding]) {
        for (index, holding) in holdings.iter_mut().enumerate() {
            self.check_license(&holding.license, ObservationField::License(account, index));
            if !self.rules.normalize_state(&mut holding.state) {
                let word = holding.state.as_str();
                let ours = HoldingState::NAMED.map(|(word, _)| word);
                let theirs = self.rules.profile().states.iter().map(|(word, _)| *word);
                let known: Vec<&str> = ours.into_iter().chain(theirs).collect();
                let (message, help) = (format!("unknown holding state `{word}`"), did_you_mean(word, &known));
                self.report(&codes::UNKNOWN_STATE, message, help, ObservationField::State(account, index));
            }
        }
        if holdings.len() < 2 {
            return;
        }
        let mut first: BTreeMap<(&str, bool), usize> = BTreeMap::new();
        let is_direct = |holding: &Holding| holding.origin == HoldingOrigin::Direct && holding.state.is_held();
        for (index, holding) in holdings.iter().enumerate().filter(|(_, holding)| is_direct(holding)) {
            let Some(other) = first.insert((&holding.license, holding.trial), index) else { continue };
            let fields = [index, other].map(|index| ObservationField::License(account, index));
            let message = format!("duplicate holding of `{}`", holding.license);
            self.report_duplicate(&codes::DUPLICATE_HOLDING, message, fields[0], fields[1]);
        }
    }

    fn check_license(&mut self, license: &SmolStr, at: ObservationField) {
        if self.checked_licenses.get(license) == Some(&true) {
            return;
        }
        let mut is_valid = true;
        if let Err(error) = validate_name(license) {
            is_valid = false;
            self.report(&codes::INVALID_STATE_NAME, format!("the name of a license {error}"), None, at);
        } else if let Some(known) = self.rules.known_licenses()
            && !known.contains(license)
        {
            is_valid = false;
            let help = did_you_mean(license, known);
            self.report(&codes::UNKNOWN_LICENSE, format!("the vendor has no license `{license}`"), help, at);
        }
        self.checked_licenses.insert(license.clone(), is_valid);
    }
}
