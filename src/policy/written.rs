//! From the policy as written to the policy in force: the default, and what the manifest says instead.

use super::settings::{Limit, Policy, Waiver, Window};
use crate::diagnostic::Level;
use crate::manifest::Loaded;
use crate::manifest::schema::{DataLoss, LevelWord, LimitEntry};
use crate::manifest::yaml::{At, Part};

impl Policy {
    /// The policy in force for a manifest.
    pub fn of(loaded: &Loaded) -> Self {
        let mut policy = Self::default();
        if let Some(limits) = &loaded.policy.limits {
            policy.losses = limit(policy.losses, limits.value.losses.value());
            policy.changes = limit(policy.changes, limits.value.changes.value());
        }
        if let Some(level) = &loaded.policy.data_loss {
            policy.data_loss = match level.value {
                DataLoss::Deny => Level::Deny,
                DataLoss::Approve => Level::Approve,
                DataLoss::Warn => Level::Warn,
            };
        }
        if let Some(expiring) = &loaded.policy.expiring {
            policy.expiring_days = expiring.value.days.value().copied().unwrap_or(policy.expiring_days);
            policy.expiring = match expiring.value.level.value() {
                None => policy.expiring,
                Some(LevelWord::Deny) => Level::Deny,
                Some(LevelWord::Approve) => Level::Approve,
                Some(LevelWord::Warn) => Level::Warn,
            };
        }
        let waivers = loaded.waivers.iter().map(|waiver| Waiver {
            rule: waiver.rule.value.clone(),
            license: waiver.license.as_ref().map(|license| license.value.to_string().into()),
            count: waiver.count,
            owner: waiver.owner.clone(),
            reason: waiver.reason.clone(),
            until: waiver.until,
            source: Some(loaded.files.source(waiver.source)),
        });
        policy.waivers = waivers.collect();
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
