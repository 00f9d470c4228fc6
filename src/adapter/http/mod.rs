//! HTTP as all vendors need it, so that a vendor's folder holds nothing but its words, their translation and its
//! refusals.
//!
//! A [`Client`] belongs to one origin. It waits at the gate before each request, keeps time and size within limits, and tries a
//! reading again where that can help; a change it sends once, and says of one that failed whether it may be in effect.
//! Statuses are not judged here: [`Client::get`] and [`Client::send`] give a [`Reply`] for every answer with a status,
//! and [`classify`] is for those that a vendor's module has no words for.
//! What must hold: the key goes to the base URL's origin and nowhere else; redirects are followed for readings, within
//! that origin and a few times only; no answer, however long, slow or wrong, costs more than the limits.

mod address;
mod exchange;
mod failure;
mod gate;
mod key;
mod link;
mod reply;
#[cfg(test)]
mod tests;
mod vitals;

use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderValue;
use tokio::time::Instant;

pub use exchange::reserved;
pub use key::{Key, Resolve};
pub use reply::{Reply, classify, is_doubtful};
pub use vitals::{Allowance, Signs};

use self::address::Base;
use self::exchange::Request;
use self::gate::Gate;
use self::key::Keys;
use self::vitals::Vitals;
use super::{AdapterError, ErrorKind};
use crate::diagnostic::Finding;
use crate::env::Clock;
use crate::model::Rate;

/// Limits of one client.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until there is a connection, TLS included.
    pub connect: Duration,
    /// Until the last byte of an answer is there.
    pub total: Duration,
    /// The most bytes of a body.
    pub body: usize,
    /// The most attempts at a reading.
    pub attempts: u32,
    /// The pause after the first attempt; it doubles each time.
    pub backoff: Duration,
    /// The longest rest that is waited for; where the vendor asks for more, the request is given up.
    pub rest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(60),
            body: 32 << 20,
            attempts: 4,
            backoff: Duration::from_millis(500),
            // A limit that counts by the minute is over by then.
            rest: Duration::from_secs(90),
        }
    }
}

/// What a client is made from.
pub struct Settings<'a> {
    /// Where the vendor answers; paths are below it.
    pub base_url: &'a str,
    /// A PEM file of certificates that are trusted beside the system's.
    pub ca: Option<&'a Path>,
    /// The address of a proxy; without one the variables count that all programs read.
    pub proxy: Option<&'a str>,
    /// How often the vendor may be asked; every request counts.
    pub rates: &'a [Rate],
    /// What readings are signed with.
    pub key: Option<Key>,
    /// What changes are signed with, where that is another one.
    pub write_key: Option<Key>,
    /// The header that gets a fresh id with each request, for the vendor's support to find it by.
    pub request_id: Option<&'static str>,
    /// The clock that dates in headers are compared with.
    pub clock: Clock,
    /// The limits.
    pub limits: Limits,
}

/// A client of one vendor's interface.
pub struct Client {
    base: Base,
    link: reqwest::Client,
    gate: Gate,
    keys: Keys,
    request_id: Option<&'static str>,
    vitals: Vitals,
    clock: Clock,
    limits: Limits,
}

impl Client {
    /// A client; nothing is sent yet, and no key is read.
    ///
    /// # Errors
    /// What is wrong with the base URL, the certificates or the proxy.
    pub fn new(settings: Settings<'_>) -> Result<Self, Vec<Finding>> {
        let Settings { base_url, ca, proxy, rates, key, write_key, request_id, clock, limits } = settings;
        let base = Base::parse(base_url).map_err(|finding| vec![*finding])?;
        let link = link::client(&base, ca, proxy, limits.connect).map_err(|finding| vec![*finding])?;
        Ok(Self {
            base,
            link,
            gate: Gate::new(rates),
            keys: Keys::new(key, write_key),
            request_id,
            vitals: Vitals::default(),
            clock,
            limits,
        })
    }

    /// Reads what is at that path; tries again where the vendor has a fault that may pass.
    ///
    /// # Errors
    /// When there is no answer with a status; answers that refuse are replies.
    pub async fn get(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<Reply, AdapterError> {
        let request = Request::read(self.base.at(segments, query)?, accept, false);
        self.get_within(request, self.limits.attempts).await
    }

    /// The same, tried once: for what is asked again soon anyway.
    ///
    /// # Errors
    /// When there is no answer with a status.
    pub async fn get_once(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<Reply, AdapterError> {
        self.get_within(Request::read(self.base.at(segments, query)?, accept, false), 1).await
    }

    /// The same, tried once and signed with the key for changes: to see whether it is let in.
    ///
    /// # Errors
    /// When there is no answer with a status.
    pub async fn get_as_writer(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<Reply, AdapterError> {
        self.get_within(Request::read(self.base.at(segments, query)?, accept, true), 1).await
    }

    async fn get_within(&self, request: Request, attempts: u32) -> Result<Reply, AdapterError> {
        let limit = Instant::now() + self.limits.rest;
        let mut backoff = self.limits.backoff;
        for attempt in 1.. {
            let outcome = self.follow(request.clone()).await;
            let may_pass = match &outcome {
                Ok(reply) => is_passing(reply.status),
                Err(failed) => !failed.lasts,
            };
            let pause = match &outcome {
                Ok(reply) => reply.pause.unwrap_or(backoff).max(backoff),
                Err(_) => backoff,
            };
            if !may_pass || attempt >= attempts || Instant::now() + pause > limit {
                // A reading changes nothing, however it ended.
                return outcome.map_err(|failed| AdapterError { maybe_in_effect: false, ..failed.error });
            }
            tokio::time::sleep(pause).await;
            backoff *= 2;
        }
        Err(failure::late(self.base.host(), self.limits.rest.as_secs()))
    }

    /// Sends a change, once.
    ///
    /// # Errors
    /// When there is no answer with a status; `maybe_in_effect` is false where surely nothing was sent.
    pub async fn send(
        &self,
        method: Method,
        segments: &[&str],
        content_type: &'static str,
        accept: &'static str,
        body: Vec<u8>,
    ) -> Result<Reply, AdapterError> {
        let url = self.base.at(segments, &[])?;
        let request = Request::write(method, url, content_type, accept, body);
        self.exchange(request).await.map_err(|failed| failed.error)
    }

    /// Sends a change of one version of a thing, once: `tag` is what the vendor called the version.
    ///
    /// # Errors
    /// When the tag cannot stand in a header, or there is no answer with a status.
    pub async fn send_matching(
        &self,
        method: Method,
        segments: &[&str],
        media: &'static str,
        body: Vec<u8>,
        tag: &str,
    ) -> Result<Reply, AdapterError> {
        let tag = HeaderValue::from_str(tag).map_err(|_| {
            AdapterError::new(ErrorKind::Malformed, "the vendor gave a version that cannot stand in a header")
        })?;
        let request = Request::write(method, self.base.at(segments, &[])?, media, media, body).matching(tag);
        self.exchange(request).await.map_err(|failed| failed.error)
    }

    /// What the last answers told beside their contents.
    pub fn signs(&self) -> Signs {
        self.vitals.signs()
    }

    /// For how long the vendor asks us to send nothing.
    pub fn resting(&self) -> Option<Duration> {
        self.gate.resting()
    }

    /// Lets nothing pass for that long: for vendors that ask for a rest in words of their own.
    pub fn rest(&self, pause: Duration) {
        self.gate.rest(pause);
    }
}

/// Whether a fault may be gone at the next attempt.
fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 424 | 425 | 429 | 500 | 502 | 503 | 504 | 506..=599)
}
