//! The policy in force: what the manifest says, and the default where it says nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use smol_str::SmolStr;

use super::waiver::Waiver;
use crate::diagnostic::{Level, Source};
use crate::manifest::LicenseRule;
use crate::manifest::compiled_rule::CompiledRule;
use crate::model::{AgeLimits, Digest, FreezeWindow, LicenseRef, MonthlyBudget, PeopleSet};

/// A limit over several plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RollingWindow {
    /// How many days are looked back, the day of the plan included.
    pub days: u32,
    /// At most so many people.
    pub count: u64,
}

/// How many people may be touched, for each license. `None` lifts a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangeLimit {
    /// At most this percentage of the license's holders.
    pub percent: Option<u32>,
    /// At most so many people.
    pub count: Option<u64>,
    /// Up to so many people the percentage does not matter.
    pub floor: u64,
    /// At most so many people over several plans.
    pub window: Option<RollingWindow>,
}

/// What is said of what ends soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExpiryPolicy {
    /// How many days before the end.
    pub days: u32,
    /// How much weight it has.
    pub level: Level,
}

/// Fields that an assignment entry must have, each with its weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RequiredFields {
    /// Why it is there.
    pub reason: Option<Level>,
    /// From when on it does not count.
    pub expires: Option<Level>,
}

impl RequiredFields {
    /// What both require, each field with the stricter of two weights.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        Self { reason: self.reason.max(other.reason), expires: self.expires.max(other.expires) }
    }
}

/// Licenses that nobody is to hold together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LicenseExclusion {
    /// The licenses.
    pub licenses: Vec<LicenseRef>,
    /// How much weight it has.
    pub level: Level,
    /// Where it is written.
    #[serde(skip)]
    pub source: Option<Source>,
}

/// A license that is of no use without another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LicenseRequirement {
    /// The license.
    pub license: LicenseRef,
    /// Licenses of which its holders must have one.
    pub one_of: Vec<LicenseRef>,
    /// How much weight it has.
    pub level: Level,
    /// Where it is written.
    #[serde(skip)]
    pub source: Option<Source>,
}

/// A group for which something is stricter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TeamPolicy {
    /// The group's name.
    pub name: SmolStr,
    /// Its members.
    pub people: PeopleSet,
    /// The organization's layer, tightened.
    pub layer: PolicyLayer,
}

/// What may be set for the organization, and tightened for a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyLayer {
    /// People who give up a seat without a replacement.
    pub losses: ChangeLimit,
    /// All changes.
    pub changes: ChangeLimit,
    /// What happens to a change that destroys data which nobody acknowledged.
    pub data_loss: Level,
    /// What is said of licenses and acknowledgements that end soon.
    pub expiring: ExpiryPolicy,
    /// What happens when nobody holds a license after the plan.
    pub last_holder: Level,
    /// What happens when a pool lacks seats.
    pub seats: Level,
    /// How old a plan and its observations may be when it is applied.
    #[serde(skip_serializing_if = "AgeLimits::is_empty")]
    pub age: AgeLimits,
    /// What seats may cost a month, by currency; at a tenant what its own seats may cost.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub budget: BTreeMap<SmolStr, MonthlyBudget>,
    /// Fields that an assignment entry must have.
    pub require: RequiredFields,
}

impl Default for PolicyLayer {
    fn default() -> Self {
        Self {
            losses: ChangeLimit {
                percent: Some(25),
                count: Some(50),
                floor: 5,
                window: Some(RollingWindow { days: 7, count: 100 }),
            },
            changes: ChangeLimit::default(),
            data_loss: Level::Deny,
            expiring: ExpiryPolicy { days: 30, level: Level::Warn },
            last_holder: Level::Warn,
            seats: Level::Warn,
            age: AgeLimits::default(),
            budget: BTreeMap::new(),
            require: RequiredFields::default(),
        }
    }
}

/// A rule of the policy's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomRule {
    /// The rule, compiled.
    #[serde(flatten)]
    pub rule: Arc<CompiledRule>,
    /// Where it is written.
    #[serde(skip)]
    pub source: Source,
}

/// The policy in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// What holds everywhere.
    pub organization: PolicyLayer,
    /// What holds at a tenant: the organization's layer, tightened.
    pub tenants: BTreeMap<SmolStr, PolicyLayer>,
    /// Rules of its own, by name.
    pub rules: Vec<CustomRule>,
    /// Times in which nothing is changed, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<FreezeWindow>,
    /// What holds for groups, by name.
    pub teams: Vec<TeamPolicy>,
    /// Whom no plan may take a license from.
    pub protect: PeopleSet,
    /// Who may approve.
    pub approvers: PeopleSet,
    /// Licenses that exclude each other.
    pub exclude: Vec<LicenseExclusion>,
    /// Licenses that are allowed or denied to some people.
    pub licenses: Vec<Arc<LicenseRule>>,
    /// Licenses that need each other.
    pub need: Vec<LicenseRequirement>,
    /// Dated exceptions.
    pub waivers: Vec<Waiver>,
}

impl Policy {
    /// What holds at a tenant.
    pub fn layer_of(&self, tenant: &str) -> &PolicyLayer {
        self.tenants.get(tenant).unwrap_or(&self.organization)
    }

    /// Who may approve findings of that rule.
    pub fn approvers_for_rule(&self, rule: &str) -> &PeopleSet {
        let custom = self.rules.iter().find(|custom| custom.rule.name == rule);
        custom.and_then(|custom| custom.rule.approvers.as_ref()).unwrap_or(&self.approvers)
    }

    /// The key of somebody who may approve findings of that rule; without a rule, of any. A rule that names approvers of
    /// its own is approved by nobody else.
    pub fn approver_key(&self, rule: Option<&str>, address: &str) -> Option<SmolStr> {
        let key = match rule {
            Some(rule) => self.approvers_for_rule(rule).find_by_own_name(address),
            None => {
                let of_rules = self.rules.iter().filter_map(|custom| custom.rule.approvers.as_ref());
                [&self.approvers].into_iter().chain(of_rules).find_map(|people| people.find_by_own_name(address))
            }
        };
        key.cloned()
    }

    /// The most days that a rolling window looks back, if there is one.
    pub fn longest_window_days(&self) -> Option<u32> {
        let layers = self.tenants.values().chain([&self.organization]);
        layers.flat_map(|layer| [layer.losses.window, layer.changes.window]).flatten().map(|window| window.days).max()
    }

    /// The digest of the policy with its waivers, wherever they are written and in whatever order.
    ///
    /// # Errors
    /// Never in practice: all of it has a JSON form.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        // Lists mean the same in any order; what they hold decides it.
        fn sorted<T: Serialize + Clone>(list: &[T]) -> Vec<T> {
            let mut sorted = list.to_vec();
            sorted.sort_by_cached_key(|item| serde_json::to_string(item).unwrap_or_default());
            sorted
        }
        Digest::of_json(&Self {
            waivers: sorted(&self.waivers),
            exclude: sorted(&self.exclude),
            need: sorted(&self.need),
            licenses: sorted(&self.licenses),
            ..self.clone()
        })
    }
}
