//! The policy and the waivers as they are written, with dates read; what they mean is the policy's business.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use smol_str::SmolStr;

use super::rule::Rule;
use super::schema::{Expiring, LayerEntry, LevelWord, LimitsEntry, RequireEntry};
use super::yaml::At;
use crate::diagnostic::{Level, Location};
use crate::expression::Expression;
use crate::model::{Age, Budget, Freeze, LicenseRef, People, PeopleSet};

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
    /// How old a plan and its observations may be.
    pub age: Ages,
    /// The same at a tenant.
    pub tenant_ages: BTreeMap<SmolStr, Ages>,
    /// Rules of its own, in the order of files and lines.
    pub rules: Vec<Arc<Rule>>,
    /// What the seats of a tenant may cost a month, by currency.
    pub tenant_budgets: BTreeMap<SmolStr, BTreeMap<SmolStr, Budget>>,
    /// What seats may cost a month, by currency.
    pub budget: BTreeMap<SmolStr, Budget>,
    /// Times in which nothing is changed, by name.
    pub freeze: Vec<Freeze>,
    /// Fields that an entry must have.
    pub require: Option<At<RequireEntry>>,
    /// Who may approve.
    pub approvers: Option<PeopleSet>,
    /// Licenses that exclude each other.
    pub exclude: Vec<Exclusion>,
    /// Licenses that are allowed or denied to some people.
    pub licenses: Vec<Arc<LicensesRule>>,
    /// Licenses that need each other.
    pub need: Vec<Need>,
    /// What is stricter at a tenant.
    pub tenants: BTreeMap<SmolStr, At<LayerEntry>>,
    /// What is stricter for a team.
    pub teams: Vec<Team>,
}

/// How old a plan and its observations may be; what is missing may be of any age.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ages {
    /// The plan.
    pub plan: Option<At<Age>>,
    /// The observations.
    pub observations: Option<At<Age>>,
}

/// Licenses that nobody is to hold together.
#[derive(Clone, Debug)]
pub struct Exclusion {
    /// The licenses.
    pub licenses: Vec<LicenseRef>,
    /// How much weight it has.
    pub level: Option<LevelWord>,
    /// Where it is written.
    pub source: Location,
}

/// Licenses that are allowed or denied to people with certain attributes. Its JSON form is a part of the policy's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LicensesRule {
    /// True for the people whom it is about.
    pub when: Expression,
    /// They get none but these; all where it is missing. The license `*` is all of its tenant.
    pub allow: Option<Vec<LicenseRef>>,
    /// They get none of these.
    pub deny: Vec<LicenseRef>,
    /// How much weight it has.
    pub level: Level,
    /// Where it is written.
    #[serde(skip)]
    pub source: Location,
}

impl LicensesRule {
    /// Whether the people whom it is about may have a license.
    pub fn allows(&self, tenant: &str, license: &str) -> bool {
        let is = |own: &LicenseRef| own.tenant == tenant && (own.license == "*" || own.license == license);
        self.allow.as_ref().is_none_or(|allow| allow.iter().any(is)) && !self.deny.iter().any(is)
    }
}

/// A license that is of no use without another one.
#[derive(Clone, Debug)]
pub struct Need {
    /// The license.
    pub license: LicenseRef,
    /// Licenses of which its holders must have one.
    pub one_of: Vec<LicenseRef>,
    /// How much weight it has.
    pub level: Option<LevelWord>,
    /// Where it is written.
    pub source: Location,
}

/// A group for which something is stricter.
#[derive(Clone, Debug)]
pub struct Team {
    /// The group's name.
    pub name: SmolStr,
    /// Its members.
    pub people: PeopleSet,
    /// What is stricter.
    pub layer: LayerEntry,
    /// Where it is written.
    pub source: Location,
}

/// Somebody looked at findings, and said yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The digests of the findings.
    pub findings: Vec<SmolStr>,
    /// Who says so.
    pub by: SmolStr,
    /// The last day on which it counts.
    pub until: Date,
    /// Where it is written.
    pub source: Location,
}

impl PolicySettings {
    /// Lets what tightens see the names that those people have; see [`PeopleSet::widen`].
    pub(super) fn widen(&mut self, people: &People) {
        if let Some(protect) = &mut self.protect {
            protect.value.widen(people);
        }
        for team in &mut self.teams {
            team.people.widen(people);
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
    /// The keys of the people it is for; everybody where it is missing.
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

/// Who has to look at changes of what.
#[derive(Clone, Debug)]
pub struct Ownership {
    /// Paths as in CODEOWNERS, each where it is written.
    pub paths: Vec<At<SmolStr>>,
    /// Tenants.
    pub tenants: Vec<SmolStr>,
    /// Licenses.
    pub licenses: Vec<LicenseRef>,
    /// Users, teams and addresses.
    pub owners: Vec<SmolStr>,
    /// Where it is written.
    pub source: Location,
}
