//! The server's clock and rate limit, as response headers report them.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::adapter::RequestQuota;

/// What the latest responses reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RateHeaders {
    /// The server's clock.
    pub(crate) server_time: Option<Timestamp>,
    /// The rest of its rate limit.
    pub(crate) quota: Option<RequestQuota>,
}

impl RateHeaders {
    /// Takes over what the headers of a response report.
    pub(super) fn update(&mut self, headers: &[(String, String)]) {
        let value = |names: &[&str]| {
            headers.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value.trim())
        };
        let number = |names: &[&str]| value(names).and_then(|value| value.parse::<u64>().ok());
        let server_time = value(&["date"]).and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
        let remaining = number(&["x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining"]);
        let quota = remaining.map(|remaining| {
            let reset = number(&["x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset"]);
            // A small number counts seconds from now, a large one seconds since 1970.
            let resets_at = reset.and_then(|reset| match i64::try_from(reset).ok()? {
                since_epoch @ 100_000_000.. => Timestamp::from_second(since_epoch).ok(),
                seconds => Timestamp::from_second(server_time?.as_second().checked_add(seconds)?).ok(),
            });
            let limit = number(&["x-ratelimit-limit", "ratelimit-limit", "x-rate-limit-limit"]);
            RequestQuota { remaining, limit, resets_at }
        });
        self.server_time = server_time.or(self.server_time);
        self.quota = quota.or(self.quota);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_and_quota_are_read_and_invalid_headers_ignored() {
        let headers = |list: &[(&str, &str)]| -> Vec<(String, String)> {
            list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let mut latest = RateHeaders::default();
        latest.update(&headers(&[
            ("date", "Sat, 21 Nov 2026 10:00:00 GMT"),
            ("x-ratelimit-limit", "100"),
            ("x-ratelimit-remaining", "7"),
            ("x-ratelimit-reset", "1795255230"),
        ]));
        assert_eq!(latest.server_time, Some("2026-11-21T10:00:00Z".parse().unwrap()));
        let resets_at = Some("2026-11-21T10:00:30Z".parse().unwrap());
        assert_eq!(latest.quota, Some(RequestQuota { remaining: 7, limit: Some(100), resets_at }));
        let before = latest;
        latest.update(&headers(&[("date", "soon"), ("x-ratelimit-remaining", "-1"), ("x-ratelimit-reset", "never")]));
        assert_eq!(latest, before);
    }
}
