//! Properties of merged layers.

use proptest::prelude::*;

use super::*;
use crate::diagnostic::FileId;

const AT: Location = Location { file: FileId(0), line: 1, column: 1, length: 0 };

fn at<T>(value: T) -> Located<T> {
    Located { value, at: AT }
}

fn tighten(above: &PolicyLayer, entry: &LayerEntry, ages: &Ages) -> (PolicyLayer, usize) {
    let mut merge = LayerMerge { tightens: true, loosened: Vec::new() };
    let layer = merge.layer(above, entry, ages);
    (layer, merge.loosened.len())
}

fn numbers() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![Just(None), (0u64..12).prop_map(Some)]
}

fn limit_above() -> impl Strategy<Value = ChangeLimit> {
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

fn limit_entry() -> impl Strategy<Value = LimitEntry> {
    let window = (0u32..9, 0u64..12)
        .prop_map(|(days, count)| WindowEntry { days: RequiredField::from(at(days)), count: at(count).into() });
    (part((0u32..12).prop_map(|percent| percent * 9)), part(0u64..12), part(0u64..6), part(window))
        .prop_map(|(percent, count, floor, window)| LimitEntry { percent, count, floor, window })
}

/// Whether a limit stops a plan, by its definition.
fn stops(limit: ChangeLimit, holders: u64, losses: u64, past: u64) -> bool {
    limit.count.is_some_and(|count| losses > count)
        || limit.percent.is_some_and(|percent| losses > (u64::from(percent) * holders / 100).max(limit.floor))
        || limit.window.is_some_and(|window| losses + past > window.count)
}

proptest! {
    #[test]
    fn lower_layer_never_allows_what_the_layer_above_stops(
        above in limit_above(), entry in limit_entry(), holders in 0u64..40, losses in 1u64..15, past in 0u64..12,
    ) {
        let layer = PolicyLayer { losses: above, ..PolicyLayer::default() };
        let limits = LimitsEntry { losses: Some(at(entry)).into(), changes: OptionalField::default() };
        let entry = LayerEntry { limits: Some(at(limits)).into(), ..LayerEntry::default() };
        let (tight, _) = tighten(&layer, &entry, &Ages::default());
        prop_assert!(
            !stops(above, holders, losses, past) || stops(tight.losses, holders, losses, past),
            "{:?} {:?}", above, tight.losses
        );
    }

    #[test]
    fn tightened_age_is_the_younger_one_and_an_older_one_is_reported(
        above in prop::option::of(1u64..9), below in prop::option::of(1u64..9),
    ) {
        let age = |hours: Option<u64>| hours.and_then(|hours| Age::parse(&format!("{hours}h")));
        let mut layer = PolicyLayer::default();
        layer.age.plan = age(above);
        let ages = Ages { plan: age(below).map(at), observations: None };
        let (tight, reported) = tighten(&layer, &LayerEntry::default(), &ages);
        prop_assert_eq!(tight.age.plan, age([above, below].into_iter().flatten().min()));
        prop_assert_eq!(reported, usize::from(above.zip(below).is_some_and(|(above, below)| below > above)));
    }

    #[test]
    fn tightened_level_is_the_stricter_one_and_a_milder_one_is_reported(above in 0u8..3, below in 0u8..3) {
        let level = |number: u8| [Level::Warn, Level::Approve, Level::Deny][usize::from(number)];
        let layer = PolicyLayer { data_loss: level(above), ..PolicyLayer::default() };
        let entry = LayerEntry { data_loss: Some(at(level(below))).into(), ..LayerEntry::default() };
        let (tight, reported) = tighten(&layer, &entry, &Ages::default());
        prop_assert_eq!(tight.data_loss, level(above.max(below)));
        prop_assert_eq!(reported, usize::from(below < above));
    }
}
