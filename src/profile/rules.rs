//! The rules in force at one tenant: the vendor's profile together with what the manifest says of the tenant.
//!
//! The planner, the validators, the executor and the simulator ask here, and so no two of them can disagree.
//! What must hold: no vendor's name; every answer is a function of the profile and the settings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use smol_str::SmolStr;

use super::profile::{
    CancelRule, Cardinality, ClosedPoolRule, EffectTiming, ForeignAccountHint, LicenseCatalog, Profile,
};
use crate::model::{AccountOrigin, AdapterSettings, ChangeKind, HoldingState, RateLimit, TenantSettings};

/// Licenses of an equal family exclude each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// One of the tenant's families of which a person holds one license.
    Exclusive(u16),
    /// A license that is held beside all others.
    Single(SmolStr),
}

impl Family {
    /// Whether its licenses exclude each other.
    pub fn is_exclusive(&self) -> bool {
        matches!(self, Self::Exclusive(_))
    }
}

/// Why something cannot be done, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleViolation {
    /// One sentence in lower case.
    pub message: String,
    /// What to do instead.
    pub help: String,
}

/// A manifest's `vendor` that no profile has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVendor(pub SmolStr);

impl fmt::Display for UnknownVendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown vendor `{}`", self.0)
    }
}

impl std::error::Error for UnknownVendor {}

/// The rules in force at one tenant.
#[derive(Clone, Debug)]
pub struct Rules {
    profile: &'static Profile,
    change: ChangeKind,
    known: Option<Vec<SmolStr>>,
    /// The families that the tenant states, by license.
    tenant_families: BTreeMap<SmolStr, u16>,
    add_ons: BTreeSet<SmolStr>,
    floor: Option<(Family, SmolStr)>,
    loses_main: Vec<String>,
    loses_add_on: Vec<String>,
    keeps: Vec<String>,
    follow_ups: Vec<String>,
}

impl Rules {
    /// The rules of that tenant.
    ///
    /// # Errors
    /// When no profile has the vendor's name; [`names`](super::names) lists those that there are.
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
        let known = match profile.licenses {
            LicenseCatalog::Closed(names) => Some(names.iter().map(|name| SmolStr::new_static(name)).collect()),
            LicenseCatalog::Open(_) => None,
        };
        let mut rules = Self {
            profile,
            change,
            known,
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
        // A floor that excludes nothing is nothing to fall back to; the manifest's check says so.
        rules.floor = floor.map(|name| (rules.family(&name), name)).filter(|(family, _)| family.is_exclusive());
        Ok(rules)
    }

    /// The profile behind the rules.
    pub fn profile(&self) -> &'static Profile {
        self.profile
    }

    /// The family of a license: those of an equal family exclude each other.
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

    /// Whether what follows something else, such as a phone number, never stands in the way of a main license.
    pub fn derived_is_independent(&self) -> bool {
        self.profile.cardinality == Cardinality::OneMain
    }

    /// How a person moves within the family.
    pub fn change(&self, _: &Family) -> ChangeKind {
        self.change
    }

    /// The license that everybody in the family falls back to.
    pub fn floor(&self, family: &Family) -> Option<&SmolStr> {
        self.floor.as_ref().filter(|(of, _)| of == family).map(|(_, name)| name)
    }

    /// Whether it is a floor license: unlimited, so that its pool is never counted.
    pub fn is_floor(&self, license: &str) -> bool {
        self.floor.as_ref().is_some_and(|(_, name)| name == license)
    }

    /// All licenses of the vendor, where the set is closed.
    pub fn known_licenses(&self) -> Option<&[SmolStr]> {
        self.known.as_deref()
    }

    /// Why a holder of `from` (of a trial of it, where `trial` is set) can never get `to`.
    pub fn forbidden_transition(&self, _from: &str, trial: bool, to: &str) -> Option<RuleViolation> {
        let forbidden =
            self.profile.forbidden.iter().find(|forbidden| forbidden.trial == trial && forbidden.to == to)?;
        Some(RuleViolation { message: forbidden.message.to_owned(), help: forbidden.help.to_owned() })
    }

    /// Whether a pending request can be taken back; `from` is what the person holds beside it, and whether that is a
    /// trial.
    pub fn can_cancel(&self, pending: &str, from: Option<(&str, bool)>) -> bool {
        match self.profile.cancel {
            CancelRule::Never => false,
            CancelRule::Always => true,
            CancelRule::Upgrade { from: sources, to } => {
                to.contains(&pending) && from.is_none_or(|(license, trial)| trial || sources.contains(&license))
            }
        }
    }

    /// What a removal of that license destroys.
    pub fn loses(&self, license: &str) -> &[String] {
        if self.is_main(license) { &self.loses_main } else { &self.loses_add_on }
    }

    /// What stays at a removal of that license although one might fear for it.
    pub fn keeps(&self, license: &str) -> &[String] {
        // Where nothing is destroyed, nobody fears.
        if self.loses(license).is_empty() { &[] } else { &self.keeps }
    }

    /// What people should do after an assign of that license.
    pub fn follow_ups(&self, license: &str) -> &[String] {
        if self.is_main(license) { &self.follow_ups } else { &[] }
    }

    /// Whether a removal within the family takes the account's memberships along.
    pub fn takes_memberships(&self, family: &Family) -> bool {
        self.profile.removal.takes_memberships
            && family.is_exclusive()
            && self.change(family) == ChangeKind::RemoveThenAssign
    }

    /// Whether the bill for a freed seat goes on until somebody asks the vendor to stop it.
    pub fn can_release_seats(&self) -> bool {
        self.profile.removal.release.is_some()
    }

    /// Whether nobody can even give up a seat of an expired or switched-off pool.
    pub fn closed_pool_blocks_removals(&self) -> bool {
        self.profile.closed_pool == ClosedPoolRule::RefusesChanges
    }

    /// Whether who asks for an expired license silently gets the floor license.
    pub fn downgrades_expired(&self) -> bool {
        self.profile.closed_pool == ClosedPoolRule::GivesFloor
    }

    /// Whether a request takes effect some time after the answer.
    pub fn takes_effect_later(&self) -> bool {
        self.profile.effect == EffectTiming::Later
    }

    /// Why an account of that origin cannot be changed here, and what to do instead.
    pub fn foreign_account_violation(&self, origin: &AccountOrigin) -> Option<RuleViolation> {
        let say = |words: &ForeignAccountHint, group: &str| RuleViolation {
            message: words.message.replace("{group}", group),
            help: words.help.to_owned(),
        };
        match origin {
            AccountOrigin::Managed => None,
            AccountOrigin::VendorLocal => Some(say(&self.profile.foreign_accounts.local, "")),
            AccountOrigin::Group(group) => Some(say(&self.profile.foreign_accounts.group, group)),
        }
    }

    /// Operations in flight at that tenant: what it says, at least one and at most what the vendor bears.
    pub fn concurrency(&self, settings: &TenantSettings) -> u32 {
        let limits = &self.profile.concurrency;
        settings.concurrency.unwrap_or(limits.default).clamp(1, limits.max)
    }

    /// How often that tenant may be asked: what the vendor's interface bears, and what the tenant says. Each of them
    /// holds, and so a tenant can only narrow it.
    pub fn rates(&self, settings: &TenantSettings) -> Vec<RateLimit> {
        let own: &[RateLimit] = match settings.adapter {
            AdapterSettings::Api(_) | AdapterSettings::Exec(_) | AdapterSettings::Bridge(_) => self.profile.rate_limits,
            // A file is no interface, and people have a pace of their own.
            AdapterSettings::File { .. } | AdapterSettings::Runbook(_) => &[],
        };
        own.iter().chain(&settings.rates).copied().collect()
    }

    /// Translates a vendor's own spelling of a state; false where the profile does not know it.
    pub fn normalize_state(&self, state: &mut HoldingState) -> bool {
        let HoldingState::Other(spelling) = state else { return true };
        let Some((_, known)) = self.profile.states.iter().find(|(word, _)| word == spelling) else { return false };
        *state = known.clone();
        true
    }

    /// Whether the license is what the vendor's pages mean by a person's license, and not one beside it.
    fn is_main(&self, license: &str) -> bool {
        self.profile.cardinality != Cardinality::OneMain || !self.add_ons.contains(license)
    }
}

/// The lists of `exclusive`, by license; a license that stands in two of them belongs to the first.
fn families_by_license(lists: &[Vec<SmolStr>]) -> BTreeMap<SmolStr, u16> {
    let mut families = BTreeMap::new();
    for (number, list) in (0..=u16::MAX).zip(lists) {
        for license in list {
            families.entry(license.clone()).or_insert(number);
        }
    }
    families
}

/// What a removal destroys by the profile, then what the tenant adds.
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
