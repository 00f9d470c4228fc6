//! `policy.freeze`: times and time zones, parsed.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};
use smol_str::SmolStr;

use crate::diagnostic::catalog::{manifest as codes, reference};
use crate::diagnostic::{Level, Location, Severity, nearest};
use crate::manifest::resolve::resolver::Resolver;
use crate::manifest::schema::{FreezeEntry, WeeklyEntry};
use crate::manifest::sections::duplicate_key;
use crate::manifest::yaml::{LenientList, Located, OptionalField, RequiredField, excerpt};
use crate::model::{FreezeWindow, NamedTimeZone, Recurrence};

/// The maximum number of windows.
const FREEZES_MAX: usize = 200;

/// Resolves the windows, sorted by name; those that are invalid are reported and left out.
pub(super) fn resolve(resolver: &mut Resolver, entries: Vec<Located<FreezeEntry>>) -> Vec<FreezeWindow> {
    let mut freezes = Vec::new();
    let mut names: Vec<Located<SmolStr>> = Vec::new();
    for (number, entry) in entries.into_iter().enumerate() {
        if number == FREEZES_MAX {
            let message = format!("more than {FREEZES_MAX} freeze windows");
            resolver.error(&codes::INVALID_FREEZE, message, "use `weekly` for windows that repeat", entry.at);
            break;
        }
        let first = entry.value.name.get().and_then(|name| names.iter().find(|other| other.value == name.value));
        if let (Some(first), Some(name)) = (first, entry.value.name.get()) {
            let finding = duplicate_key(&name.value, name.at, first.at, &resolver.files);
            resolver.push(finding);
        }
        names.extend(entry.value.name.get().cloned());
        freezes.extend(freeze(resolver, entry));
    }
    freezes.sort_by(|a, b| a.name.cmp(&b.name));
    freezes
}

fn freeze(resolver: &mut Resolver, entry: Located<FreezeEntry>) -> Option<FreezeWindow> {
    let Located { value: entry, at } = entry;
    let name =
        entry.name.get().filter(|name| resolver.check_name("freeze window", name)).map(|name| name.value.clone());
    let zone = entry.time_zone.get().and_then(|name| zone(resolver, name));
    let tenants = tenants(resolver, &entry.tenants);
    let recurrence = match (entry.weekly.get(), entry.from.get(), entry.until.get()) {
        (Some(weekly), None, None) => self::weekly(resolver, &weekly.value),
        (None, Some(from), Some(until)) => once(resolver, from, until, zone.as_ref()),
        _ => {
            let help = "write `from` and `until`, or `weekly`";
            resolver.error(&codes::INVALID_FREEZE, "the freeze window has no times", help, at);
            None
        }
    };
    Some(FreezeWindow {
        name: name?,
        recurrence: recurrence?,
        zone: zone?,
        tenants: tenants?,
        reason: entry.reason.value().cloned(),
        level: entry.level.value().map_or(Level::Deny, |level| (*level).into()),
        source: Some(resolver.files.source(at)),
    })
}

/// Resolves the frozen tenants: `Some(None)` for all, `None` if a name is unknown.
fn tenants(
    resolver: &mut Resolver,
    names: &OptionalField<LenientList<Located<SmolStr>>>,
) -> Option<Option<BTreeSet<SmolStr>>> {
    let Some(names) = names.get() else { return Some(None) };
    if names.value.0.is_empty() {
        let help = "list a tenant, or remove `tenants` to freeze all";
        resolver.error(&codes::INVALID_FREEZE, "the list of frozen tenants is empty", help, names.at);
        return None;
    }
    let known: Vec<bool> = names.value.0.iter().map(|name| resolver.check_tenant(&name.value, name.at)).collect();
    let named = names.value.0.iter().map(|name| name.value.clone()).collect();
    known.into_iter().all(|known| known).then_some(Some(named))
}

fn zone(resolver: &mut Resolver, name: &Located<SmolStr>) -> Option<NamedTimeZone> {
    if let Some(zone) = NamedTimeZone::find(&name.value) {
        return Some(zone);
    }
    let zones = NamedTimeZone::names();
    let place = |zone: &&String| zone.rsplit('/').next().is_some_and(|place| place.eq_ignore_ascii_case(&name.value));
    let near = zones.iter().find(place).map(String::as_str).or_else(|| nearest(&name.value, &zones));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "use an IANA name such as `Europe/Berlin`, or `UTC`".to_owned(),
    };
    let message = format!("unknown time zone `{}`", excerpt(&name.value));
    resolver.error(&reference::UNKNOWN_TIME_ZONE, message, help, name.at);
    None
}

fn once(
    resolver: &mut Resolver,
    from: &Located<SmolStr>,
    until: &Located<SmolStr>,
    zone: Option<&NamedTimeZone>,
) -> Option<Recurrence> {
    let (begins, ends) = (date_time(resolver, from), date_time(resolver, until));
    let (begins, ends) = (begins?, ends?);
    if ends <= begins {
        let message = format!("the freeze window ends at `{}`, not after its start", until.value);
        resolver.error(&codes::INVALID_FREEZE, message, "use a later `until`", until.at);
        return None;
    }
    if let Some(zone) = zone {
        warn_ambiguous_time(resolver, zone, begins, from.at, "begins");
        warn_ambiguous_time(resolver, zone, ends, until.at, "ends");
    }
    Some(Recurrence::Once { from: begins, until: ends })
}

/// Warns about a local time that does not exist or exists twice, because clocks change.
fn warn_ambiguous_time(resolver: &mut Resolver, zone: &NamedTimeZone, written: DateTime, at: Location, does: &str) {
    let (first, last) = zone.possible_instants(written);
    if first == last {
        return;
    }
    let read = if does == "begins" { first } else { last };
    let written = written.strftime("%Y-%m-%dT%H:%M");
    let message = format!(
        "clocks change at `{written}` in `{}`, so the freeze {does} at {read}, which makes it longer",
        zone.name()
    );
    let help = "use a time that exists once".to_owned();
    resolver.report(Severity::Warning, &codes::AMBIGUOUS_TIME, message, Some(help), at);
}

fn weekly(resolver: &mut Resolver, entry: &WeeklyEntry) -> Option<Recurrence> {
    let days = entry.days.get().and_then(|days| {
        if days.value.0.is_empty() {
            resolver.error(
                &codes::INVALID_FREEZE,
                "the list of days is empty",
                "list a day, as in `[friday]`",
                days.at,
            );
            return None;
        }
        Some(days.value.0.iter().map(|day| day.value.number()).collect())
    });
    let (from, until) = (time_of_day(resolver, &entry.from), time_of_day(resolver, &entry.until));
    let ((from, is_late), (until, ends_the_day)) = (from?, until?);
    if is_late {
        let at = entry.from.get().map(|from| from.at)?;
        let message = "the freeze window starts at the end of the day";
        resolver.error(&codes::INVALID_FREEZE, message, "use `00:00` and the next day", at);
        return None;
    }
    if from == until && !ends_the_day {
        let at = entry.until.get().map(|until| until.at)?;
        let help = "use a later time; a whole day is `from: \"00:00\"` with `until: \"24:00\"`";
        resolver.error(&codes::INVALID_FREEZE, "the freeze window ends when it starts", help, at);
        return None;
    }
    Some(Recurrence::Weekly { days: days?, from, until })
}

/// Parses a time of day; returns it, and whether it is `24:00`, which is midnight of the next day.
fn time_of_day(resolver: &mut Resolver, text: &RequiredField<SmolStr>) -> Option<(Time, bool)> {
    let text = text.get()?;
    let read = parse_time(&text.value);
    if read.is_none() {
        let message = format!("invalid time `{}`", excerpt(&text.value));
        resolver.error(
            &codes::INVALID_FREEZE,
            message,
            "write it as in `16:00`; `24:00` is the end of the day",
            text.at,
        );
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

/// Parses a date with a time.
fn date_time(resolver: &mut Resolver, text: &Located<SmolStr>) -> Option<DateTime> {
    let read = text.value.split_once('T').and_then(|(day, clock)| {
        let plain = day.len() == 10 && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let day = day.parse::<Date>().ok().filter(|_| plain)?;
        let (time, ends_the_day) = parse_time(clock)?;
        let day = if ends_the_day { day.checked_add(1.day()).ok()? } else { day };
        Some(day.to_datetime(time))
    });
    if read.is_none() {
        let message = format!("invalid date and time `{}`", excerpt(&text.value));
        let help = "write it as in `2026-12-20T00:00`, without an offset; `time_zone` sets the time zone";
        resolver.error(&codes::INVALID_FREEZE, message, help, text.at);
    }
    read
}
