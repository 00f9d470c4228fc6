//! The policy and the waivers as they are written, with dates read; what they mean is the policy's business.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use smol_str::SmolStr;

use super::compiled_rule::CompiledRule;
use super::schema::{ExpiringEntry, LayerEntry, LevelEntry, LimitsEntry, RequireEntry};
use super::yaml::Located;
use crate::diagnostic::{Level, Location};
use crate::expression::Expression;
use crate::model::{Age, FreezeWindow, LicenseRef, MonthlyBudget, People, PeopleSet};

/// What `policy` says, over all files; what is missing is as the default policy says.
#[derive(Clone, Debug, Default)]
pub struct DeclaredPolicy {
    /// How many people may be touched.
    pub limits: Option<Located<LimitsEntry>>,
    /// Whom no plan may take a license from.
    pub protect: Option<Located<PeopleSet>>,
    /// What happens to destroyed data that nobody acknowledged.
    pub data_loss: Option<Located<LevelEntry>>,
    /// What happens when nobody holds a license after the plan.
    pub last_holder: Option<Located<LevelEntry>>,
    /// What happens when a pool lacks seats.
    pub seats: Option<Located<LevelEntry>>,
    /// What to say of what ends soon.
    pub expiring: Option<Located<ExpiringEntry>>,
    /// How old a plan and its observations may be.
    pub age: DeclaredAges,
    /// The same at a tenant.
    pub tenant_ages: BTreeMap<SmolStr, DeclaredAges>,
    /// Rules of its own, in the order of files and lines.
    pub rules: Vec<Arc<CompiledRule>>,
    /// What the seats of a tenant may cost a month, by currency.
    pub tenant_budgets: BTreeMap<SmolStr, BTreeMap<SmolStr, MonthlyBudget>>,
    /// What seats may cost a month, by currency.
    pub budget: BTreeMap<SmolStr, MonthlyBudget>,
    /// Times in which nothing is changed, by name.
    pub freeze: Vec<FreezeWindow>,
    /// Fields that an entry must have.
    pub require: Option<Located<RequireEntry>>,
    /// Who may approve.
    pub approvers: Option<PeopleSet>,
    /// Licenses that exclude each other.
    pub exclude: Vec<DeclaredExclusion>,
    /// Licenses that are allowed or denied to some people.
    pub licenses: Vec<Arc<LicenseRule>>,
    /// Licenses that need each other.
    pub need: Vec<DeclaredRequirement>,
    /// What is stricter at a tenant.
    pub tenants: BTreeMap<SmolStr, Located<LayerEntry>>,
    /// What is stricter for a team.
    pub teams: Vec<DeclaredTeam>,
}

/// How old a plan and its observations may be; what is missing may be of any age.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeclaredAges {
    /// The plan.
    pub plan: Option<Located<Age>>,
    /// The observations.
    pub observations: Option<Located<Age>>,
}

/// Licenses that nobody is to hold together.
#[derive(Clone, Debug)]
pub struct DeclaredExclusion {
    /// The licenses.
    pub licenses: Vec<LicenseRef>,
    /// How much weight it has.
    pub level: Option<LevelEntry>,
    /// Where it is written.
    pub source: Location,
}

/// Licenses that are allowed or denied to people with certain attributes. Its JSON form is a part of the policy's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LicenseRule {
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

impl LicenseRule {
    /// Whether the people whom it is about may have a license.
    pub fn is_allowed(&self, tenant: &str, license: &str) -> bool {
        let is = |own: &LicenseRef| own.tenant == tenant && (own.license == "*" || own.license == license);
        self.allow.as_ref().is_none_or(|allow| allow.iter().any(is)) && !self.deny.iter().any(is)
    }
}

/// A license that is of no use without another one.
#[derive(Clone, Debug)]
pub struct DeclaredRequirement {
    /// The license.
    pub license: LicenseRef,
    /// Licenses of which its holders must have one.
    pub one_of: Vec<LicenseRef>,
    /// How much weight it has.
    pub level: Option<LevelEntry>,
    /// Where it is written.
    pub source: Location,
}

/// A group for which something is stricter.
#[derive(Clone, Debug)]
pub struct DeclaredTeam {
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
pub struct DeclaredApproval {
    /// The digests of the findings.
    pub findings: Vec<SmolStr>,
    /// Who says so.
    pub by: SmolStr,
    /// The last day on which it counts.
    pub until: Date,
    /// Where it is written.
    pub source: Location,
}

impl DeclaredPolicy {
    /// Lets what tightens see the names that those people have; see [`PeopleSet::widen`].
    pub(super) fn widen(&mut self, people: &People) {
        if let Some(protect) = &mut self.protect {
            protect.value.add_names_from(people);
        }
        for team in &mut self.teams {
            team.people.add_names_from(people);
        }
    }
}

/// A dated exception from a rule of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredWaiver {
    /// The rule, such as `losses`.
    pub rule: Located<SmolStr>,
    /// The license it is for; all where it is missing.
    pub license: Option<Located<LicenseRef>>,
    /// The tenant it is for; all where it is missing.
    pub tenant: Option<Located<SmolStr>>,
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
pub struct OwnershipRule {
    /// Paths as in CODEOWNERS, each where it is written.
    pub paths: Vec<Located<SmolStr>>,
    /// Tenants.
    pub tenants: Vec<SmolStr>,
    /// Licenses.
    pub licenses: Vec<LicenseRef>,
    /// Users, teams and addresses.
    pub owners: Vec<SmolStr>,
    /// Where it is written.
    pub source: Location,
}
