//! Freeze windows: zones, clocks put forward and back, weeks and years that end.

use jiff::civil::{date, time};

use super::*;

fn freeze(name: &str, zone: &str, recurrence: Recurrence) -> FreezeWindow {
    FreezeWindow {
        name: name.into(),
        recurrence,
        zone: NamedTimeZone::find(zone).unwrap(),
        tenants: None,
        reason: None,
        level: Level::Deny,
        source: None,
    }
}

fn once(zone: &str, from: &str, until: &str) -> FreezeWindow {
    freeze("once", zone, Recurrence::Once { from: from.parse().unwrap(), until: until.parse().unwrap() })
}

fn weekly(zone: &str, days: &[i8], from: Time, until: Time) -> FreezeWindow {
    freeze("weekly", zone, Recurrence::Weekly { days: days.iter().copied().collect(), from, until })
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The first and the last second of the run of seconds around a moment in which the window holds.
fn assert_active_between(window: &FreezeWindow, first: &str, last: &str) {
    let second = jiff::SignedDuration::from_secs(1);
    let (first, last) = (at(first), at(last));
    assert_eq!(window.active_until(first - second), None, "before {first}");
    assert_eq!(window.active_until(first), Some(last + second), "at {first}");
    assert_eq!(window.active_until(last), Some(last + second), "at {last}");
    assert_eq!(window.active_until(last + second), None, "after {last}");
}

#[test]
fn window_starts_at_local_midnight() {
    let day = |zone| once(zone, "2026-12-20T00:00", "2026-12-21T00:00");
    assert_active_between(&day("UTC"), "2026-12-20T00:00:00Z", "2026-12-20T23:59:59Z");
    assert_active_between(&day("Europe/Berlin"), "2026-12-19T23:00:00Z", "2026-12-20T22:59:59Z");
    assert_active_between(&day("Pacific/Kiritimati"), "2026-12-19T10:00:00Z", "2026-12-20T09:59:59Z");
    assert_active_between(&day("Pacific/Pago_Pago"), "2026-12-20T11:00:00Z", "2026-12-21T10:59:59Z");
    assert_active_between(&day("Asia/Kolkata"), "2026-12-19T18:30:00Z", "2026-12-20T18:29:59Z");
}

#[test]
fn window_spans_the_end_of_the_year() {
    let window = once("America/New_York", "2026-12-31T12:00", "2027-01-01T12:00");
    assert_active_between(&window, "2026-12-31T17:00:00Z", "2027-01-01T16:59:59Z");
    let sundays = weekly("Asia/Tokyo", &[5], time(18, 0, 0, 0), time(6, 0, 0, 0));
    // 2027-01-01 is a Friday.
    assert_active_between(&sundays, "2027-01-01T09:00:00Z", "2027-01-01T20:59:59Z");
}

#[test]
fn skipped_local_time_never_shortens_a_window() {
    // On 2026-03-29 clocks in Berlin go from 02:00 to 03:00, which is 01:00 UTC.
    assert_active_between(
        &once("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T12:00"),
        "2026-03-29T00:30:00Z",
        "2026-03-29T09:59:59Z",
    );
    assert_active_between(
        &once("Europe/Berlin", "2026-03-28T12:00", "2026-03-29T02:30"),
        "2026-03-28T11:00:00Z",
        "2026-03-29T01:29:59Z",
    );
}

#[test]
fn repeated_local_time_never_shortens_a_window() {
    // On 2026-10-25 clocks in Berlin go from 03:00 back to 02:00, which is 01:00 UTC.
    assert_active_between(
        &once("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T12:00"),
        "2026-10-25T00:30:00Z",
        "2026-10-25T10:59:59Z",
    );
    assert_active_between(
        &once("Europe/Berlin", "2026-10-24T12:00", "2026-10-25T02:30"),
        "2026-10-24T10:00:00Z",
        "2026-10-25T01:29:59Z",
    );
}

#[test]
fn weekly_window_spans_midnight_and_the_end_of_the_week() {
    let nights = weekly("Europe/Berlin", &[7], time(22, 0, 0, 0), time(6, 0, 0, 0));
    // 2026-11-22 is a Sunday; the window ends on Monday.
    assert_active_between(&nights, "2026-11-22T21:00:00Z", "2026-11-23T04:59:59Z");
}

#[test]
fn weekly_window_until_midnight_ends_with_the_day() {
    let evening = weekly("Europe/Berlin", &[5], time(16, 0, 0, 0), Time::midnight());
    assert_active_between(&evening, "2026-11-20T15:00:00Z", "2026-11-20T22:59:59Z");
    let all_day = weekly("Europe/Berlin", &[5], Time::midnight(), Time::midnight());
    assert_active_between(&all_day, "2026-11-19T23:00:00Z", "2026-11-20T22:59:59Z");
}

#[test]
fn weekly_window_follows_daylight_saving_time() {
    let nights = weekly("Europe/Berlin", &[6], time(22, 0, 0, 0), time(6, 0, 0, 0));
    assert_active_between(&nights, "2026-03-28T21:00:00Z", "2026-03-29T03:59:59Z");
    assert_active_between(&nights, "2026-10-24T20:00:00Z", "2026-10-25T04:59:59Z");
    // Midnight itself is left out where clocks are put at midnight: in Beirut on 2026-03-29, 22:00 UTC.
    let beirut = weekly("Asia/Beirut", &[7], Time::midnight(), time(6, 0, 0, 0));
    assert_eq!(beirut.active_until(at("2026-03-28T21:00:00Z")), Some(at("2026-03-29T03:00:00Z")));
}

#[test]
fn window_on_a_skipped_day_starts_the_day_before() {
    // Samoa had no 2011-12-30, a Friday: at 10:00 UTC its Thursday was over and its Saturday began.
    let fridays = weekly("Pacific/Apia", &[5], Time::midnight(), Time::midnight());
    assert_active_between(&fridays, "2011-12-29T10:00:00Z", "2011-12-30T09:59:59Z");
}

#[test]
fn freeze_ends_after_all_adjacent_windows() {
    let first = once("UTC", "2026-12-20T00:00", "2026-12-24T00:00");
    let overlapping = once("UTC", "2026-12-23T00:00", "2026-12-27T00:00");
    let adjacent = once("Europe/Berlin", "2026-12-27T01:00", "2026-12-31T00:00");
    let later = once("UTC", "2027-01-01T00:00", "2027-01-02T00:00");
    let all = [&later, &adjacent, &overlapping, &first];
    let (moment, last) = end_of_freeze(&all, at("2026-12-20T12:00:00Z")).unwrap();
    assert_eq!((moment, last), (at("2026-12-30T23:00:00Z"), Some(&adjacent)));
    assert_eq!(end_of_freeze(&all, at("2026-12-31T12:00:00Z")).unwrap(), (at("2026-12-31T12:00:00Z"), None));
}

#[test]
fn endless_windows_have_no_end() {
    let always = weekly("UTC", &[1, 2, 3, 4, 5, 6, 7], Time::midnight(), Time::midnight());
    assert_eq!(end_of_freeze(&[&always], at("2026-12-20T12:00:00Z")), None);
}

#[test]
fn calendar_limits_do_not_panic() {
    let all = once("Pacific/Kiritimati", "-009999-01-01T00:00", "9999-12-31T23:59");
    for moment in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        let _ = all.active_until(moment);
        let _ = weekly("Pacific/Kiritimati", &[1, 5], time(22, 0, 0, 0), time(21, 0, 0, 0)).active_until(moment);
    }
    assert!(all.active_until(Timestamp::UNIX_EPOCH).is_some());
    assert_eq!(
        NamedTimeZone::find("UTC").unwrap().possible_instants(date(9999, 12, 31).at(23, 59, 59, 999_999_999)).1,
        Timestamp::MAX
    );
}

#[test]
fn bundled_zones_are_found_in_any_letter_case() {
    assert_eq!(NamedTimeZone::find("europe/berlin").map(|zone| zone.name().clone()), Some("Europe/Berlin".into()));
    assert_eq!(NamedTimeZone::find("UTC").map(|zone| zone.name().clone()), Some("UTC".into()));
    for wrong in ["", "Berlin", "Mars/Olympus", "+01:00", "../UTC"] {
        assert_eq!(NamedTimeZone::find(wrong), None, "{wrong}");
    }
    assert!(NamedTimeZone::names().len() > 400);
}
