//! Layers of the policy: a tenant or a team can tighten the organization's settings, never loosen them.
//!
//! Invariant: a layer never allows what the layer above stops. A looser value is an error and does not count.

use super::budget;
use crate::diagnostic::catalog::{manifest as codes, policy};
use crate::diagnostic::{Level, Location};
use crate::manifest::resolve::resolver::Resolver;
use crate::manifest::schema::{AgeText, ExpiringEntry, LayerEntry, LimitEntry, LimitsEntry, WindowEntry};
use crate::manifest::yaml::{Located, OptionalField, Override, RequiredField, excerpt};
use crate::model::{Age, ChangeLimit, PolicyLayer, RollingWindow};

/// Returns the default settings, overridden by those of the organization.
pub(super) fn organization(resolver: &mut Resolver, entry: &LayerEntry) -> PolicyLayer {
    let ages = Ages::resolve(resolver, entry);
    let mut merge = LayerMerge { tightens: false, loosened: Vec::new() };
    let layer = merge.layer(&PolicyLayer::default(), entry, &ages);
    PolicyLayer { budget: budget::resolve(resolver, entry.budget.value()), ..layer }
}

/// Returns the settings above, tightened by those of a tenant or a team; reports every looser value.
pub(super) fn tighten(resolver: &mut Resolver, above: &PolicyLayer, entry: &LayerEntry, owner: &str) -> PolicyLayer {
    let ages = Ages::resolve(resolver, entry);
    let mut merge = LayerMerge { tightens: true, loosened: Vec::new() };
    let layer = merge.layer(above, entry, &ages);
    for LoosenedSetting { key, above, at } in merge.loosened {
        let message = format!("`{key}` of {owner} is looser than the policy above it");
        let help = format!("the layer above has {above}; use a stricter value, or remove the key");
        resolver.error(&policy::POLICY_LOOSENED, message, help, at);
    }
    PolicyLayer { budget: budget::resolve(resolver, entry.budget.value()), ..layer }
}

/// The maximum ages of an entry, parsed.
#[derive(Default)]
struct Ages {
    plan: Option<Located<Age>>,
    observations: Option<Located<Age>>,
}

impl Ages {
    fn resolve(resolver: &mut Resolver, entry: &LayerEntry) -> Self {
        let Some(entry) = entry.age.value() else { return Self::default() };
        let mut age = |text: &RequiredField<AgeText>| {
            let Located { value: AgeText(text), at } = text.get()?;
            let age = Age::parse(text);
            if age.is_none() {
                let message = format!("invalid age `{}`: an age is at most ten years", excerpt(text));
                resolver.error(&codes::INVALID_DURATION, message, "write it as in `7d`, `24h` or `90m`", *at);
            }
            Some(Located { value: age?, at: *at })
        };
        Self { plan: age(&entry.plan), observations: age(&entry.observations) }
    }
}

/// A setting of a layer that is looser than the one above.
#[derive(Clone, Debug, PartialEq, Eq)]
struct LoosenedSetting {
    /// The key, such as `limits.losses.count`.
    key: String,
    /// The value of the layer above.
    above: String,
    at: Location,
}

/// Merges the settings of a layer into those of the layer above.
struct LayerMerge {
    /// Whether a looser value is reported and ignored.
    tightens: bool,
    loosened: Vec<LoosenedSetting>,
}

impl LayerMerge {
    fn layer(&mut self, above: &PolicyLayer, entry: &LayerEntry, ages: &Ages) -> PolicyLayer {
        let mut layer = above.clone();
        if let Some(LimitsEntry { losses, changes }) = entry.limits.value() {
            layer.losses = self.limit(above.losses, losses.get(), "losses");
            layer.changes = self.limit(above.changes, changes.get(), "changes");
        }
        layer.data_loss = self.level(above.data_loss, &entry.data_loss, "data_loss");
        layer.last_holder = self.level(above.last_holder, &entry.last_holder, "last_holder");
        layer.seats = self.level(above.seats, &entry.seats, "seats");
        if let Some(ExpiringEntry { days, level }) = entry.expiring.value() {
            layer.expiring.level = self.level(above.expiring.level, level, "expiring.level");
            layer.expiring.days = days.get().map_or(above.expiring.days, |days| {
                self.value(above.expiring.days, days.value, |new, above| new < above, "expiring.days", days.at)
            });
        }
        if let Some(require) = entry.require.value() {
            layer.require.reason = self.optional_level(above.require.reason, &require.reason, "require.reason");
            layer.require.expires = self.optional_level(above.require.expires, &require.expires, "require.expires");
        }
        layer.age.plan = self.age(above.age.plan, ages.plan, "age.plan");
        layer.age.observations = self.age(above.age.observations, ages.observations, "age.observations");
        layer
    }

    fn limit(&mut self, above: ChangeLimit, entry: Option<&Located<LimitEntry>>, name: &str) -> ChangeLimit {
        let Some(Located { value: LimitEntry { percent, count, floor, window }, at }) = entry else { return above };
        let key = |part: &str| format!("limits.{name}.{part}");
        ChangeLimit {
            percent: self.part(above.percent, percent, |new| *new, |new, above| new > above, &key("percent"), *at),
            count: self.part(above.count, count, |new| *new, |new, above| new > above, &key("count"), *at),
            floor: match floor {
                // A floor of zero is the strictest one, and without a percentage a floor has no effect.
                Override::Default => above.floor,
                Override::Lifted => 0,
                Override::Value(floor) if above.percent.is_none() => floor.value,
                Override::Value(floor) => {
                    self.value(above.floor, floor.value, |new, above| new > above, &key("floor"), floor.at)
                }
            },
            window: {
                let is_looser =
                    |new: RollingWindow, above: RollingWindow| new.days < above.days || new.count > above.count;
                self.part(above.window, window, rolling_window, is_looser, &key("window"), *at)
            },
        }
    }

    fn level(&mut self, above: Level, entry: &OptionalField<Level>, key: &str) -> Level {
        entry.get().map_or(above, |level| self.value(above, level.value, |new, above| new < above, key, level.at))
    }

    fn optional_level(&mut self, above: Option<Level>, entry: &OptionalField<Level>, key: &str) -> Option<Level> {
        match above {
            Some(above) => Some(self.level(above, entry, key)),
            None => entry.value().copied(),
        }
    }

    fn age(&mut self, above: Option<Age>, entry: Option<Located<Age>>, key: &str) -> Option<Age> {
        entry.map_or(above, |age| self.optional(above, Some(age.value), |new, above| new > above, key, age.at))
    }

    /// Merges a part of a limit, where `null` disables it.
    fn part<T, U: Copy + ToString>(
        &mut self,
        above: Option<U>,
        entry: &Override<T>,
        read: impl Fn(&T) -> U,
        is_looser: impl Fn(U, U) -> bool,
        key: &str,
        limit_at: Location,
    ) -> Option<U> {
        match entry {
            Override::Default => above,
            Override::Lifted => self.optional(above, None, is_looser, key, limit_at),
            Override::Value(new) => self.optional(above, Some(read(&new.value)), is_looser, key, new.at),
        }
    }

    fn value<T: Copy + ToString>(
        &mut self,
        above: T,
        new: T,
        is_looser: impl Fn(T, T) -> bool,
        key: &str,
        at: Location,
    ) -> T {
        self.optional(Some(above), Some(new), is_looser, key, at).unwrap_or(above)
    }

    /// Returns the new value unless it must be stricter than the one above and is not; no value is the loosest one.
    fn optional<T: Copy + ToString>(
        &mut self,
        above: Option<T>,
        new: Option<T>,
        is_looser: impl Fn(T, T) -> bool,
        key: &str,
        at: Location,
    ) -> Option<T> {
        match above {
            Some(value) if self.tightens && new.is_none_or(|new| is_looser(new, value)) => {
                self.loosened.push(LoosenedSetting { key: key.to_owned(), above: value.to_string(), at });
                above
            }
            _ => new,
        }
    }
}

fn rolling_window(entry: &WindowEntry) -> RollingWindow {
    // A missing or invalid part has been reported.
    RollingWindow {
        days: entry.days.value().copied().unwrap_or_default(),
        count: entry.count.value().copied().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
