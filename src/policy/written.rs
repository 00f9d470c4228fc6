//! From the policy as written to the policy in force: the default, and what the manifest says instead.

use super::custom::CustomRule;
use super::settings::{Limit, Policy, Window};
use super::waiver::{Scope, Waiver};
use crate::diagnostic::Level;
use crate::manifest::Loaded;
use crate::manifest::schema::{LevelWord, LimitEntry};
use crate::manifest::yaml::{At, Part};

impl Policy {
    /// The policy in force for a manifest.
    pub fn of(loaded: &Loaded) -> Self {
        let mut policy = Self::default();
        let layer = &mut policy.organization;
        let written = &loaded.policy;
        if let Some(limits) = &written.limits {
            layer.losses = limit(layer.losses, limits.value.losses.value());
            layer.changes = limit(layer.changes, limits.value.changes.value());
        }
        let set = |level: &mut Level, written: &Option<At<LevelWord>>| {
            if let Some(word) = written {
                *level = word.value.level();
            }
        };
        set(&mut layer.data_loss, &written.data_loss);
        set(&mut layer.last_holder, &written.last_holder);
        set(&mut layer.seats, &written.seats);
        if let Some(expiring) = &written.expiring {
            layer.expiring.days = expiring.value.days.value().copied().unwrap_or(layer.expiring.days);
            layer.expiring.level = expiring.value.level.value().map_or(layer.expiring.level, |word| word.level());
        }
        layer.budget.clone_from(&written.budget);
        policy.freeze.clone_from(&written.freeze);
        let waivers = loaded.waivers.iter().map(|waiver| Waiver {
            rule: waiver.rule.value.clone(),
            scope: Scope {
                tenant: waiver.tenant.as_ref().map(|tenant| tenant.value.clone()),
                license: waiver.license.as_ref().map(|license| license.value.to_string().into()),
                people: waiver.people.clone(),
            },
            count: waiver.count,
            owner: waiver.owner.clone(),
            reason: waiver.reason.clone(),
            until: waiver.until,
            source: Some(loaded.files.source(waiver.source)),
        });
        policy.waivers = waivers.collect();
        let rules = written.rules.iter();
        policy.rules =
            rules.map(|rule| CustomRule { rule: rule.clone(), source: loaded.files.source(rule.source) }).collect();
        policy.rules.sort_by(|a, b| a.rule.name.cmp(&b.rule.name));
        policy
    }
}

/// A limit as written, on top of the default one.
fn limit(default: Limit, written: Option<&LimitEntry>) -> Limit {
    let Some(written) = written else { return default };
    Limit {
        percent: part(default.percent, &written.percent, |percent| *percent),
        count: part(default.count, &written.count, |count| *count),
        // Without a floor the percentage always matters.
        floor: part(Some(default.floor), &written.floor, |floor| *floor).unwrap_or(0),
        window: part(default.window, &written.window, |window| {
            let days = window.days.value().copied();
            let count = window.count.value().copied();
            // What did not fit was reported, and nothing is planned then.
            Window { days: days.unwrap_or(0), count: count.unwrap_or(0) }
        }),
    }
}

fn part<T, U>(default: Option<U>, written: &Part<T>, read: impl Fn(&T) -> U) -> Option<U> {
    match written {
        Part::Default => default,
        Part::Lifted => None,
        Part::Set(At { value, .. }) => Some(read(value)),
    }
}
