//! The policy and the waivers as they are written, with dates read; what they mean is the policy's business.

use jiff::civil::Date;
use smol_str::SmolStr;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::rule::Rule;
use super::schema::{Expiring, LevelWord, LimitsEntry};
use super::yaml::At;
use crate::diagnostic::Location;
use crate::model::{Budget, Freeze, LicenseRef, People, PeopleSet};

/// What `policy` says, over all files; what is missing is as the default policy says.
#[derive(Clone, Debug, Default)]
pub struct PolicySettings {
    /// How many people may be touched.
    pub limits: Option<At<LimitsEntry>>,
    /// Whom no plan may take a license from.
    pub protect: Option<At<PeopleSet>>,
    /// What happens to destroyed data that nobody acknowledged.
    pub data_loss: Option<At<LevelWord>>,
    /// What happens when nobody holds a license after the plan.
    pub last_holder: Option<At<LevelWord>>,
    /// What happens when a pool lacks seats.
    pub seats: Option<At<LevelWord>>,
    /// What to say of what ends soon.
    pub expiring: Option<At<Expiring>>,
    /// Rules of its own, in the order of files and lines.
    pub rules: Vec<Arc<Rule>>,
    /// What seats may cost a month, by currency.
    pub budget: BTreeMap<SmolStr, Budget>,
    /// Times in which nothing is changed, by name.
    pub freeze: Vec<Freeze>,
}

impl PolicySettings {
    /// Lets what tightens see the names that those people have; see [`PeopleSet::widen`].
    pub(super) fn widen(&mut self, people: &People) {
        if let Some(protect) = &mut self.protect {
            protect.value.widen(people);
        }
    }
}

/// A dated exception from a rule of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule, such as `losses`.
    pub rule: At<SmolStr>,
    /// The license it is for; all where it is missing.
    pub license: Option<At<LicenseRef>>,
    /// The tenant it is for; all where it is missing.
    pub tenant: Option<At<SmolStr>>,
    /// The people it is for, by all their names; everybody where it is missing.
    pub people: Option<BTreeSet<SmolStr>>,
    /// How many people may be touched instead; no limit where it is missing.
    pub count: Option<u64>,
    /// Who answers for it.
    pub owner: SmolStr,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Date,
    /// Where it is written.
    pub source: Location,
}
