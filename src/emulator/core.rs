//! What happens to a request between the wire and the vendor's own service: faults, keys, limits.
//!
//! What must hold: one request at a time, in the order of their arrival; a fault that refuses has no effect, and one
//! that spoils an answer leaves the effect as it is.

use std::collections::VecDeque;

use axum::http::Method;
use jiff::Timestamp;

use super::chance::Chance;
use super::knobs::{Action, Dialect, Effect, Fault, Knobs, Moment};
use super::line::Manner;
use super::log::{LOG_MAX, Logged};
use super::rates::{Rates, Standing, date, rest};
use super::service::{Face, Refusal, Reply, Request, Service};
use super::world::World;

/// A fault, and how many requests it was about.
struct Counted {
    fault: Fault,
    seen: u64,
}

/// An answer with what the wire does to it.
pub(super) struct Outcome {
    /// None where the connection ends without an answer.
    pub(super) reply: Option<Reply>,
    pub(super) delay_ms: u64,
    pub(super) manner: Manner,
}

/// What a request met on its way.
#[derive(Default)]
struct Met {
    refuse: Option<(Refusal, Option<u32>, Option<Dialect>)>,
    redirect: Option<(String, u16)>,
    lost: Option<Moment>,
    after: Vec<Action>,
    spoil: Vec<Effect>,
    delay_ms: u64,
    manner: Manner,
}

/// A tenant behind an interface.
pub(super) struct Core {
    pub(super) world: World,
    face: &'static Face,
    service: Box<dyn Service>,
    rates: Rates,
    faults: Vec<Counted>,
    /// For faults and latency, so that they take no numbers from the vendor.
    chance: Chance,
    log: VecDeque<Logged>,
    asked: u64,
    keyed: u64,
}

impl Core {
    pub(super) fn new(face: &'static Face, world: World) -> Self {
        let service = (face.open)(&world);
        let rates = Rates::new(Vec::new());
        let (chance, log) = (Chance::new(0), VecDeque::new());
        let mut core = Self { world, face, service, rates, faults: Vec::new(), chance, log, asked: 0, keyed: 0 };
        core.count_anew();
        core
    }

    /// Sets other knobs; all counting begins anew.
    ///
    /// # Errors
    /// Everything that is wrong with them; the old ones are still in force then.
    pub(super) fn turn(&mut self, knobs: Knobs) -> Result<(), Vec<String>> {
        let wrong = knobs.faults_for(self.face.manners);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        self.world.turn(knobs);
        self.count_anew();
        Ok(())
    }

    fn count_anew(&mut self) {
        let knobs = self.world.knobs();
        let limits = knobs.rates.limits.clone();
        self.rates = Rates::new(limits.unwrap_or_else(|| self.world.rules().profile().limits.to_vec()));
        self.faults = knobs.faults.iter().map(|fault| Counted { fault: fault.clone(), seen: 0 }).collect();
        self.chance = Chance::new(!knobs.seed);
        self.keyed = 0;
    }

    pub(super) fn log(&self) -> impl Iterator<Item = &Logged> {
        self.log.iter()
    }

    pub(super) fn inventory(&self) -> Option<String> {
        self.service.inventory(&self.world)
    }

    /// Lets everything happen that is due.
    pub(super) fn advance(&mut self) {
        self.world.advance();
        self.service.advance(&mut self.world);
    }

    /// Lets several things happen.
    ///
    /// # Errors
    /// The first thing that cannot; those before it have happened.
    pub(super) fn act(&mut self, actions: &[Action]) -> Result<(), String> {
        for action in actions {
            self.world.act(action)?;
            self.advance();
        }
        Ok(())
    }

    /// Answers a request; `target` is its path as it was sent.
    pub(super) fn ask(&mut self, mut request: Request, target: &str) -> Outcome {
        self.asked += 1;
        self.advance();
        let latency = self.world.knobs().latency.clone();
        let late = latency.base_ms + self.chance.below(latency.jitter_ms.saturating_add(1));
        let met = self.meet(&mut request, target);
        let key = request.header(self.face.key_header).map(str::to_owned);
        let reply = match met.lost {
            Some(Moment::Before) => None,
            Some(Moment::After) | None => {
                let mut reply = self.let_in(&request, key.as_deref(), &met);
                for action in &met.after {
                    // What cannot happen does not: the account may be gone by now.
                    let _ = self.world.act(action);
                }
                if self.face.synthetic {
                    reply.headers.push(("x-synthetic-contract", "reseat".to_owned()));
                }
                reply.headers.push(("date", date(self.world.now())));
                spoil(&mut reply, &met.spoil);
                met.lost.is_none().then_some(reply)
            }
        };
        self.advance();
        let status = reply.as_ref().map(|reply| reply.status);
        self.remember(&request.method, target, key.is_some(), status);
        Outcome { reply, delay_ms: late + met.delay_ms, manner: met.manner }
    }

    /// What goes wrong with the request.
    fn meet(&mut self, request: &mut Request, target: &str) -> Met {
        let mut met = Met::default();
        let path = target.split('?').next().unwrap_or_default();
        let mut effects = Vec::new();
        for Counted { fault, seen } in &mut self.faults {
            if !matches(&fault.on, request.method.as_str(), path) {
                continue;
            }
            *seen += 1;
            let is_due = *seen >= fault.nth && (fault.times == 0 || *seen - fault.nth < fault.times);
            if is_due && (fault.percent == 100 || self.chance.below(100) < u64::from(fault.percent)) {
                effects.push(fault.then.clone());
            }
        }
        for effect in effects {
            match effect {
                Effect::Refuse { status, code, wait, dialect } => {
                    let message = format!("refused by a fault with {status}");
                    met.refuse = Some((Refusal { status, code, message }, wait, dialect));
                }
                Effect::Drop(moment) => met.lost = Some(moment),
                Effect::Truncate { bytes } => met.manner.bytes = Some(bytes),
                Effect::Drip { bytes_per_second } => met.manner.pace = Some(bytes_per_second),
                Effect::Delay { ms } => met.delay_ms += ms,
                Effect::Redirect { to, status } => met.redirect = Some((to, status)),
                Effect::Before(actions) => {
                    for action in &actions {
                        let _ = self.world.act(action);
                        self.advance();
                    }
                }
                Effect::After(actions) => met.after.extend(actions),
                Effect::End(ending) => request.ending = Some(ending),
                Effect::Garble | Effect::Body(_) | Effect::Huge { .. } => met.spoil.push(effect),
            }
        }
        met
    }

    /// Checks key, limits and role, and asks the service.
    fn let_in(&mut self, request: &Request, key: Option<&str>, met: &Met) -> Reply {
        let knobs = self.world.knobs();
        let now = self.world.now();
        let refuse = |refusal: &Refusal| self.service.refusal(&self.world, request, refusal);
        if let Some((to, status)) = &met.redirect {
            let body = Vec::new();
            return Reply { status: *status, media: "text/plain", headers: vec![("location", to.clone())], body };
        }
        let bare = key.map(|key| if self.face.key_header == "authorization" { bearer(key) } else { key });
        match bare {
            None | Some("") => return refuse(&Refusal::new(401, "the request bears no key")),
            Some(bare) if knobs.key.as_deref().is_some_and(|expected| expected != bare) => {
                return refuse(&Refusal::new(401, "the key is not known"));
            }
            Some(_) => {}
        }
        if knobs.key_requests.is_some_and(|most| self.keyed >= most) {
            return refuse(&Refusal::new(401, "the key has expired"));
        }
        if let Some((refusal, wait, dialect)) = &met.refuse {
            let reply = refuse(refusal);
            let Some(wait) = wait else { return reply };
            let until = self.world.after_ms(u64::from(*wait) * 1000);
            return with_rest(reply, self.rest(*dialect, until, now));
        }
        if knobs.wrong_account {
            return refuse(&Refusal::new(403, "CustomerId mismatch: the key is of another customer"));
        }
        if knobs.wrong_role && is_write(&request.method) {
            return refuse(&Refusal::new(403, "the key's role does not include permission to manage licenses"));
        }
        let (may, standing) = self.rates.ask(now);
        self.keyed += 1;
        let mut reply = if may {
            self.service.answer(&mut self.world, request)
        } else {
            let knobs = self.world.knobs();
            let refusal = Refusal::new(429, "Rate limit exceeded, please try again later");
            let refusal = if knobs.rates.other_spelling { refusal.code("RATE_LIMIT_EXCEEDED") } else { refusal };
            let reply = self.service.refusal(&self.world, request, &refusal);
            with_rest(reply, standing.and_then(|standing| self.rest(None, standing.reset, now)))
        };
        if let Some(Standing { limit, left, reset }) = standing.filter(|_| self.dialect(None) == Dialect::Epoch) {
            reply.headers.push(("x-ratelimit-limit", limit.to_string()));
            reply.headers.push(("x-ratelimit-remaining", left.to_string()));
            if !reply.headers.iter().any(|(name, _)| *name == "x-ratelimit-reset") {
                reply.headers.extend(rest(Dialect::Epoch, reset, now));
            }
        }
        reply
    }

    fn dialect(&self, asked: Option<Dialect>) -> Dialect {
        asked.or(self.world.knobs().rates.dialect).unwrap_or(self.face.dialect)
    }

    fn rest(&self, dialect: Option<Dialect>, until: Timestamp, now: Timestamp) -> Option<(&'static str, String)> {
        rest(self.dialect(dialect), until, now)
    }

    fn remember(&mut self, method: &Method, target: &str, key: bool, status: Option<u16>) {
        if self.log.len() == LOG_MAX {
            self.log.pop_front();
        }
        let (number, at) = (self.asked, self.world.now());
        self.log.push_back(Logged { number, at, method: method.to_string(), path: target.to_owned(), key, status });
    }
}

fn with_rest(mut reply: Reply, rest: Option<(&'static str, String)>) -> Reply {
    reply.headers.extend(rest);
    reply
}

fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn bearer(value: &str) -> &str {
    value.strip_prefix("Bearer ").unwrap_or_default()
}

/// Puts something else in the place of what the vendor answered.
fn spoil(reply: &mut Reply, effects: &[Effect]) {
    for effect in effects {
        match effect {
            Effect::Garble => {
                reply.body.truncate(reply.body.len() / 2);
                reply.body.extend_from_slice(b"\xff\x00 <html>");
            }
            Effect::Body(text) => reply.body = text.clone().into_bytes(),
            Effect::Huge { bytes } => {
                let size = usize::try_from(*bytes).unwrap_or(usize::MAX);
                reply.body = vec![b' '; size];
            }
            Effect::Refuse { .. }
            | Effect::Drop(_)
            | Effect::Truncate { .. }
            | Effect::Drip { .. }
            | Effect::Delay { .. }
            | Effect::Redirect { .. }
            | Effect::Before(_)
            | Effect::After(_)
            | Effect::End(_) => {}
        }
    }
}

/// Whether a fault is about that request.
fn matches(on: &str, method: &str, path: &str) -> bool {
    let mut words = on.split_whitespace();
    let first = words.next();
    let (wanted, pattern) = match first {
        Some(word) if word.starts_with(['/', '*']) => (None, Some(word)),
        _ => (first, words.next()),
    };
    wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(method)) && pattern.is_none_or(|pattern| fits(pattern, path))
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
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
    fn star_stands_for_any_text() {
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
            assert_eq!(fits(pattern, text), expected, "{pattern} and {text}");
        }
    }

    #[test]
    fn method_and_path_may_be_left_out() {
        assert!(matches("", "GET", "/users"));
        assert!(matches("put", "PUT", "/users/1"));
        assert!(matches("/users/*", "PUT", "/users/1"));
        assert!(!matches("GET /users/*", "PUT", "/users/1"));
    }
}
