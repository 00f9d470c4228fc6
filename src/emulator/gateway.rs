//! The checks between HTTP and an emulated API: faults, keys, roles and rate limits.
//!
//! A fault that refuses a request has no effect; a fault that corrupts a response leaves the effect in place.

use std::collections::VecDeque;

use axum::http::Method;
use jiff::Timestamp;

use super::api::{Api, ApiError, ApiHandler, ApiReply, ApiRequest};
use super::config::{DropPoint, EmulatorConfig, FaultEffect, FaultRule, RetryHint, TenantAction};
use super::connection::ResponseShaping;
use super::random::SeededRandom;
use super::rate_limit::{RateWindows, WindowStatus, http_date, retry_header};
use super::request_log::{LOG_CAPACITY, LoggedRequest};
use super::tenant::EmulatedTenant;

/// A fault rule, and how many requests matched it.
struct CountedFault {
    fault: FaultRule,
    seen: u64,
}

/// A response, and how the connection delivers it.
pub(super) struct ShapedReply {
    /// `None` if the connection ends without a response.
    pub(super) reply: Option<ApiReply>,
    pub(super) delay_ms: u64,
    pub(super) shaping: ResponseShaping,
}

/// The effects of all fault rules that apply to a request.
#[derive(Default)]
struct MatchedFaults {
    refuse: Option<(ApiError, Option<u32>, Option<RetryHint>)>,
    redirect: Option<(String, u16)>,
    dropped: Option<DropPoint>,
    after: Vec<TenantAction>,
    corruptions: Vec<FaultEffect>,
    delay_ms: u64,
    shaping: ResponseShaping,
}

/// A tenant behind an emulated API.
pub(super) struct Gateway {
    pub(super) tenant: EmulatedTenant,
    api: &'static Api,
    handler: Box<dyn ApiHandler>,
    rates: RateWindows,
    faults: Vec<CountedFault>,
    /// For faults and latency only, so that they do not affect the tenant's sequence.
    random: SeededRandom,
    log: VecDeque<LoggedRequest>,
    request_count: u64,
    keyed_request_count: u64,
}

impl Gateway {
    pub(super) fn new(api: &'static Api, tenant: EmulatedTenant) -> Self {
        let handler = (api.open)(&tenant);
        let mut gateway = Self {
            tenant,
            api,
            handler,
            rates: RateWindows::new(Vec::new()),
            faults: Vec::new(),
            random: SeededRandom::new(0),
            log: VecDeque::new(),
            request_count: 0,
            keyed_request_count: 0,
        };
        gateway.reset_counters();
        gateway
    }

    /// Replaces the configuration and resets all counters.
    ///
    /// # Errors
    /// All problems of the new configuration; the old one stays in force then.
    pub(super) fn set_config(&mut self, config: EmulatorConfig) -> Result<(), Vec<String>> {
        let problems = config.problems_for(self.api.has_quirks);
        if !problems.is_empty() {
            return Err(problems);
        }
        self.tenant.set_config(config);
        self.reset_counters();
        Ok(())
    }

    fn reset_counters(&mut self) {
        let config = self.tenant.config();
        let limits = config.rates.limits.clone();
        self.rates = RateWindows::new(limits.unwrap_or_else(|| self.tenant.rules().profile().rate_limits.to_vec()));
        self.faults = config.faults.iter().map(|fault| CountedFault { fault: fault.clone(), seen: 0 }).collect();
        self.random = SeededRandom::new(!config.seed);
        self.keyed_request_count = 0;
    }

    pub(super) fn log(&self) -> impl Iterator<Item = &LoggedRequest> {
        self.log.iter()
    }

    pub(super) fn inventory(&self) -> Option<String> {
        self.handler.inventory(&self.tenant)
    }

    /// Completes whatever is due.
    pub(super) fn advance(&mut self) {
        self.tenant.advance();
        self.handler.advance(&mut self.tenant);
    }

    /// Applies actions to the tenant.
    ///
    /// # Errors
    /// If an action is impossible; the actions before it are applied.
    pub(super) fn apply_actions(&mut self, actions: &[TenantAction]) -> Result<(), String> {
        for action in actions {
            self.tenant.apply_action(action)?;
            self.advance();
        }
        Ok(())
    }

    /// Handles a request; `target` is its path and query below the base URL.
    pub(super) fn handle(&mut self, mut request: ApiRequest, target: &str) -> ShapedReply {
        self.request_count += 1;
        self.advance();
        let latency = self.tenant.config().latency.clone();
        let latency_ms = latency.base_ms + self.random.below(latency.jitter_ms.saturating_add(1));
        let faults = self.match_faults(&mut request, target);
        let key = request.header(self.api.key_header).map(str::to_owned);
        let reply = match faults.dropped {
            Some(DropPoint::Before) => None,
            Some(DropPoint::After) | None => {
                let mut reply = self.respond(&request, key.as_deref(), &faults);
                for action in &faults.after {
                    // An impossible action is skipped: the account may be deleted by now.
                    let _ = self.tenant.apply_action(action);
                }
                reply.headers.push(("date", http_date(self.tenant.now())));
                corrupt(&mut reply, &faults.corruptions);
                faults.dropped.is_none().then_some(reply)
            }
        };
        self.advance();
        let status = reply.as_ref().map(|reply| reply.status);
        self.log_request(&request.method, target, key.is_some(), status);
        ShapedReply { reply, delay_ms: latency_ms + faults.delay_ms, shaping: faults.shaping }
    }

    /// Returns the effects of the fault rules that match the request.
    fn match_faults(&mut self, request: &mut ApiRequest, target: &str) -> MatchedFaults {
        let mut faults = MatchedFaults::default();
        let path = target.split('?').next().unwrap_or_default();
        let mut effects = Vec::new();
        for CountedFault { fault, seen } in &mut self.faults {
            if !fault_matches(&fault.on, request.method.as_str(), path) {
                continue;
            }
            *seen += 1;
            let is_due = *seen >= fault.nth && (fault.times == 0 || *seen - fault.nth < fault.times);
            if is_due && (fault.percent == 100 || self.random.below(100) < u64::from(fault.percent)) {
                effects.push(fault.then.clone());
            }
        }
        for effect in effects {
            match effect {
                FaultEffect::Refuse { status, code, wait, dialect } => {
                    let message = format!("refused by a fault with {status}");
                    faults.refuse = Some((ApiError { status, code, message }, wait, dialect));
                }
                FaultEffect::Drop(moment) => faults.dropped = Some(moment),
                FaultEffect::Truncate { bytes } => faults.shaping.byte_limit = Some(bytes),
                FaultEffect::Drip { bytes_per_second } => faults.shaping.bytes_per_second = Some(bytes_per_second),
                FaultEffect::Delay { ms } => faults.delay_ms += ms,
                FaultEffect::Redirect { to, status } => faults.redirect = Some((to, status)),
                FaultEffect::Before(actions) => {
                    for action in &actions {
                        let _ = self.tenant.apply_action(action);
                        self.advance();
                    }
                }
                FaultEffect::After(actions) => faults.after.extend(actions),
                FaultEffect::End(ending) => request.failure = Some(ending),
                FaultEffect::Garble | FaultEffect::Body(_) | FaultEffect::Huge { .. } => {
                    faults.corruptions.push(effect)
                }
            }
        }
        faults
    }

    /// Checks key, role and rate limits, and passes the request to the handler.
    fn respond(&mut self, request: &ApiRequest, key: Option<&str>, faults: &MatchedFaults) -> ApiReply {
        let config = self.tenant.config();
        let now = self.tenant.now();
        let refuse = |refusal: &ApiError| self.handler.error_reply(&self.tenant, request, refusal);
        if let Some((to, status)) = &faults.redirect {
            let body = Vec::new();
            return ApiReply { status: *status, media: "text/plain", headers: vec![("location", to.clone())], body };
        }
        let bare = key.map(|key| if self.api.key_header == "authorization" { strip_bearer(key) } else { key });
        match bare {
            None | Some("") => return refuse(&ApiError::new(401, "the request has no key")),
            Some(bare) if config.key.as_deref().is_some_and(|expected| expected != bare) => {
                return refuse(&ApiError::new(401, "unknown key"));
            }
            Some(_) => {}
        }
        if config.key_requests.is_some_and(|most| self.keyed_request_count >= most) {
            return refuse(&ApiError::new(401, "the key has expired"));
        }
        if let Some((refusal, wait, dialect)) = &faults.refuse {
            let reply = refuse(refusal);
            let Some(wait) = wait else { return reply };
            let until = self.tenant.after_ms(u64::from(*wait) * 1000);
            return with_retry_hint(reply, self.retry_hint(*dialect, until, now));
        }
        if config.wrong_account {
            return refuse(&ApiError::new(
                403,
                "CustomerId mismatch: the key belongs to the account of another customer",
            ));
        }
        if config.wrong_role && (self.api.is_write)(request) {
            return refuse(&ApiError::new(403, "the key's role does not include permission to manage licenses"));
        }
        let (is_allowed, status) = self.rates.try_acquire(now);
        self.keyed_request_count += 1;
        let mut reply = if is_allowed {
            self.handler.handle(&mut self.tenant, request)
        } else {
            let config = self.tenant.config();
            let code = config.rates.other_spelling.then(|| "RATE_LIMIT_EXCEEDED".to_owned());
            let error = ApiError { code, ..ApiError::new(429, "Rate limit exceeded, please try again later") };
            let reply = self.handler.error_reply(&self.tenant, request, &error);
            with_retry_hint(reply, status.and_then(|status| self.retry_hint(None, status.reset, now)))
        };
        if let Some(WindowStatus { limit, remaining: left, reset }) =
            status.filter(|_| self.dialect(None) == RetryHint::Epoch)
        {
            reply.headers.push(("x-ratelimit-limit", limit.to_string()));
            reply.headers.push(("x-ratelimit-remaining", left.to_string()));
            if !reply.headers.iter().any(|(name, _)| *name == "x-ratelimit-reset") {
                reply.headers.extend(retry_header(RetryHint::Epoch, reset, now));
            }
        }
        reply
    }

    fn dialect(&self, asked: Option<RetryHint>) -> RetryHint {
        asked.or(self.tenant.config().rates.dialect).unwrap_or(self.api.retry_hint)
    }

    fn retry_hint(
        &self,
        dialect: Option<RetryHint>,
        until: Timestamp,
        now: Timestamp,
    ) -> Option<(&'static str, String)> {
        retry_header(self.dialect(dialect), until, now)
    }

    fn log_request(&mut self, method: &Method, target: &str, key: bool, status: Option<u16>) {
        if self.log.len() == LOG_CAPACITY {
            self.log.pop_front();
        }
        let (number, at) = (self.request_count, self.tenant.now());
        self.log.push_back(LoggedRequest {
            number,
            at,
            method: method.to_string(),
            path: target.to_owned(),
            key,
            status,
        });
    }
}

fn with_retry_hint(mut reply: ApiReply, rest: Option<(&'static str, String)>) -> ApiReply {
    reply.headers.extend(rest);
    reply
}

fn strip_bearer(value: &str) -> &str {
    value.strip_prefix("Bearer ").unwrap_or_default()
}

/// Corrupts the body of a response.
fn corrupt(reply: &mut ApiReply, effects: &[FaultEffect]) {
    for effect in effects {
        match effect {
            FaultEffect::Garble => {
                reply.body.truncate(reply.body.len() / 2);
                reply.body.extend_from_slice(b"\xff\x00 <html>");
            }
            FaultEffect::Body(text) => reply.body = text.clone().into_bytes(),
            FaultEffect::Huge { bytes } => {
                let size = usize::try_from(*bytes).unwrap_or(usize::MAX);
                reply.body = vec![b' '; size];
            }
            FaultEffect::Refuse { .. }
            | FaultEffect::Drop(_)
            | FaultEffect::Truncate { .. }
            | FaultEffect::Drip { .. }
            | FaultEffect::Delay { .. }
            | FaultEffect::Redirect { .. }
            | FaultEffect::Before(_)
            | FaultEffect::After(_)
            | FaultEffect::End(_) => {}
        }
    }
}

/// Returns whether a fault rule matches a request.
fn fault_matches(on: &str, method: &str, path: &str) -> bool {
    let mut words = on.split_whitespace();
    let first = words.next();
    let (wanted, pattern) = match first {
        Some(word) if word.starts_with(['/', '*']) => (None, Some(word)),
        _ => (first, words.next()),
    };
    wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
        && pattern.is_none_or(|pattern| glob_matches(pattern, path))
}

/// Returns whether a text matches a pattern in which `*` stands for any text.
fn glob_matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut last = None;
    for piece in pieces {
        if let Some(before) = last.replace(piece) {
            let before: &str = before;
            let Some(at) = rest.find(before) else { return false };
            rest = &rest[at + before.len()..];
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_matches_any_text() {
        for (pattern, text, expected) in [
            ("/users", "/users", true),
            ("/users", "/users/1", false),
            ("/users*", "/users", true),
            ("/users/*", "/users/1", true),
            ("/users/*", "/users", false),
            ("*", "", true),
            ("/a/*/b/*", "/a/1/b/2", true),
            ("/a/*/b", "/a/1/b/2", false),
            ("/a*a", "/a", false),
        ] {
            assert_eq!(glob_matches(pattern, text), expected, "{pattern} and {text}");
        }
    }

    #[test]
    fn method_and_path_are_optional() {
        assert!(fault_matches("", "GET", "/users"));
        assert!(fault_matches("put", "PUT", "/users/1"));
        assert!(fault_matches("/users/*", "PUT", "/users/1"));
        assert!(!fault_matches("GET /users/*", "PUT", "/users/1"));
    }
}
