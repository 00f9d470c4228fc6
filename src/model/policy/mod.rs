//! The effective policy: the manifest's settings over the defaults, tightened per tenant and per team.

mod approval;
mod license_rules;
mod rule;
mod waiver;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use smol_str::SmolStr;

pub use approval::Approval;
pub use license_rules::{LicenseExclusion, LicenseRequirement, LicenseRule};
pub use rule::{BUILT_IN_RULE_NAMES, CustomRule, ExpectedResult, RuleCase, RuleTarget};
pub use waiver::{Waiver, WaiverScope};

use super::{AgeLimits, Digest, FreezeWindow, MonthlyBudget, People, PeopleSet};
use crate::diagnostic::Level;

/// A limit on the number of people over several plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RollingWindow {
    /// The number of days, including the day of the plan.
    pub days: u32,
    /// The maximum number of people.
    pub count: u64,
}

impl fmt::Display for RollingWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} within {} days", self.count, self.days)
    }
}

/// A limit on the number of affected people per license. `None` disables a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChangeLimit {
    /// The maximum percentage of the license's holders.
    pub percent: Option<u32>,
    /// The maximum number of people in one plan.
    pub count: Option<u64>,
    /// Up to this number of people, the percentage does not apply.
    pub floor: u64,
    /// The maximum number of people over several plans.
    pub window: Option<RollingWindow>,
}

/// When and how strictly to report licenses and acknowledgements that are about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExpiryPolicy {
    /// The number of days before the end.
    pub days: u32,
    /// The level of the finding.
    pub level: Level,
}

/// The fields that an assignment entry must have, each with the level of the finding if it is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RequiredFields {
    /// The entry's `reason`.
    pub reason: Option<Level>,
    /// The entry's `expires`.
    pub expires: Option<Level>,
}

impl RequiredFields {
    /// Returns the fields that either requires, each with the stricter level.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        Self { reason: self.reason.max(other.reason), expires: self.expires.max(other.expires) }
    }
}

/// Stricter settings for the members of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TeamPolicy {
    /// The group's name.
    pub name: SmolStr,
    /// The group's members.
    pub people: PeopleSet,
    /// The organization's settings, tightened.
    pub layer: PolicyLayer,
}

/// The settings of the organization, which tenants and teams can tighten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyLayer {
    /// The limit on people who lose a license without a replacement.
    pub losses: ChangeLimit,
    /// The limit on people affected by any change.
    pub changes: ChangeLimit,
    /// The level of unacknowledged data loss.
    pub data_loss: Level,
    /// Warnings about licenses and acknowledgements that are about to end.
    pub expiring: ExpiryPolicy,
    /// The level of a license that has no holder after the plan.
    pub last_holder: Level,
    /// The level of missing seats.
    pub seats: Level,
    /// The maximum age of a plan and its observations at apply time.
    #[serde(skip_serializing_if = "AgeLimits::is_empty")]
    pub age: AgeLimits,
    /// The monthly budget per currency: of all seats, or of the seats of one tenant.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub budget: BTreeMap<SmolStr, MonthlyBudget>,
    /// The fields that an assignment entry must have.
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

/// The effective policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// The settings that apply everywhere.
    pub organization: PolicyLayer,
    /// The organization's settings, tightened per tenant.
    pub tenants: BTreeMap<SmolStr, PolicyLayer>,
    /// Custom rules, by name.
    pub rules: Vec<CustomRule>,
    /// Freeze windows, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<FreezeWindow>,
    /// Stricter settings for groups, by name.
    pub teams: Vec<TeamPolicy>,
    /// People who must not lose a license.
    pub protect: PeopleSet,
    /// People who may approve findings.
    pub approvers: PeopleSet,
    /// Licenses that exclude each other.
    pub exclude: Vec<LicenseExclusion>,
    /// Licenses that are allowed or denied by attribute.
    pub licenses: Vec<LicenseRule>,
    /// Licenses that require another one.
    pub need: Vec<LicenseRequirement>,
    /// Dated exceptions.
    pub waivers: Vec<Waiver>,
}

impl Policy {
    /// Returns the settings that apply to a tenant.
    pub fn layer_of(&self, tenant: &str) -> &PolicyLayer {
        self.tenants.get(tenant).unwrap_or(&self.organization)
    }

    /// Returns the people who may approve findings of a rule: the rule's own approvers if it names any.
    pub fn approvers_for_rule(&self, rule: &str) -> &PeopleSet {
        let custom = self.rules.iter().find(|custom| custom.name == rule);
        custom.and_then(|custom| custom.approvers.as_ref()).unwrap_or(&self.approvers)
    }

    /// Returns the key of the person with that address who may approve findings of a rule, or of any rule if none is given.
    pub fn approver_key(&self, rule: Option<&str>, address: &str) -> Option<SmolStr> {
        let key = match rule {
            Some(rule) => self.approvers_for_rule(rule).find_by_own_name(address),
            None => {
                let of_rules = self.rules.iter().filter_map(|custom| custom.approvers.as_ref());
                [&self.approvers].into_iter().chain(of_rules).find_map(|people| people.find_by_own_name(address))
            }
        };
        key.cloned()
    }

    /// Returns the length of the longest rolling window in days.
    pub fn longest_window_days(&self) -> Option<u32> {
        let layers = self.tenants.values().chain([&self.organization]);
        layers.flat_map(|layer| [layer.losses.window, layer.changes.window]).flatten().map(|window| window.days).max()
    }

    /// Adds the names that another list of people has for the protected people and the members of teams.
    ///
    /// A manifest under review can add an alias to a person; the trusted policy still finds that person.
    pub(crate) fn add_names_from(&mut self, people: &People) {
        self.protect.add_names_from(people);
        for team in &mut self.teams {
            team.people.add_names_from(people);
        }
    }

    /// Returns the digest of the policy and its waivers, independent of files and order.
    ///
    /// # Errors
    /// Never in practice: every part has a JSON form.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
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
