//! Layers: what holds at a tenant or for a team is the layer above it, made stricter.
//!
//! What must hold: a lower layer never lets through what the one above it stops, whatever is written; what would
//! loosen is told, and does not count.

use super::effective::{ChangeLimit, PolicyLayer, RollingWindow};
use crate::diagnostic::{Level, Location};
use crate::manifest::DeclaredAges;
use crate::manifest::schema::{LayerEntry, LevelEntry, LimitEntry};
use crate::manifest::yaml::{Located, OptionalField, Override};
use crate::model::{Age, AgeLimits};

/// A part of a lower layer that is milder than the one above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LoosenedSetting {
    /// The key, such as `limits.losses.count`.
    pub(super) key: &'static str,
    /// What the layer above says.
    pub(super) above: String,
    /// Where the part is written.
    pub(super) at: Location,
}

/// The layer above, tightened by what is written.
pub(super) fn tighten(
    above: &PolicyLayer,
    written: &LayerEntry,
    at: Location,
    told: &mut Vec<LoosenedSetting>,
) -> PolicyLayer {
    let mut layer = above.clone();
    // A budget is for a sum, and the sum of all holds beside that of a part.
    layer.budget.clear();
    if let Some(limits) = written.limits.value() {
        let keys = ["limits.losses.percent", "limits.losses.count", "limits.losses.floor", "limits.losses.window"];
        layer.losses = tighten_limit(above.losses, limits.losses.get(), keys, at, told);
        let keys = ["limits.changes.percent", "limits.changes.count", "limits.changes.floor", "limits.changes.window"];
        layer.changes = tighten_limit(above.changes, limits.changes.get(), keys, at, told);
    }
    layer.data_loss = tighten_level(above.data_loss, &written.data_loss, "data_loss", told);
    layer.last_holder = tighten_level(above.last_holder, &written.last_holder, "last_holder", told);
    layer.seats = tighten_level(above.seats, &written.seats, "seats", told);
    if let Some(expiring) = written.expiring.value() {
        layer.expiring.level = tighten_level(above.expiring.level, &expiring.level, "expiring.level", told);
        if let Some(days) = expiring.days.get() {
            if days.value < above.expiring.days {
                told.push(LoosenedSetting {
                    key: "expiring.days",
                    above: above.expiring.days.to_string(),
                    at: days.at,
                });
            }
            layer.expiring.days = above.expiring.days.max(days.value);
        }
    }
    if let Some(require) = written.require.value() {
        layer.require.reason = tighten_required(above.require.reason, &require.reason, "require.reason", told);
        layer.require.expires = tighten_required(above.require.expires, &require.expires, "require.expires", told);
    }
    layer
}

/// The ages above, tightened by what is written.
pub(super) fn tighten_ages(above: AgeLimits, written: &DeclaredAges, told: &mut Vec<LoosenedSetting>) -> AgeLimits {
    let mut younger = |above: Option<Age>, written: Option<Located<Age>>, key| match (above, written) {
        (Some(above), Some(written)) if written.value > above => {
            told.push(LoosenedSetting { key, above: above.to_string(), at: written.at });
            Some(above)
        }
        (above, written) => written.map(|written| written.value).or(above),
    };
    AgeLimits {
        plan: younger(above.plan, written.plan, "age.plan"),
        observations: younger(above.observations, written.observations, "age.observations"),
    }
}

fn tighten_level(
    above: Level,
    written: &OptionalField<LevelEntry>,
    key: &'static str,
    told: &mut Vec<LoosenedSetting>,
) -> Level {
    let Some(Located { value, at }) = written.get() else { return above };
    if value.to_level() < above {
        told.push(LoosenedSetting { key, above: above.as_str().to_owned(), at: *at });
    }
    above.max(value.to_level())
}

fn tighten_required(
    above: Option<Level>,
    written: &OptionalField<LevelEntry>,
    key: &'static str,
    told: &mut Vec<LoosenedSetting>,
) -> Option<Level> {
    match above {
        Some(above) => Some(tighten_level(above, written, key, told)),
        None => written.value().map(|word| word.to_level()),
    }
}

fn tighten_limit(
    above: ChangeLimit,
    written: Option<&Located<LimitEntry>>,
    [percent, count, floor, window]: [&'static str; 4],
    layer_at: Location,
    told: &mut Vec<LoosenedSetting>,
) -> ChangeLimit {
    let Some(Located { value: written, at }) = written else { return above };
    let at = if at.line == 0 { layer_at } else { *at };
    let mut limit = above;
    limit.percent = tighten_number(above.percent, &written.percent, percent, at, told);
    limit.count = tighten_number(above.count, &written.count, count, at, told);
    limit.floor = match (&written.floor, above.percent) {
        // Without a percentage above, the floor above means nothing.
        (part, None) => match part {
            Override::Default => above.floor,
            Override::Lifted => 0,
            Override::Value(floor) => floor.value,
        },
        (part, Some(_)) => match part {
            Override::Lifted => 0,
            part => tighten_number(Some(above.floor), part, floor, at, told).unwrap_or(above.floor),
        },
    };
    limit.window = match (&written.window, above.window) {
        (Override::Default, above) => above,
        (Override::Lifted, None) => None,
        (Override::Lifted, Some(above)) => {
            told.push(LoosenedSetting { key: window, above: describe_window(above), at });
            Some(above)
        }
        (Override::Value(written), above) => {
            let days = written.value.days.value().copied().unwrap_or(0);
            let count = written.value.count.value().copied().unwrap_or(0);
            match above {
                Some(above) if days < above.days || count > above.count => {
                    told.push(LoosenedSetting { key: window, above: describe_window(above), at: written.at });
                    Some(above)
                }
                _ => Some(RollingWindow { days, count }),
            }
        }
    };
    limit
}

fn describe_window(window: RollingWindow) -> String {
    format!("{} within {} days", window.count, window.days)
}

/// The smaller of two numbers, where no number is no limit.
fn tighten_number<T: Copy + Ord + ToString>(
    above: Option<T>,
    written: &Override<T>,
    key: &'static str,
    at: Location,
    told: &mut Vec<LoosenedSetting>,
) -> Option<T> {
    match (written, above) {
        (Override::Default, above) => above,
        (Override::Lifted, None) => None,
        (Override::Lifted, Some(above)) => {
            told.push(LoosenedSetting { key, above: above.to_string(), at });
            Some(above)
        }
        (Override::Value(written), None) => Some(written.value),
        (Override::Value(written), Some(above)) => {
            if written.value > above {
                told.push(LoosenedSetting { key, above: above.to_string(), at: written.at });
            }
            Some(above.min(written.value))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::FileId;
    use crate::manifest::schema::{LimitsEntry, WindowEntry};
    use crate::manifest::yaml::RequiredField;
    use crate::policy::effective::Policy;
    use crate::policy::rules::limits::{LimitCounts, check_limits};
    use crate::policy::waiver_usage::WaiverUsage;

    const AT: Location = Location { file: FileId(0), line: 1, column: 1, length: 0 };

    fn at<T>(value: T) -> Located<T> {
        Located { value, at: AT }
    }

    fn numbers() -> impl Strategy<Value = Option<u64>> {
        prop_oneof![Just(None), (0u64..12).prop_map(Some)]
    }

    fn upper() -> impl Strategy<Value = ChangeLimit> {
        (numbers(), numbers(), 0u64..6, prop::option::of((0u32..9, 0u64..12))).prop_map(
            |(percent, count, floor, window)| ChangeLimit {
                percent: percent.map(|percent| u32::try_from(percent * 9).unwrap()),
                count,
                floor,
                window: window.map(|(days, count)| RollingWindow { days, count }),
            },
        )
    }

    fn part<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Override<T>> {
        (0u8..3, value).prop_map(|(kind, value)| match kind {
            0 => Override::Default,
            1 => Override::Lifted,
            _ => Override::Value(at(value)),
        })
    }

    fn lower() -> impl Strategy<Value = LimitEntry> {
        let window = (0u32..9, 0u64..12).prop_map(|(days, count)| WindowEntry {
            days: RequiredField::from(at(days)),
            count: RequiredField::from(at(count)),
        });
        (part((0u32..12).prop_map(|percent| percent * 9)), part(0u64..12), part(0u64..6), part(window))
            .prop_map(|(percent, count, floor, window)| LimitEntry { percent, count, floor, window })
    }

    fn stops(limit: ChangeLimit, count: &LimitCounts) -> bool {
        let mut policy = Policy::default();
        policy.organization.losses = limit;
        let mut lifts = WaiverUsage::new(&policy, jiff::civil::date(2026, 11, 22));
        check_limits(&policy.organization, "t", "l", None, count, &mut lifts).is_some()
    }

    proptest! {
        /// Whatever is written below, what the layer above stops is stopped.
        #[test]
        fn a_lower_layer_never_lets_through_what_the_one_above_stops(
            above in upper(), below in lower(), holders in 0u64..40, losses in 1u64..15, past in 0u64..12,
        ) {
            let layer = PolicyLayer { losses: above, ..PolicyLayer::default() };
            let entry = LayerEntry {
                limits: OptionalField::from(Some(at(LimitsEntry { losses: OptionalField::from(Some(at(below))), ..LimitsEntry::default() }))),
                ..LayerEntry::default()
            };
            let mut told = Vec::new();
            let tight = tighten(&layer, &entry, AT, &mut told);
            let count = LimitCounts { holders, losses, changes: losses, past_losses: past, past_changes: 0 };
            prop_assert!(!stops(above, &count) || stops(tight.losses, &count), "{:?} {:?}", above, tight.losses);
        }

        /// Whatever age is written below, what is too old above is too old.
        #[test]
        fn an_age_is_the_younger_of_two_and_an_older_one_is_told(
            above in prop::option::of(1u64..9), below in prop::option::of(1u64..9),
        ) {
            let age = |hours: Option<u64>| hours.and_then(|hours| Age::parse(&format!("{hours}h")));
            let limits = AgeLimits { plan: age(above), observations: None };
            let mut told = Vec::new();
            let tight = tighten_ages(limits, &DeclaredAges { plan: age(below).map(at), observations: None }, &mut told);
            let youngest = [above, below].into_iter().flatten().min();
            prop_assert_eq!(tight, AgeLimits { plan: age(youngest), observations: None });
            prop_assert_eq!(told.len(), usize::from(above.zip(below).is_some_and(|(above, below)| below > above)));
        }

        /// What would let more through is told.
        #[test]
        fn a_level_is_the_stricter_of_two_and_a_milder_one_is_told(above in 0u8..3, below in 0u8..3) {
            let word = |number: u8| [LevelEntry::Warn, LevelEntry::Approve, LevelEntry::Deny][usize::from(number)];
            let layer = PolicyLayer { data_loss: word(above).to_level(), ..PolicyLayer::default() };
            let entry = LayerEntry { data_loss: OptionalField::from(Some(at(word(below)))), ..LayerEntry::default() };
            let mut told = Vec::new();
            let tight = tighten(&layer, &entry, AT, &mut told);
            prop_assert_eq!(tight.data_loss, word(above.max(below)).to_level());
            prop_assert_eq!(told.len(), usize::from(below < above));
        }
    }
}
