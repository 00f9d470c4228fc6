//! The pause that a vendor requests in the headers of a response.
//!
//! Independent of any HTTP library: headers are pairs of name and value. Vendors use several dialects, with seconds from now,
//! seconds or milliseconds since 1970, or a date. Invariants: invalid values are ignored; a time in the past requests no
//! pause; no header requests more than [`MAX_PAUSE`].

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The longest pause that a header can request.
pub const MAX_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// Smaller numbers are seconds from now, larger ones seconds since 1970 (from 1973 on).
const EPOCH_SECONDS: f64 = 1e8;
/// Larger numbers are milliseconds since 1970.
const EPOCH_MILLISECONDS: f64 = 1e11;

/// Returns the pause that the vendor requests.
///
/// If the response `refused` the request, the reset time of the limit counts; otherwise it counts only if the headers report
/// an exhausted limit. The `Date` of the response replaces `now`, so that the clocks need not agree.
pub fn requested_pause<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    refused: bool,
    now: Timestamp,
) -> Option<Duration> {
    let headers: Vec<(String, &str)> =
        headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value.trim())).collect();
    let values = |wanted: &'static [&'static str]| {
        headers.iter().filter(move |(name, _)| wanted.contains(&&**name)).map(|(_, value)| *value)
    };
    let now = values(&["date"]).find_map(parse_date).unwrap_or(now);
    let milliseconds = values(&["retry-after-ms", "x-ms-retry-after-ms"])
        .filter_map(|value| parse_number(value).map(|number| clamped_seconds(number / 1000.0)));
    let asked = values(&["retry-after", "x-retry-after"]).filter_map(|value| time_from_now(value, now));
    if let Some(asked) = milliseconds.chain(asked).max() {
        return Some(asked).filter(|pause| !pause.is_zero());
    }
    let structured = values(&["ratelimit", "x-ratelimit"]).filter_map(|value| structured_pause(value, refused));
    let is_empty = refused || values(REMAINING).any(|value| parse_number(value).is_some_and(|left| left <= 0.0));
    let reset = values(RESET).filter(|_| is_empty).filter_map(|value| time_from_now(value, now));
    structured.chain(reset).max().filter(|pause| !pause.is_zero())
}

/// Headers with the number of remaining requests.
const REMAINING: &[&str] = &["ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining"];
/// Headers with the reset time of the limit.
const RESET: &[&str] = &[
    "ratelimit-reset",
    "x-ratelimit-reset",
    "x-ratelimit-reset-after",
    "x-rate-limit-reset",
    "x-rate-limit-reset-after",
];

/// Parses seconds from now, a time since 1970, or a date.
fn time_from_now(value: &str, now: Timestamp) -> Option<Duration> {
    if let Some(number) = parse_number(value) {
        let since = now.as_duration().as_secs_f64();
        return Some(match number {
            number if number < EPOCH_SECONDS => clamped_seconds(number),
            number if number < EPOCH_MILLISECONDS => clamped_seconds(number - since),
            number => clamped_seconds(number / 1000.0 - since),
        });
    }
    let then = parse_date(value)?;
    Some(Duration::try_from(then.duration_since(now)).unwrap_or(Duration::ZERO).min(MAX_PAUSE))
}

/// Parses a finite, non-negative number.
fn parse_number(value: &str) -> Option<f64> {
    let plain = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    value.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

fn clamped_seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number.max(0.0)).unwrap_or(MAX_PAUSE).min(MAX_PAUSE)
}

/// Parses a date in a format of HTTP, including the two obsolete ones, or of RFC 3339.
fn parse_date(value: &str) -> Option<Timestamp> {
    if let Ok(time) = DateTimeParser::new().parse_timestamp(value) {
        return Some(time);
    }
    if let Ok(time) = value.parse() {
        return Some(time);
    }
    let (_, rest) = value.split_once(' ')?;
    ["%d-%b-%y %H:%M:%S GMT", "%b %e %H:%M:%S %Y", "%b %d %H:%M:%S %Y"].iter().find_map(|form| {
        let civil = jiff::civil::DateTime::strptime(form, rest.trim_start()).ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}

/// Parses the `RateLimit` field: lists of parameters, `"default";r=0;t=30`, or of an older draft, `limit=9, remaining=0,
/// reset=30`. Returns the longest time of the exhausted ones.
fn structured_pause(value: &str, refused: bool) -> Option<Duration> {
    let of = |list: &str, separator: char| {
        let mut left = None;
        let mut reset = None;
        for (key, value) in list.split(separator).filter_map(|part| part.trim().split_once('=')) {
            match key.trim() {
                "r" | "remaining" => left = parse_number(value.trim()),
                "t" | "reset" => reset = parse_number(value.trim()),
                _ => {}
            }
        }
        let is_empty = left.map_or(refused, |left| left <= 0.0);
        reset.filter(|_| is_empty).map(clamped_seconds)
    };
    if value.contains(';') { value.split(',').filter_map(|list| of(list, ';')).max() } else { of(value, ',') }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2026-11-21T10:00:00Z, a Saturday.
    const NOW: Timestamp = Timestamp::constant(1_795_255_200, 0);

    fn of(headers: &[(&str, &str)], refused: bool) -> Option<u128> {
        requested_pause(headers.iter().copied(), refused, NOW).map(|pause| pause.as_millis())
    }

    #[test]
    fn every_header_dialect_yields_thirty_seconds() {
        for (name, value) in [
            ("Retry-After", "30"),
            ("retry-after", " 30.0 "),
            ("Retry-After", "Sat, 21 Nov 2026 10:00:30 GMT"),
            ("Retry-After", "Saturday, 21-Nov-26 10:00:30 GMT"),
            ("Retry-After", "Sat Nov 21 10:00:30 2026"),
            ("Retry-After", "2026-11-21T10:00:30Z"),
            ("retry-after-ms", "30000"),
            ("X-RateLimit-Reset", "30"),
            ("X-RateLimit-Reset", "1795255230"),
            ("X-RateLimit-Reset", "1795255230000"),
            ("X-Rate-Limit-Reset", "2026-11-21T10:00:30Z"),
            ("RateLimit-Reset", "30"),
            ("RateLimit", "\"default\";r=0;t=30"),
            ("RateLimit", "\"burst\";r=0;t=3, \"day\";r=0;t=30, \"month\";r=7;t=9000"),
            ("RateLimit", "limit=100, remaining=0, reset=30"),
        ] {
            assert_eq!(of(&[(name, value)], true), Some(30_000), "{name}: {value}");
        }
    }

    #[test]
    fn accepted_answer_requests_a_pause_only_with_an_empty_quota() {
        for (headers, expected) in [
            (&[("X-RateLimit-Reset", "30"), ("X-RateLimit-Remaining", "0")][..], Some(30_000)),
            (&[("X-RateLimit-Reset", "30"), ("X-RateLimit-Remaining", "1")], None),
            (&[("X-RateLimit-Reset", "30")], None),
            (&[("RateLimit", "\"default\";r=50;t=30")], None),
            (&[("RateLimit", "\"default\";r=0;t=30")], Some(30_000)),
            (&[("Retry-After", "5"), ("X-RateLimit-Reset", "30"), ("X-RateLimit-Remaining", "0")], Some(5_000)),
        ] {
            assert_eq!(of(headers, false), expected, "{headers:?}");
        }
    }

    #[test]
    fn times_are_compared_with_the_clock_of_the_vendor() {
        let headers = [("Date", "Sat, 21 Nov 2026 11:00:00 GMT"), ("Retry-After", "Sat, 21 Nov 2026 11:00:30 GMT")];
        assert_eq!(of(&headers, true), Some(30_000));
    }

    #[test]
    fn invalid_and_past_values_are_ignored_and_long_ones_are_capped() {
        for value in ["", "soon", "-5", "NaN", "inf", "1e9", "0", "Sat, 21 Nov 2020 10:00:00 GMT", "1700000000"] {
            let asked = of(&[("Retry-After", value)], true);
            assert_eq!(asked, None, "{value}");
        }
        assert_eq!(of(&[("Retry-After", "99999999")], true), Some(MAX_PAUSE.as_millis()));
        assert_eq!(of(&[("X-RateLimit-Reset", "99999999999999999999")], true), Some(MAX_PAUSE.as_millis()));
    }

    proptest! {
        #[test]
        fn arbitrary_headers_do_not_panic(value in ".{0,60}", digits in "[0-9.]{0,40}") {
            for value in [value, digits] {
                for name in ["retry-after", "ratelimit", "x-ratelimit-reset", "date"] {
                    let asked = requested_pause([(name, &*value)], true, NOW);
                    prop_assert!(asked.is_none_or(|pause| pause <= MAX_PAUSE));
                }
            }
        }
    }
}
