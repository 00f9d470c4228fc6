//! Freeze windows: zones, clocks put forward and back, weeks and years that end.

use jiff::civil::{date, time};

use super::*;

fn freeze(name: &str, zone: &str, recurrence: Recurrence) -> Freeze {
    Freeze {
        name: name.into(),
        recurrence,
        zone: Zone::find(zone).unwrap(),
        tenants: None,
        reason: None,
        level: Level::Deny,
        source: None,
    }
}

fn once(zone: &str, from: &str, until: &str) -> Freeze {
    freeze("once", zone, Recurrence::Once { from: from.parse().unwrap(), until: until.parse().unwrap() })
}

fn weekly(zone: &str, days: &[i8], from: Time, until: Time) -> Freeze {
    freeze("weekly", zone, Recurrence::Weekly { days: days.iter().copied().collect(), from, until })
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The first and the last second of the run of seconds around a moment in which the window holds.
fn holds(window: &Freeze, first: &str, last: &str) {
    let second = jiff::SignedDuration::from_secs(1);
    let (first, last) = (at(first), at(last));
    assert_eq!(window.ends(first - second), None, "before {first}");
    assert_eq!(window.ends(first), Some(last + second), "at {first}");
    assert_eq!(window.ends(last), Some(last + second), "at {last}");
    assert_eq!(window.ends(last + second), None, "after {last}");
}

#[test]
fn midnight_is_that_of_the_place() {
    let day = |zone| once(zone, "2026-12-20T00:00", "2026-12-21T00:00");
    holds(&day("UTC"), "2026-12-20T00:00:00Z", "2026-12-20T23:59:59Z");
    holds(&day("Europe/Berlin"), "2026-12-19T23:00:00Z", "2026-12-20T22:59:59Z");
    holds(&day("Pacific/Kiritimati"), "2026-12-19T10:00:00Z", "2026-12-20T09:59:59Z");
    holds(&day("Pacific/Pago_Pago"), "2026-12-20T11:00:00Z", "2026-12-21T10:59:59Z");
    holds(&day("Asia/Kolkata"), "2026-12-19T18:30:00Z", "2026-12-20T18:29:59Z");
}

#[test]
fn year_ends_within_a_window_and_between_zones() {
    let window = once("America/New_York", "2026-12-31T12:00", "2027-01-01T12:00");
    holds(&window, "2026-12-31T17:00:00Z", "2027-01-01T16:59:59Z");
    let sundays = weekly("Asia/Tokyo", &[5], time(18, 0, 0, 0), time(6, 0, 0, 0));
    // 2027-01-01 is a Friday.
    holds(&sundays, "2027-01-01T09:00:00Z", "2027-01-01T20:59:59Z");
}

#[test]
fn time_that_a_clock_leaves_out_never_makes_a_window_shorter() {
    // On 2026-03-29 clocks in Berlin go from 02:00 to 03:00, which is 01:00 UTC.
    holds(
        &once("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T12:00"),
        "2026-03-29T00:30:00Z",
        "2026-03-29T09:59:59Z",
    );
    holds(
        &once("Europe/Berlin", "2026-03-28T12:00", "2026-03-29T02:30"),
        "2026-03-28T11:00:00Z",
        "2026-03-29T01:29:59Z",
    );
}

#[test]
fn time_that_a_clock_shows_twice_never_makes_a_window_shorter() {
    // On 2026-10-25 clocks in Berlin go from 03:00 back to 02:00, which is 01:00 UTC.
    holds(
        &once("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T12:00"),
        "2026-10-25T00:30:00Z",
        "2026-10-25T10:59:59Z",
    );
    holds(
        &once("Europe/Berlin", "2026-10-24T12:00", "2026-10-25T02:30"),
        "2026-10-24T10:00:00Z",
        "2026-10-25T01:29:59Z",
    );
}

#[test]
fn weekly_window_goes_on_over_midnight_and_over_the_end_of_the_week() {
    let nights = weekly("Europe/Berlin", &[7], time(22, 0, 0, 0), time(6, 0, 0, 0));
    // 2026-11-22 is a Sunday; the window ends on Monday.
    holds(&nights, "2026-11-22T21:00:00Z", "2026-11-23T04:59:59Z");
}

#[test]
fn weekly_window_to_the_end_of_the_day_ends_at_midnight() {
    let evening = weekly("Europe/Berlin", &[5], time(16, 0, 0, 0), Time::midnight());
    holds(&evening, "2026-11-20T15:00:00Z", "2026-11-20T22:59:59Z");
    let all_day = weekly("Europe/Berlin", &[5], Time::midnight(), Time::midnight());
    holds(&all_day, "2026-11-19T23:00:00Z", "2026-11-20T22:59:59Z");
}

#[test]
fn weekly_window_is_an_hour_longer_or_shorter_when_clocks_are_put() {
    let nights = weekly("Europe/Berlin", &[6], time(22, 0, 0, 0), time(6, 0, 0, 0));
    holds(&nights, "2026-03-28T21:00:00Z", "2026-03-29T03:59:59Z");
    holds(&nights, "2026-10-24T20:00:00Z", "2026-10-25T04:59:59Z");
    // Midnight itself is left out where clocks are put at midnight: in Beirut on 2026-03-29, 22:00 UTC.
    let beirut = weekly("Asia/Beirut", &[7], Time::midnight(), time(6, 0, 0, 0));
    assert_eq!(beirut.ends(at("2026-03-28T21:00:00Z")), Some(at("2026-03-29T03:00:00Z")));
}

#[test]
fn day_that_a_place_left_out_freezes_the_day_before() {
    // Samoa had no 2011-12-30, a Friday: at 10:00 UTC its Thursday was over and its Saturday began.
    let fridays = weekly("Pacific/Apia", &[5], Time::midnight(), Time::midnight());
    holds(&fridays, "2011-12-29T10:00:00Z", "2011-12-30T09:59:59Z");
}

#[test]
fn run_may_begin_after_all_windows_that_touch_each_other() {
    let first = once("UTC", "2026-12-20T00:00", "2026-12-24T00:00");
    let overlapping = once("UTC", "2026-12-23T00:00", "2026-12-27T00:00");
    let adjacent = once("Europe/Berlin", "2026-12-27T01:00", "2026-12-31T00:00");
    let later = once("UTC", "2027-01-01T00:00", "2027-01-02T00:00");
    let all = [&later, &adjacent, &overlapping, &first];
    let (moment, last) = thaw(&all, at("2026-12-20T12:00:00Z")).unwrap();
    assert_eq!((moment, last), (at("2026-12-30T23:00:00Z"), Some(&adjacent)));
    assert_eq!(thaw(&all, at("2026-12-31T12:00:00Z")).unwrap(), (at("2026-12-31T12:00:00Z"), None));
}

#[test]
fn windows_that_follow_each_other_for_ever_have_no_end() {
    let always = weekly("UTC", &[1, 2, 3, 4, 5, 6, 7], Time::midnight(), Time::midnight());
    assert_eq!(thaw(&[&always], at("2026-12-20T12:00:00Z")), None);
}

#[test]
fn edges_of_the_calendar_are_no_surprise() {
    let all = once("Pacific/Kiritimati", "-009999-01-01T00:00", "9999-12-31T23:59");
    for moment in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        let _ = all.ends(moment);
        let _ = weekly("Pacific/Kiritimati", &[1, 5], time(22, 0, 0, 0), time(21, 0, 0, 0)).ends(moment);
    }
    assert!(all.ends(Timestamp::UNIX_EPOCH).is_some());
    assert_eq!(Zone::find("UTC").unwrap().moments(date(9999, 12, 31).at(23, 59, 59, 999_999_999)).1, Timestamp::MAX);
}

#[test]
fn zones_come_with_the_program_and_are_found_in_any_letter_case() {
    assert_eq!(Zone::find("europe/berlin").map(|zone| zone.name().clone()), Some("Europe/Berlin".into()));
    assert_eq!(Zone::find("UTC").map(|zone| zone.name().clone()), Some("UTC".into()));
    for wrong in ["", "Berlin", "Mars/Olympus", "+01:00", "../UTC"] {
        assert_eq!(Zone::find(wrong), None, "{wrong}");
    }
    assert!(Zone::names().len() > 400);
}
