//! Times in which nothing is changed.
//!
//! A window is written in the clock time of a place; the zone's rules come with the program, so that it means the same
//! on every machine. Where a clock is put forward or back, a written time is there never or twice: the window begins at
//! the earliest moment that can be meant, and ends at the latest.
//! What must hold: a window is never shorter than what is written.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan as _};
use serde::{Serialize, Serializer};
use smol_str::SmolStr;

use crate::diagnostic::{Level, Source};

/// Most windows in a row; more of them follow each other for ever.
const CHAIN_MAX: usize = 1_000;

/// The time of a place.
#[derive(Clone, Debug)]
pub struct NamedTimeZone {
    name: SmolStr,
    rules: TimeZone,
}

impl NamedTimeZone {
    /// The zone of that IANA name, in whatever letter case.
    pub fn find(name: &str) -> Option<Self> {
        let rules = TimeZoneDatabase::bundled().get(name).ok()?;
        Some(Self { name: SmolStr::new(rules.iana_name()?), rules })
    }

    /// The names that there are.
    pub fn names() -> Vec<String> {
        TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect()
    }

    /// Its IANA name.
    pub fn name(&self) -> &SmolStr {
        &self.name
    }

    /// The first and the last moment that a written time can mean: the same one, save where a clock is put.
    pub fn possible_instants(&self, written: DateTime) -> (Timestamp, Timestamp) {
        let moment = self.rules.to_ambiguous_timestamp(written);
        // Beyond the calendar there is only its end.
        (moment.earlier().unwrap_or(Timestamp::MIN), moment.later().unwrap_or(Timestamp::MAX))
    }

    /// A moment as the clocks there show it and in UTC: `2027-01-02 00:00 Europe/Berlin (2027-01-01T23:00:00Z)`.
    pub fn format_instant(&self, moment: Timestamp) -> String {
        let local = moment.to_zoned(self.rules.clone());
        let utc = if self.name == "UTC" { String::new() } else { format!(" ({moment})") };
        format!("{} {}{utc}", local.strftime("%Y-%m-%d %H:%M"), self.name)
    }
}

impl PartialEq for NamedTimeZone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for NamedTimeZone {}

impl Serialize for NamedTimeZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

/// When a window is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Recurrence {
    /// Once.
    Once {
        /// From this time on.
        from: DateTime,
        /// Before this time.
        until: DateTime,
    },
    /// Every week.
    Weekly {
        /// The days on which it begins, counted from Monday as 1.
        days: BTreeSet<i8>,
        /// From this time of the day on.
        from: Time,
        /// Before this time; of the day after, where it is not later than `from`.
        until: Time,
    },
}

/// A time in which nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FreezeWindow {
    /// Its name.
    pub name: SmolStr,
    /// When it is.
    pub recurrence: Recurrence,
    /// By the clocks of which place.
    pub zone: NamedTimeZone,
    /// The tenants that are frozen; all where there is none.
    pub tenants: Option<BTreeSet<SmolStr>>,
    /// Why.
    pub reason: Option<String>,
    /// Whether it stops a run, or is only said.
    pub level: Level,
    /// Where it is written.
    #[serde(skip)]
    pub source: Option<Source>,
}

impl FreezeWindow {
    /// Whether it is about that tenant.
    pub fn applies_to(&self, tenant: &str) -> bool {
        self.tenants.as_ref().is_none_or(|tenants| tenants.contains(tenant))
    }

    /// When it ends, if it holds at that moment.
    pub fn active_until(&self, at: Timestamp) -> Option<Timestamp> {
        let covers = |from: DateTime, until: DateTime| {
            let (from, until) = (self.zone.possible_instants(from).0, self.zone.possible_instants(until).1);
            (from <= at && at < until).then_some(until)
        };
        match &self.recurrence {
            Recurrence::Once { from, until } => covers(*from, *until),
            Recurrence::Weekly { days, from, until } => {
                let today = at.to_zoned(self.zone.rules.clone()).date();
                // A window may begin on the day before, and where a clock is put, a day and more away.
                let near = (-2..=2).filter_map(|days| today.checked_add(i64::from(days).days()).ok());
                let starts = near.filter(|day| days.contains(&day.weekday().to_monday_one_offset()));
                starts.filter_map(|day| covers(day.to_datetime(*from), end_of_window(day, *from, *until)?)).max()
            }
        }
    }
}

/// When a window that begins on a day ends.
fn end_of_window(day: Date, from: Time, until: Time) -> Option<DateTime> {
    let last = if until > from { day } else { day.tomorrow().ok()? };
    Some(last.to_datetime(until))
}

/// The moment from which on none of the windows holds, and the window that ends with it; `None` where they follow each
/// other for ever.
pub fn end_of_freeze<'f>(windows: &[&'f FreezeWindow], at: Timestamp) -> Option<(Timestamp, Option<&'f FreezeWindow>)> {
    let (mut moment, mut last) = (at, None);
    for _ in 0..CHAIN_MAX {
        let holding = windows.iter().filter_map(|window| Some((window.active_until(moment)?, *window)));
        let Some((end, window)) = holding.max_by_key(|(end, _)| *end) else { return Some((moment, last)) };
        if end <= moment || end == Timestamp::MAX {
            return None;
        }
        (moment, last) = (end, Some(window));
    }
    None
}

#[cfg(test)]
mod tests;
