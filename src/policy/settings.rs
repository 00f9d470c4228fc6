//! The policy in force: what the manifest says, and the default where it says nothing.

use jiff::civil::Date;
use serde::Serialize;
use smol_str::SmolStr;

use crate::diagnostic::{Level, Source};
use crate::model::Digest;

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

/// A dated exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// The rule: `losses` or `changes`.
    pub rule: SmolStr,
    /// The license as `tenant/license`; `None` is every license.
    pub license: Option<SmolStr>,
    /// How many people may be touched instead; `None` is any number.
    pub count: Option<u64>,
    /// Who answers for it.
    pub owner: SmolStr,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Date,
    /// Where it is written.
    #[serde(skip)]
    pub source: Option<Source>,
}

/// The policy in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// People who give up a seat without a replacement.
    pub losses: Limit,
    /// All changes.
    pub changes: Limit,
    /// What happens to a change that destroys data which nobody acknowledged.
    pub data_loss: Level,
    /// How many days before the end something is said of licenses and acknowledgements.
    pub expiring_days: u32,
    /// How much weight that has.
    pub expiring: Level,
    /// Dated exceptions.
    pub waivers: Vec<Waiver>,
}

impl Default for Policy {
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
            expiring_days: 30,
            expiring: Level::Warn,
            waivers: Vec::new(),
        }
    }
}

impl Policy {
    /// The digest of the policy with its waivers, wherever they are written and in whatever order.
    ///
    /// # Errors
    /// Never in practice: all of it has a JSON form.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        let mut waivers = self.waivers.clone();
        waivers.sort_by(|a, b| {
            let key = |waiver: &Waiver| {
                (
                    waiver.rule.clone(),
                    waiver.license.clone(),
                    waiver.until,
                    waiver.count,
                    waiver.owner.clone(),
                    waiver.reason.clone(),
                )
            };
            key(a).cmp(&key(b))
        });
        Digest::of_json(&Self { waivers, ..self.clone() })
    }
}
