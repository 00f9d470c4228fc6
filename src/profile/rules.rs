//! The rules of one tenant: the vendor's profile combined with the tenant's settings.
//!
//! The planner, the validators, the executor and the simulator use them, so that they cannot disagree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use smol_str::SmolStr;

use super::definition::{
    CancelRule, Cardinality, ClosedPoolRule, EffectTiming, ForeignAccountHint, LicenseCatalog, Profile,
};
use crate::model::{AccountOrigin, AdapterSettings, ChangeKind, HoldingState, RateLimit, TenantSettings};

/// A family of licenses. Licenses of the same exclusive family exclude each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// A family of which a person holds one license.
    Exclusive(u16),
    /// A license that is independent of all others.
    Single(SmolStr),
}

impl Family {
    /// Returns whether its licenses exclude each other.
    pub fn is_exclusive(&self) -> bool {
        matches!(self, Self::Exclusive(_))
    }
}

/// Why a rule forbids something, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleViolation {
    /// One sentence in lower case.
    pub message: String,
    /// What to do instead.
    pub help: String,
}

/// A `vendor` without a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVendor(pub SmolStr);

impl fmt::Display for UnknownVendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown vendor `{}`", self.0)
    }
}

impl std::error::Error for UnknownVendor {}

/// The rules of one tenant.
#[derive(Clone, Debug)]
pub struct Rules {
    profile: &'static Profile,
    change: ChangeKind,
    known_licenses: Option<Vec<SmolStr>>,
    /// The families from the tenant's settings, by license.
    tenant_families: BTreeMap<SmolStr, u16>,
    add_ons: BTreeSet<SmolStr>,
    floor: Option<(Family, SmolStr)>,
    loses_main: Vec<String>,
    loses_add_on: Vec<String>,
    keeps: Vec<String>,
    follow_ups: Vec<String>,
}

impl Rules {
    /// Returns the rules of a tenant.
    ///
    /// # Errors
    /// If no profile has the vendor's name.
    pub fn resolve(settings: &TenantSettings) -> Result<Self, UnknownVendor> {
        let profile = super::find(&settings.vendor).ok_or_else(|| UnknownVendor(settings.vendor.clone()))?;
        let stated = match profile.cardinality {
            Cardinality::TenantDefined => families_by_license(&settings.exclusive),
            Cardinality::One | Cardinality::OneMain | Cardinality::Set => BTreeMap::new(),
        };
        let change = match profile.cardinality {
            Cardinality::TenantDefined => settings.change.unwrap_or(profile.change),
            Cardinality::One | Cardinality::OneMain | Cardinality::Set => profile.change,
        };
        let add_ons = settings.pools.iter().filter(|(_, pool)| pool.add_on).map(|(name, _)| name.clone()).collect();
        let known_licenses = match profile.licenses {
            LicenseCatalog::Closed(names) => Some(names.iter().map(|name| SmolStr::new_static(name)).collect()),
            LicenseCatalog::Open(_) => None,
        };
        let mut rules = Self {
            profile,
            change,
            known_licenses,
            tenant_families: stated,
            add_ons,
            floor: None,
            loses_main: losses(profile, settings, true),
            loses_add_on: losses(profile, settings, false),
            keeps: owned(profile.removal.keeps),
            follow_ups: owned(profile.follow_ups),
        };
        let floor = match profile.cardinality {
            Cardinality::TenantDefined => settings.floor.clone(),
            Cardinality::One | Cardinality::OneMain | Cardinality::Set => profile.floor.map(SmolStr::new_static),
        };
        // A floor outside an exclusive family has no effect; validation reports it.
        rules.floor = floor.map(|name| (rules.family(&name), name)).filter(|(family, _)| family.is_exclusive());
        Ok(rules)
    }

    /// Returns the profile.
    pub fn profile(&self) -> &'static Profile {
        self.profile
    }

    /// Returns the family of a license.
    pub fn family(&self, license: &str) -> Family {
        let exclusive = match self.profile.cardinality {
            Cardinality::One => Some(0),
            Cardinality::OneMain if self.add_ons.contains(license) => None,
            Cardinality::OneMain => Some(0),
            Cardinality::Set => None,
            Cardinality::TenantDefined => self.tenant_families.get(license).copied(),
        };
        exclusive.map_or_else(|| Family::Single(SmolStr::new(license)), Family::Exclusive)
    }

    /// Returns whether a derived license, such as a phone number, never excludes a main license.
    pub fn derived_is_independent(&self) -> bool {
        self.profile.cardinality == Cardinality::OneMain
    }

    /// Returns how a person moves within the family.
    pub fn change(&self, _: &Family) -> ChangeKind {
        self.change
    }

    /// Returns the floor license of the family.
    pub fn floor(&self, family: &Family) -> Option<&SmolStr> {
        self.floor.as_ref().filter(|(of, _)| of == family).map(|(_, name)| name)
    }

    /// Returns whether the license is a floor license, which is unlimited.
    pub fn is_floor(&self, license: &str) -> bool {
        self.floor.as_ref().is_some_and(|(_, name)| name == license)
    }

    /// Returns all licenses of the vendor, if the set is closed.
    pub fn known_licenses(&self) -> Option<&[SmolStr]> {
        self.known_licenses.as_deref()
    }

    /// Returns why a holder of a license, or of a trial, can never get `to`.
    pub fn forbidden_transition(&self, _from: &str, trial: bool, to: &str) -> Option<RuleViolation> {
        let forbidden =
            self.profile.forbidden.iter().find(|forbidden| forbidden.trial == trial && forbidden.to == to)?;
        Some(RuleViolation { message: forbidden.message.to_owned(), help: forbidden.help.to_owned() })
    }

    /// Returns whether a pending request can be cancelled; `from` is the license that the person holds, and whether it is
    /// a trial.
    pub fn can_cancel(&self, pending: &str, from: Option<(&str, bool)>) -> bool {
        match self.profile.cancel {
            CancelRule::Never => false,
            CancelRule::Always => true,
            CancelRule::Upgrade { from: sources, to } => {
                to.contains(&pending) && from.is_none_or(|(license, trial)| trial || sources.contains(&license))
            }
        }
    }

    /// Returns the data that a removal of the license destroys.
    pub fn loses(&self, license: &str) -> &[String] {
        if self.is_main(license) { &self.loses_main } else { &self.loses_add_on }
    }

    /// Returns the data that a removal of the license keeps, if it destroys other data.
    pub fn keeps(&self, license: &str) -> &[String] {
        if self.loses(license).is_empty() { &[] } else { &self.keeps }
    }

    /// Returns the manual steps after the license is assigned.
    pub fn follow_ups(&self, license: &str) -> &[String] {
        if self.is_main(license) { &self.follow_ups } else { &[] }
    }

    /// Returns whether a removal within the family deletes the account's memberships.
    pub fn takes_memberships(&self, family: &Family) -> bool {
        self.profile.removal.takes_memberships
            && family.is_exclusive()
            && self.change(family) == ChangeKind::RemoveThenAssign
    }

    /// Returns whether the vendor bills a freed seat until asked to stop.
    pub fn can_release_seats(&self) -> bool {
        self.profile.removal.release.is_some()
    }

    /// Returns whether seats of an expired or inactive pool cannot be removed.
    pub fn closed_pool_blocks_removals(&self) -> bool {
        self.profile.closed_pool == ClosedPoolRule::RefusesChanges
    }

    /// Returns whether the vendor silently assigns the floor license instead of an expired one.
    pub fn downgrades_expired(&self) -> bool {
        self.profile.closed_pool == ClosedPoolRule::GivesFloor
    }

    /// Returns whether a request takes effect some time after it is accepted.
    pub fn takes_effect_later(&self) -> bool {
        self.profile.effect == EffectTiming::Later
    }

    /// Returns why an account of that origin cannot be changed, and what to do instead.
    pub fn foreign_account_violation(&self, origin: &AccountOrigin) -> Option<RuleViolation> {
        let violation = |hint: &ForeignAccountHint, group: &str| RuleViolation {
            message: hint.message.replace("{group}", group),
            help: hint.help.to_owned(),
        };
        match origin {
            AccountOrigin::Managed => None,
            AccountOrigin::VendorLocal => Some(violation(&self.profile.foreign_accounts.local, "")),
            AccountOrigin::Group(group) => Some(violation(&self.profile.foreign_accounts.group, group)),
        }
    }

    /// Returns the number of operations in flight: the tenant's setting, from one to the vendor's maximum.
    pub fn concurrency(&self, settings: &TenantSettings) -> u32 {
        let limits = &self.profile.concurrency;
        settings.concurrency.unwrap_or(limits.default).clamp(1, limits.max)
    }

    /// Returns the rate limits of the vendor and of the tenant, all of which apply.
    pub fn rates(&self, settings: &TenantSettings) -> Vec<RateLimit> {
        let vendor_limits: &[RateLimit] = match settings.adapter {
            AdapterSettings::Api(_) | AdapterSettings::Exec(_) | AdapterSettings::Bridge(_) => self.profile.rate_limits,
            // Neither a file nor a person is an API.
            AdapterSettings::File { .. } | AdapterSettings::Runbook(_) => &[],
        };
        vendor_limits.iter().chain(&settings.rates).copied().collect()
    }

    /// Translates the vendor's spelling of a state. Returns false if the profile does not know it.
    pub fn normalize_state(&self, state: &mut HoldingState) -> bool {
        let HoldingState::Other(spelling) = state else { return true };
        let Some((_, known)) = self.profile.states.iter().find(|(word, _)| word == spelling) else { return false };
        *state = known.clone();
        true
    }

    /// Returns whether it is a main license, not an add-on.
    fn is_main(&self, license: &str) -> bool {
        self.profile.cardinality != Cardinality::OneMain || !self.add_ons.contains(license)
    }
}

/// Returns the index of the `exclusive` list of each license. A license in two lists belongs to the first.
fn families_by_license(lists: &[Vec<SmolStr>]) -> BTreeMap<SmolStr, u16> {
    let mut families = BTreeMap::new();
    for (number, list) in (0..=u16::MAX).zip(lists) {
        for license in list {
            families.entry(license.clone()).or_insert(number);
        }
    }
    families
}

/// Returns the data that a removal destroys: the profile's, then the tenant's.
fn losses(profile: &Profile, settings: &TenantSettings, main: bool) -> Vec<String> {
    let mut all: Vec<String> =
        profile.removal.loses.iter().filter(|loss| main || !loss.main_only).map(|loss| loss.what.to_owned()).collect();
    for loss in &settings.loses {
        if !all.contains(loss) {
            all.push(loss.clone());
        }
    }
    all
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
