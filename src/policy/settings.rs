//! The policy in force: what the manifest says, and the default where it says nothing.

use std::collections::BTreeMap;

use serde::Serialize;
use smol_str::SmolStr;

use super::custom::CustomRule;
use super::waiver::Waiver;
use crate::diagnostic::Level;
use crate::model::{Budget, Digest, Freeze};

/// A limit over several plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// How many days are looked back, the day of the plan included.
    pub days: u32,
    /// At most so many people.
    pub count: u64,
}

/// How many people may be touched, for each license. `None` lifts a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// At most this percentage of the license's holders.
    pub percent: Option<u32>,
    /// At most so many people.
    pub count: Option<u64>,
    /// Up to so many people the percentage does not matter.
    pub floor: u64,
    /// At most so many people over several plans.
    pub window: Option<Window>,
}

/// What is said of what ends soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Expiring {
    /// How many days before the end.
    pub days: u32,
    /// How much weight it has.
    pub level: Level,
}

/// What may be set for the organization, and tightened for a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// People who give up a seat without a replacement.
    pub losses: Limit,
    /// All changes.
    pub changes: Limit,
    /// What happens to a change that destroys data which nobody acknowledged.
    pub data_loss: Level,
    /// What is said of licenses and acknowledgements that end soon.
    pub expiring: Expiring,
    /// What happens when nobody holds a license after the plan.
    pub last_holder: Level,
    /// What happens when a pool lacks seats.
    pub seats: Level,
    /// What seats may cost a month, by currency; at a tenant what its own seats may cost.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub budget: BTreeMap<SmolStr, Budget>,
}

impl Default for Layer {
    fn default() -> Self {
        Self {
            losses: Limit {
                percent: Some(25),
                count: Some(50),
                floor: 5,
                window: Some(Window { days: 7, count: 100 }),
            },
            changes: Limit::default(),
            data_loss: Level::Deny,
            expiring: Expiring { days: 30, level: Level::Warn },
            last_holder: Level::Warn,
            seats: Level::Warn,
            budget: BTreeMap::new(),
        }
    }
}

/// The policy in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// What holds everywhere.
    pub organization: Layer,
    /// What holds at a tenant: the organization's layer, tightened.
    pub tenants: BTreeMap<SmolStr, Layer>,
    /// Rules of its own, by name.
    pub rules: Vec<CustomRule>,
    /// Times in which nothing is changed, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<Freeze>,
    /// Dated exceptions.
    pub waivers: Vec<Waiver>,
}

impl Policy {
    /// What holds at a tenant.
    pub fn at(&self, tenant: &str) -> &Layer {
        self.tenants.get(tenant).unwrap_or(&self.organization)
    }

    /// The digest of the policy with its waivers, wherever they are written and in whatever order.
    ///
    /// # Errors
    /// Never in practice: all of it has a JSON form.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        let mut waivers = self.waivers.clone();
        waivers.sort_by(|a, b| {
            let key = |waiver: &Waiver| {
                let Waiver { rule, scope, count, owner, reason, until, source: _ } = waiver.clone();
                (rule, scope, until, count, owner, reason)
            };
            key(a).cmp(&key(b))
        });
        Digest::of_json(&Self { waivers, ..self.clone() })
    }
}
