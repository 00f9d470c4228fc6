//! HTTP as all vendors need it, so that a vendor's folder holds nothing but its words, their translation and its
//! refusals.
//!
//! A [`Client`] belongs to one origin. It waits at the gate before each request, keeps time and size within limits, and tries a
//! reading again where that can help; a change it sends once, and says of one that failed whether it may be in effect.
//! Statuses are not judged here: [`Client::get`] and [`Client::send`] give a [`Reply`] for every answer with a status,
//! and [`classify`] is for those that a vendor's module has no words for.
//! What must hold: the key goes to the base URL's origin and nowhere else; redirects are followed for readings, within
//! that origin and a few times only; no answer, however long, slow or wrong, costs more than the limits.

mod base_url;
mod exchange;
mod failure;
mod key;
mod rate_headers;
mod response;
#[cfg(test)]
mod tests;
mod transport;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderValue;
use tokio::time::Instant;

pub use key::{ApiKey, SecretResolver};
pub use rate_headers::{RateAllowance, RateHeaders};
pub use response::{HttpResponse, classify, may_be_in_effect};

use self::base_url::BaseUrl;
use self::exchange::HttpRequest;
use self::key::ClientKeys;
use self::rate_headers::LastRateHeaders;
use super::{AdapterError, ErrorKind, RequestLimiter};
use crate::diagnostic::Finding;
use crate::env::Clock;
use crate::model::RateLimit;

/// Limits of one client.
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    /// Until there is a connection, TLS included.
    pub connect_timeout: Duration,
    /// Until the last byte of an answer is there.
    pub total_timeout: Duration,
    /// The most bytes of a body.
    pub body_max_bytes: usize,
    /// The most attempts at a reading.
    pub attempts: u32,
    /// The pause after the first attempt; it doubles each time.
    pub backoff: Duration,
    /// The longest rest that is waited for; where the vendor asks for more, the request is given up.
    pub pause_max: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(60),
            body_max_bytes: 32 << 20,
            attempts: 4,
            backoff: Duration::from_millis(500),
            // A limit that counts by the minute is over by then.
            pause_max: Duration::from_secs(90),
        }
    }
}

/// What a client is made from.
pub struct ClientSettings<'a> {
    /// Where the vendor answers; paths are below it.
    pub base_url: &'a str,
    /// A PEM file of certificates that are trusted beside the system's.
    pub ca: Option<&'a Path>,
    /// The address of a proxy; without one the variables count that all programs read.
    pub proxy: Option<&'a str>,
    /// How often the vendor may be asked; every request counts.
    pub rates: &'a [RateLimit],
    /// What readings are signed with.
    pub key: Option<ApiKey>,
    /// What changes are signed with, where that is another one.
    pub write_key: Option<ApiKey>,
    /// The header that gets a fresh id with each request, for the vendor's support to find it by.
    pub request_id: Option<&'static str>,
    /// The clock that dates in headers are compared with.
    pub clock: Clock,
    /// The limits.
    pub limits: HttpLimits,
}

/// A client of one vendor's interface.
pub struct HttpClient {
    base: BaseUrl,
    transport: reqwest::Client,
    limiter: Arc<RequestLimiter>,
    keys: ClientKeys,
    request_id: Option<&'static str>,
    rate_headers: LastRateHeaders,
    clock: Clock,
    limits: HttpLimits,
}

impl HttpClient {
    /// A client; nothing is sent yet, and no key is read.
    ///
    /// # Errors
    /// What is wrong with the base URL, the certificates or the proxy.
    pub fn new(settings: ClientSettings<'_>) -> Result<Self, Vec<Finding>> {
        let ClientSettings { base_url, ca, proxy, rates, key, write_key, request_id, clock, limits } = settings;
        let base = BaseUrl::parse(base_url).map_err(|finding| vec![*finding])?;
        let link =
            transport::build_client(&base, ca, proxy, limits.connect_timeout).map_err(|finding| vec![*finding])?;
        Ok(Self {
            base,
            transport: link,
            limiter: Arc::new(RequestLimiter::new(rates)),
            keys: ClientKeys::new(key, write_key),
            request_id,
            rate_headers: LastRateHeaders::default(),
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
    ) -> Result<HttpResponse, AdapterError> {
        let request = HttpRequest::read(self.base.join(segments, query)?, accept, false);
        self.get_with_retries(request, self.limits.attempts).await
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
    ) -> Result<HttpResponse, AdapterError> {
        self.get_with_retries(HttpRequest::read(self.base.join(segments, query)?, accept, false), 1).await
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
    ) -> Result<HttpResponse, AdapterError> {
        self.get_with_retries(HttpRequest::read(self.base.join(segments, query)?, accept, true), 1).await
    }

    async fn get_with_retries(&self, request: HttpRequest, attempts: u32) -> Result<HttpResponse, AdapterError> {
        let limit = Instant::now() + self.limits.pause_max;
        let mut backoff = self.limits.backoff;
        for attempt in 1.. {
            let outcome = self.send_with_redirects(request.clone()).await;
            let may_pass = match &outcome {
                Ok(reply) => is_transient(reply.status),
                Err(failed) => !failed.is_permanent,
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
        Err(failure::timeout_error(self.base.host(), self.limits.pause_max.as_secs()))
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
    ) -> Result<HttpResponse, AdapterError> {
        let url = self.base.join(segments, &[])?;
        let request = HttpRequest::write(method, url, content_type, accept, body);
        self.send_once(request).await.map_err(|failed| failed.error)
    }

    /// Sends a change of one version of a thing, once: `tag` is what the vendor called the version.
    ///
    /// # Errors
    /// When the tag cannot stand in a header, or there is no answer with a status.
    pub async fn send_if_match(
        &self,
        method: Method,
        segments: &[&str],
        media: &'static str,
        body: Vec<u8>,
        tag: &str,
    ) -> Result<HttpResponse, AdapterError> {
        let tag = HeaderValue::from_str(tag).map_err(|_| {
            AdapterError::new(ErrorKind::Malformed, "the vendor gave a version that cannot stand in a header")
        })?;
        let request = HttpRequest::write(method, self.base.join(segments, &[])?, media, media, body).if_match(tag);
        self.send_once(request).await.map_err(|failed| failed.error)
    }

    /// What the last answers told beside their contents.
    pub fn rate_headers(&self) -> RateHeaders {
        self.rate_headers.get()
    }

    /// Returns the limiter that every request of this client passes.
    pub fn limiter(&self) -> Arc<RequestLimiter> {
        Arc::clone(&self.limiter)
    }
}

/// Whether a fault may be gone at the next attempt.
fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 424 | 425 | 429 | 500 | 502 | 503 | 504 | 506..=599)
}
