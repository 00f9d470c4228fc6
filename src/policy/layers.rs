//! Layers: what holds at a tenant or for a team is the layer above it, made stricter.
//!
//! What must hold: a lower layer never lets through what the one above it stops, whatever is written; what would
//! loosen is told, and does not count.

use super::settings::{Layer, Limit, Window};
use crate::diagnostic::{Level, Location};
use crate::manifest::Ages;
use crate::manifest::schema::{LayerEntry, LevelWord, LimitEntry};
use crate::manifest::yaml::{At, Given, Part};
use crate::model::{Age, AgeLimits};

/// A part of a lower layer that is milder than the one above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loosening {
    /// The key, such as `limits.losses.count`.
    pub(super) key: &'static str,
    /// What the layer above says.
    pub(super) above: String,
    /// Where the part is written.
    pub(super) at: Location,
}

/// The layer above, tightened by what is written.
pub(super) fn tighten(above: &Layer, written: &LayerEntry, at: Location, told: &mut Vec<Loosening>) -> Layer {
    let mut layer = above.clone();
    // A budget is for a sum, and the sum of all holds beside that of a part.
    layer.budget.clear();
    if let Some(limits) = written.limits.value() {
        let keys = ["limits.losses.percent", "limits.losses.count", "limits.losses.floor", "limits.losses.window"];
        layer.losses = limit(above.losses, limits.losses.get(), keys, at, told);
        let keys = ["limits.changes.percent", "limits.changes.count", "limits.changes.floor", "limits.changes.window"];
        layer.changes = limit(above.changes, limits.changes.get(), keys, at, told);
    }
    layer.data_loss = level(above.data_loss, &written.data_loss, "data_loss", told);
    layer.last_holder = level(above.last_holder, &written.last_holder, "last_holder", told);
    layer.seats = level(above.seats, &written.seats, "seats", told);
    if let Some(expiring) = written.expiring.value() {
        layer.expiring.level = level(above.expiring.level, &expiring.level, "expiring.level", told);
        if let Some(days) = expiring.days.get() {
            if days.value < above.expiring.days {
                told.push(Loosening { key: "expiring.days", above: above.expiring.days.to_string(), at: days.at });
            }
            layer.expiring.days = above.expiring.days.max(days.value);
        }
    }
    if let Some(require) = written.require.value() {
        layer.require.reason = required(above.require.reason, &require.reason, "require.reason", told);
        layer.require.expires = required(above.require.expires, &require.expires, "require.expires", told);
    }
    layer
}

/// The ages above, tightened by what is written.
pub(super) fn tighten_ages(above: AgeLimits, written: &Ages, told: &mut Vec<Loosening>) -> AgeLimits {
    let mut younger = |above: Option<Age>, written: Option<At<Age>>, key| match (above, written) {
        (Some(above), Some(written)) if written.value > above => {
            told.push(Loosening { key, above: above.to_string(), at: written.at });
            Some(above)
        }
        (above, written) => written.map(|written| written.value).or(above),
    };
    AgeLimits {
        plan: younger(above.plan, written.plan, "age.plan"),
        observations: younger(above.observations, written.observations, "age.observations"),
    }
}

fn level(above: Level, written: &Given<LevelWord>, key: &'static str, told: &mut Vec<Loosening>) -> Level {
    let Some(At { value, at }) = written.get() else { return above };
    if value.level() < above {
        told.push(Loosening { key, above: above.as_str().to_owned(), at: *at });
    }
    above.max(value.level())
}

fn required(
    above: Option<Level>,
    written: &Given<LevelWord>,
    key: &'static str,
    told: &mut Vec<Loosening>,
) -> Option<Level> {
    match above {
        Some(above) => Some(level(above, written, key, told)),
        None => written.value().map(|word| word.level()),
    }
}

fn limit(
    above: Limit,
    written: Option<&At<LimitEntry>>,
    [percent, count, floor, window]: [&'static str; 4],
    layer_at: Location,
    told: &mut Vec<Loosening>,
) -> Limit {
    let Some(At { value: written, at }) = written else { return above };
    let at = if at.line == 0 { layer_at } else { *at };
    let mut limit = above;
    limit.percent = smaller(above.percent, &written.percent, percent, at, told);
    limit.count = smaller(above.count, &written.count, count, at, told);
    limit.floor = match (&written.floor, above.percent) {
        // Without a percentage above, the floor above means nothing.
        (part, None) => match part {
            Part::Default => above.floor,
            Part::Lifted => 0,
            Part::Set(floor) => floor.value,
        },
        (part, Some(_)) => match part {
            Part::Lifted => 0,
            part => smaller(Some(above.floor), part, floor, at, told).unwrap_or(above.floor),
        },
    };
    limit.window = match (&written.window, above.window) {
        (Part::Default, above) => above,
        (Part::Lifted, None) => None,
        (Part::Lifted, Some(above)) => {
            told.push(Loosening { key: window, above: said(above), at });
            Some(above)
        }
        (Part::Set(written), above) => {
            let days = written.value.days.value().copied().unwrap_or(0);
            let count = written.value.count.value().copied().unwrap_or(0);
            match above {
                Some(above) if days < above.days || count > above.count => {
                    told.push(Loosening { key: window, above: said(above), at: written.at });
                    Some(above)
                }
                _ => Some(Window { days, count }),
            }
        }
    };
    limit
}

fn said(window: Window) -> String {
    format!("{} within {} days", window.count, window.days)
}

/// The smaller of two numbers, where no number is no limit.
fn smaller<T: Copy + Ord + ToString>(
    above: Option<T>,
    written: &Part<T>,
    key: &'static str,
    at: Location,
    told: &mut Vec<Loosening>,
) -> Option<T> {
    match (written, above) {
        (Part::Default, above) => above,
        (Part::Lifted, None) => None,
        (Part::Lifted, Some(above)) => {
            told.push(Loosening { key, above: above.to_string(), at });
            Some(above)
        }
        (Part::Set(written), None) => Some(written.value),
        (Part::Set(written), Some(above)) => {
            if written.value > above {
                told.push(Loosening { key, above: above.to_string(), at: written.at });
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
    use crate::manifest::yaml::Needed;
    use crate::policy::lifts::Lifts;
    use crate::policy::rules::limits::{Count, check};
    use crate::policy::settings::Policy;

    const AT: Location = Location { file: FileId(0), line: 1, column: 1, length: 0 };

    fn at<T>(value: T) -> At<T> {
        At { value, at: AT }
    }

    fn numbers() -> impl Strategy<Value = Option<u64>> {
        prop_oneof![Just(None), (0u64..12).prop_map(Some)]
    }

    fn upper() -> impl Strategy<Value = Limit> {
        (numbers(), numbers(), 0u64..6, prop::option::of((0u32..9, 0u64..12))).prop_map(
            |(percent, count, floor, window)| Limit {
                percent: percent.map(|percent| u32::try_from(percent * 9).unwrap()),
                count,
                floor,
                window: window.map(|(days, count)| Window { days, count }),
            },
        )
    }

    fn part<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Part<T>> {
        (0u8..3, value).prop_map(|(kind, value)| match kind {
            0 => Part::Default,
            1 => Part::Lifted,
            _ => Part::Set(at(value)),
        })
    }

    fn lower() -> impl Strategy<Value = LimitEntry> {
        let window = (0u32..9, 0u64..12)
            .prop_map(|(days, count)| WindowEntry { days: Needed::from(at(days)), count: Needed::from(at(count)) });
        (part((0u32..12).prop_map(|percent| percent * 9)), part(0u64..12), part(0u64..6), part(window))
            .prop_map(|(percent, count, floor, window)| LimitEntry { percent, count, floor, window })
    }

    fn stops(limit: Limit, count: &Count) -> bool {
        let mut policy = Policy::default();
        policy.organization.losses = limit;
        let mut lifts = Lifts::new(&policy, jiff::civil::date(2026, 11, 22));
        check(&policy.organization, "t", "l", None, count, &mut lifts).is_some()
    }

    proptest! {
        /// Whatever is written below, what the layer above stops is stopped.
        #[test]
        fn a_lower_layer_never_lets_through_what_the_one_above_stops(
            above in upper(), below in lower(), holders in 0u64..40, losses in 1u64..15, past in 0u64..12,
        ) {
            let layer = Layer { losses: above, ..Layer::default() };
            let entry = LayerEntry {
                limits: Given::from(Some(at(LimitsEntry { losses: Given::from(Some(at(below))), ..LimitsEntry::default() }))),
                ..LayerEntry::default()
            };
            let mut told = Vec::new();
            let tight = tighten(&layer, &entry, AT, &mut told);
            let count = Count { holders, losses, changes: losses, past_losses: past, past_changes: 0 };
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
            let tight = tighten_ages(limits, &Ages { plan: age(below).map(at), observations: None }, &mut told);
            let youngest = [above, below].into_iter().flatten().min();
            prop_assert_eq!(tight, AgeLimits { plan: age(youngest), observations: None });
            prop_assert_eq!(told.len(), usize::from(above.zip(below).is_some_and(|(above, below)| below > above)));
        }

        /// What would let more through is told.
        #[test]
        fn a_level_is_the_stricter_of_two_and_a_milder_one_is_told(above in 0u8..3, below in 0u8..3) {
            let word = |number: u8| [LevelWord::Warn, LevelWord::Approve, LevelWord::Deny][usize::from(number)];
            let layer = Layer { data_loss: word(above).level(), ..Layer::default() };
            let entry = LayerEntry { data_loss: Given::from(Some(at(word(below)))), ..LayerEntry::default() };
            let mut told = Vec::new();
            let tight = tighten(&layer, &entry, AT, &mut told);
            prop_assert_eq!(tight.data_loss, word(above.max(below)).level());
            prop_assert_eq!(told.len(), usize::from(below < above));
        }
    }
}
