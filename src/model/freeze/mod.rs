//! Freeze windows: times in which nothing is changed.
//!
//! A window uses the local time of a time zone. The zone rules are built in, so a window is the same on every
//! machine. When clocks change, a local time can exist twice or not at all; the window then starts at the earliest
//! possible instant and ends at the latest, so it is never shorter than written.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan as _};
use serde::{Serialize, Serializer};
use smol_str::SmolStr;

use crate::diagnostic::{Level, Source};

/// The maximum number of adjacent windows; more count as endless.
const CHAIN_MAX: usize = 1_000;

/// A time zone with its IANA name.
#[derive(Clone, Debug)]
pub struct NamedTimeZone {
    name: SmolStr,
    rules: TimeZone,
}

impl NamedTimeZone {
    /// Finds the zone with this IANA name, in any letter case.
    pub fn find(name: &str) -> Option<Self> {
        let rules = TimeZoneDatabase::bundled().get(name).ok()?;
        Some(Self { name: SmolStr::new(rules.iana_name()?), rules })
    }

    /// Returns all zone names.
    pub fn names() -> Vec<String> {
        TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect()
    }

    /// Returns the IANA name.
    pub fn name(&self) -> &SmolStr {
        &self.name
    }

    /// Returns the earliest and the latest instant that a local time can mean.
    pub fn possible_instants(&self, written: DateTime) -> (Timestamp, Timestamp) {
        let moment = self.rules.to_ambiguous_timestamp(written);
        // Times beyond the calendar become its limits.
        (moment.earlier().unwrap_or(Timestamp::MIN), moment.later().unwrap_or(Timestamp::MAX))
    }

    /// Formats an instant as local time and UTC: `2027-01-02 00:00 Europe/Berlin (2027-01-01T23:00:00Z)`.
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

/// The recurrence of a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Recurrence {
    /// Once.
    Once {
        /// The start.
        from: DateTime,
        /// The end, exclusive.
        until: DateTime,
    },
    /// Every week.
    Weekly {
        /// The days on which it starts; Monday is 1.
        days: BTreeSet<i8>,
        /// The start time.
        from: Time,
        /// The end time, exclusive; on the next day if it is not later than `from`.
        until: Time,
    },
}

/// A freeze window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FreezeWindow {
    /// Its name.
    pub name: SmolStr,
    /// Its recurrence.
    pub recurrence: Recurrence,
    /// Its time zone.
    pub zone: NamedTimeZone,
    /// The frozen tenants; all if absent.
    pub tenants: Option<BTreeSet<SmolStr>>,
    /// Its reason.
    pub reason: Option<String>,
    /// The severity level.
    pub level: Level,
    /// Where it is written.
    #[serde(skip)]
    pub source: Option<Source>,
}

impl FreezeWindow {
    /// Whether the window applies to a tenant.
    pub fn applies_to(&self, tenant: &str) -> bool {
        self.tenants.as_ref().is_none_or(|tenants| tenants.contains(tenant))
    }

    /// Returns the end of the window if it is active at an instant.
    pub fn active_until(&self, at: Timestamp) -> Option<Timestamp> {
        let covers = |from: DateTime, until: DateTime| {
            let (from, until) = (self.zone.possible_instants(from).0, self.zone.possible_instants(until).1);
            (from <= at && at < until).then_some(until)
        };
        match &self.recurrence {
            Recurrence::Once { from, until } => covers(*from, *until),
            Recurrence::Weekly { days, from, until } => {
                let today = at.to_zoned(self.zone.rules.clone()).date();
                // A window may start on the day before. When clocks change, it may start more than a day away.
                let near = (-2..=2).filter_map(|days| today.checked_add(i64::from(days).days()).ok());
                let starts = near.filter(|day| days.contains(&day.weekday().to_monday_one_offset()));
                starts.filter_map(|day| covers(day.to_datetime(*from), end_of_window(day, *from, *until)?)).max()
            }
        }
    }
}

/// Returns the end of a window that starts on a day.
fn end_of_window(day: Date, from: Time, until: Time) -> Option<DateTime> {
    let last = if until > from { day } else { day.tomorrow().ok()? };
    Some(last.to_datetime(until))
}

/// Returns the first instant at which no window is active, and the last window before it; `None` if the windows never
/// end.
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
