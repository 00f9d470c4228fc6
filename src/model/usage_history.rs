//! Losses and changes by license and day, for the rolling windows of limits.
//!
//! The store fills it, and the planner reads it.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::Date;
use smol_str::SmolStr;

/// The number of affected people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitUsage {
    /// People who lost a license.
    pub losses: u64,
    /// People with any change.
    pub changes: u64,
}

impl LimitUsage {
    /// Returns the sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { losses: self.losses.saturating_add(other.losses), changes: self.changes.saturating_add(other.changes) }
    }
}

/// Usage by tenant, license (the vendor's name) and day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageHistory {
    days: BTreeMap<(SmolStr, SmolStr), BTreeMap<Date, LimitUsage>>,
}

impl UsageHistory {
    /// Returns the first day of a window that ends today.
    pub fn first_day(today: Date, days: u32) -> Date {
        today.saturating_sub(SignedDuration::from_hours(24 * i64::from(days.saturating_sub(1))))
    }

    /// Adds the usage of a license on a day.
    pub fn add(&mut self, tenant: SmolStr, license: SmolStr, day: Date, touched: LimitUsage) {
        let own = self.days.entry((tenant, license)).or_default().entry(day).or_default();
        *own = own.plus(touched);
    }

    /// Returns the usage of a license within a window that ends today. Later days count too: setting back the clock
    /// must not hide anything.
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
