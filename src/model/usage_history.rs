//! What earlier plans did to the holders of each license, day by day: what the rolling windows of the limits look at.
//!
//! It stands here because the store fills it and the planner reads it, and neither knows the other.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::Date;
use smol_str::SmolStr;

/// How many people were touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitUsage {
    /// People who gave up a seat without a replacement.
    pub losses: u64,
    /// People whom any change touched.
    pub changes: u64,
}

impl LimitUsage {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { losses: self.losses.saturating_add(other.losses), changes: self.changes.saturating_add(other.changes) }
    }
}

/// What earlier plans did, by tenant, license as the vendor calls it, and day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageHistory {
    days: BTreeMap<(SmolStr, SmolStr), BTreeMap<Date, LimitUsage>>,
}

impl UsageHistory {
    /// The first of so many days that end with `today`, which is one of them.
    pub fn first_day(today: Date, days: u32) -> Date {
        today.saturating_sub(SignedDuration::from_hours(24 * i64::from(days.saturating_sub(1))))
    }

    /// Adds what was done to a license on a day.
    pub fn add(&mut self, tenant: SmolStr, license: SmolStr, day: Date, touched: LimitUsage) {
        let own = self.days.entry((tenant, license)).or_default().entry(day).or_default();
        *own = own.plus(touched);
    }

    /// What was done to a license within so many days that end with `today`. Days after it count as well: a clock that
    /// was set back must not hide anything.
    pub fn within(&self, tenant: &str, license: &str, today: Date, days: u32) -> LimitUsage {
        let own = self.days.get(&(SmolStr::new(tenant), SmolStr::new(license)));
        let days = own.into_iter().flat_map(|own| own.range(Self::first_day(today, days)..));
        days.fold(LimitUsage::default(), |sum, (_, touched)| sum.plus(*touched))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn window_ends_today_and_includes_future_days() {
        let mut past = UsageHistory::default();
        for (day, losses) in [(15, 1), (16, 10), (22, 100), (23, 1000)] {
            let touched = LimitUsage { losses, changes: 2 * losses };
            past.add("phones".into(), "X4".into(), date(2026, 11, day), touched);
        }
        let within = |days| past.within("phones", "X4", date(2026, 11, 22), days);
        assert_eq!(within(7), LimitUsage { losses: 1110, changes: 2220 });
        assert_eq!(within(8).losses, 1111);
        assert_eq!((within(1).losses, within(0).losses), (1100, 1100));
        assert_eq!(within(u32::MAX).losses, 1111);
        assert_eq!(past.within("phones", "X2", date(2026, 11, 22), 7), LimitUsage::default());
    }
}
