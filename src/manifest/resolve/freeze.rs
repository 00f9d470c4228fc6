//! `policy.freeze`: times and zones read.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};
use smol_str::SmolStr;

use super::resolver::Resolver;
use crate::diagnostic::catalog::{manifest as codes, reference};
use crate::diagnostic::{Level, Location, Severity, nearest};
use crate::manifest::schema::{FreezeEntry, WeeklyEntry};
use crate::manifest::sections::duplicate_key;
use crate::manifest::yaml::{LenientList, Located, OptionalField, RequiredField, excerpt};
use crate::model::{FreezeWindow, NamedTimeZone, Recurrence};

/// Most windows: every plan and run looks at all of them.
const FREEZES_MAX: usize = 200;

/// The windows that can be read.
pub(super) fn resolve(
    scope: &mut Resolver,
    entries: Option<Located<LenientList<Located<FreezeEntry>>>>,
) -> Vec<FreezeWindow> {
    let mut freezes = Vec::new();
    let mut names: Vec<Located<SmolStr>> = Vec::new();
    for (number, entry) in entries.map(|entries| entries.value.0).unwrap_or_default().into_iter().enumerate() {
        if number == FREEZES_MAX {
            let message = format!("there are more than {FREEZES_MAX} freeze windows");
            scope.error(&codes::INVALID_FREEZE, message, "write what returns every week as `weekly`", entry.at);
            break;
        }
        let first = entry.value.name.get().and_then(|name| names.iter().find(|other| other.value == name.value));
        if let (Some(first), Some(name)) = (first, entry.value.name.get()) {
            let finding = duplicate_key(&name.value, name.at, first.at, &scope.files);
            scope.push(finding);
        }
        names.extend(entry.value.name.get().cloned());
        freezes.extend(freeze(scope, entry));
    }
    freezes.sort_by(|a, b| a.name.cmp(&b.name));
    freezes
}

fn freeze(scope: &mut Resolver, entry: Located<FreezeEntry>) -> Option<FreezeWindow> {
    let Located { value: entry, at } = entry;
    let name = entry.name.get().filter(|name| scope.check_name("freeze window", name)).map(|name| name.value.clone());
    let zone = entry.time_zone.get().and_then(|name| zone(scope, name));
    let tenants = tenants(scope, &entry.tenants);
    let recurrence = match (entry.weekly.get(), entry.from.get(), entry.until.get()) {
        (Some(weekly), None, None) => self::weekly(scope, &weekly.value),
        (None, Some(from), Some(until)) => once(scope, from, until, zone.as_ref()),
        _ => {
            let help = "write `from` and `until`, or `weekly`";
            scope.error(&codes::INVALID_FREEZE, "the freeze window does not say when it is", help, at);
            None
        }
    };
    Some(FreezeWindow {
        name: name?,
        recurrence: recurrence?,
        zone: zone?,
        tenants: tenants?,
        reason: entry.reason.value().cloned(),
        level: entry.level.value().map_or(Level::Deny, |word| word.to_level()),
        source: Some(scope.files.source(at)),
    })
}

/// The tenants that are frozen: all where none is named; nothing where a name is wrong.
fn tenants(
    scope: &mut Resolver,
    names: &OptionalField<LenientList<Located<SmolStr>>>,
) -> Option<Option<BTreeSet<SmolStr>>> {
    let Some(names) = names.get() else { return Some(None) };
    if names.value.0.is_empty() {
        let help = "name a tenant, or leave `tenants` out, which means all";
        scope.error(&codes::INVALID_FREEZE, "the freeze window freezes no tenant", help, names.at);
        return None;
    }
    let known: Vec<bool> = names.value.0.iter().map(|name| scope.check_tenant(&name.value, name.at)).collect();
    let named = names.value.0.iter().map(|name| name.value.clone()).collect();
    known.into_iter().all(|known| known).then_some(Some(named))
}

fn zone(scope: &mut Resolver, name: &Located<SmolStr>) -> Option<NamedTimeZone> {
    if let Some(zone) = NamedTimeZone::find(&name.value) {
        return Some(zone);
    }
    let zones = NamedTimeZone::names();
    let place = |zone: &&String| zone.rsplit('/').next().is_some_and(|place| place.eq_ignore_ascii_case(&name.value));
    let near = zones.iter().find(place).map(String::as_str).or_else(|| nearest(&name.value, &zones));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write an IANA name such as `Europe/Berlin`, or `UTC`".to_owned(),
    };
    let message = format!("there is no time zone `{}`", excerpt(&name.value));
    scope.error(&reference::UNKNOWN_TIME_ZONE, message, help, name.at);
    None
}

fn once(
    scope: &mut Resolver,
    from: &Located<SmolStr>,
    until: &Located<SmolStr>,
    zone: Option<&NamedTimeZone>,
) -> Option<Recurrence> {
    let (begins, ends) = (date_time(scope, from), date_time(scope, until));
    let (begins, ends) = (begins?, ends?);
    if ends <= begins {
        let message = format!("the freeze window ends at `{}`, which is not after its begin", until.value);
        scope.error(&codes::INVALID_FREEZE, message, "write the later time in `until`", until.at);
        return None;
    }
    if let Some(zone) = zone {
        warn_ambiguous_time(scope, zone, begins, from.at, "begins");
        warn_ambiguous_time(scope, zone, ends, until.at, "ends");
    }
    Some(Recurrence::Once { from: begins, until: ends })
}

/// Says how a time is read that the clocks of the place show never or twice.
fn warn_ambiguous_time(scope: &mut Resolver, zone: &NamedTimeZone, written: DateTime, at: Location, does: &str) {
    let (first, last) = zone.possible_instants(written);
    if first == last {
        return;
    }
    let read = if does == "begins" { first } else { last };
    let written = written.strftime("%Y-%m-%dT%H:%M");
    let message =
        format!("clocks are put at `{written}` in `{}`, so the freeze {does} at {read}, the longer way", zone.name());
    let help = "write a time that the clocks show once".to_owned();
    scope.report(Severity::Warning, &codes::AMBIGUOUS_TIME, message, Some(help), at);
}

fn weekly(scope: &mut Resolver, entry: &WeeklyEntry) -> Option<Recurrence> {
    let days = entry.days.get().and_then(|days| {
        if days.value.0.is_empty() {
            scope.error(
                &codes::INVALID_FREEZE,
                "the freeze window is on no day",
                "name a day, as in `[friday]`",
                days.at,
            );
            return None;
        }
        Some(days.value.0.iter().map(|day| day.value.number()).collect())
    });
    let (from, until) = (time_of_day(scope, &entry.from), time_of_day(scope, &entry.until));
    let ((from, is_late), (until, ends_the_day)) = (from?, until?);
    if is_late {
        let at = entry.from.get().map(|from| from.at)?;
        let message = "the freeze window begins when the day is over";
        scope.error(&codes::INVALID_FREEZE, message, "write `00:00` and the day after", at);
        return None;
    }
    if from == until && !ends_the_day {
        let at = entry.until.get().map(|until| until.at)?;
        let help = "write a later time; a whole day is `from: \"00:00\"` with `until: \"24:00\"`";
        scope.error(&codes::INVALID_FREEZE, "the freeze window ends when it begins", help, at);
        return None;
    }
    Some(Recurrence::Weekly { days: days?, from, until })
}

/// A time of the day, and whether it is `24:00`, which is midnight of the day after.
fn time_of_day(scope: &mut Resolver, text: &RequiredField<SmolStr>) -> Option<(Time, bool)> {
    let text = text.get()?;
    let read = parse_time(&text.value);
    if read.is_none() {
        let message = format!("`{}` is not a time of the day", excerpt(&text.value));
        scope.error(&codes::INVALID_FREEZE, message, "write it as in `16:00`; `24:00` is the end of the day", text.at);
    }
    read
}

fn parse_time(text: &str) -> Option<(Time, bool)> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<i8>().ok()).flatten()
    };
    match (number(hour)?, number(minute)?) {
        (24, 0) => Some((Time::midnight(), true)),
        (hour, minute) => Some((Time::new(hour, minute, 0, 0).ok()?, false)),
    }
}

/// A day with a time.
fn date_time(scope: &mut Resolver, text: &Located<SmolStr>) -> Option<DateTime> {
    let read = text.value.split_once('T').and_then(|(day, clock)| {
        let plain = day.len() == 10 && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let day = day.parse::<Date>().ok().filter(|_| plain)?;
        let (time, ends_the_day) = parse_time(clock)?;
        let day = if ends_the_day { day.checked_add(1.day()).ok()? } else { day };
        Some(day.to_datetime(time))
    });
    if read.is_none() {
        let message = format!("`{}` is not a day with a time", excerpt(&text.value));
        let help = "write it as in `2026-12-20T00:00`, without an offset: `time_zone` says whose clock it is";
        scope.error(&codes::INVALID_FREEZE, message, help, text.at);
    }
    read
}
