//! HTTP client for the APIs of vendors and forges.
//!
//! An [`HttpClient`] belongs to one origin. It limits the request rate, time and size, and retries reads. It sends a change
//! once, and reports of a failed one whether it may be in effect. It returns an [`HttpResponse`] for every status;
//! [`classify`] converts those without a vendor-specific meaning to errors.
//! The key is sent to the origin of the base URL only. Reads follow a few redirects within that origin.

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
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use tokio::time::Instant;

pub(crate) use key::ApiKey;
pub(crate) use rate_headers::RateHeaders;
pub(crate) use response::{HttpResponse, classify, may_be_in_effect};

use self::base_url::BaseUrl;
use self::exchange::HttpRequest;
use self::key::ClientKeys;
use super::{AdapterError, RequestLimiter};
use crate::diagnostic::Finding;
use crate::env::Clock;
use crate::model::RateLimit;

/// Limits of a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HttpLimits {
    /// Until the connection is established, including TLS.
    pub(crate) connect_timeout: Duration,
    /// Until the response is complete.
    pub(crate) total_timeout: Duration,
    /// The largest body of a response.
    pub(crate) body_max_bytes: usize,
    /// The most attempts of a read.
    pub(crate) attempts: u32,
    /// The pause after the first attempt; it doubles after each one.
    pub(crate) backoff: Duration,
    /// The longest pause that the client waits for. If the vendor asks for a longer one, the request fails.
    pub(crate) pause_max: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(60),
            body_max_bytes: 32 << 20,
            attempts: 4,
            backoff: Duration::from_millis(500),
            // Covers rate limits per minute.
            pause_max: Duration::from_secs(90),
        }
    }
}

/// The settings of a client.
pub(crate) struct ClientSettings<'a> {
    /// Paths are relative to it.
    pub(crate) base_url: &'a str,
    /// A PEM file of certificates that are trusted in addition to the system's.
    pub(crate) ca: Option<&'a Path>,
    /// The proxy's address; by default from the usual environment variables.
    pub(crate) proxy: Option<&'a str>,
    /// RateLimit limits; every request counts.
    pub(crate) rates: &'a [RateLimit],
    pub(crate) key: Option<ApiKey>,
    /// The key for changes, if different.
    pub(crate) write_key: Option<ApiKey>,
    /// The header for a unique id per request, for the vendor's support.
    pub(crate) request_id: Option<&'static str>,
    pub(crate) clock: Clock,
    pub(crate) limits: HttpLimits,
}

/// A client of one API.
pub(crate) struct HttpClient {
    base: BaseUrl,
    transport: reqwest::Client,
    limiter: Arc<RequestLimiter>,
    keys: ClientKeys,
    request_id: Option<&'static str>,
    rate_headers: Mutex<RateHeaders>,
    clock: Clock,
    limits: HttpLimits,
}

impl HttpClient {
    /// Creates a client. It sends nothing and reads no key yet.
    ///
    /// # Errors
    /// Returns what is wrong with the base URL, the certificates or the proxy.
    pub(crate) fn new(settings: ClientSettings<'_>) -> Result<Self, Vec<Finding>> {
        let ClientSettings { base_url, ca, proxy, rates, key, write_key, request_id, clock, limits } = settings;
        let base = BaseUrl::parse(base_url).map_err(|finding| vec![*finding])?;
        let transport =
            transport::build_client(&base, ca, proxy, limits.connect_timeout).map_err(|finding| vec![*finding])?;
        Ok(Self {
            base,
            transport,
            limiter: Arc::new(RequestLimiter::new(rates)),
            keys: ClientKeys::new(key, write_key),
            request_id,
            rate_headers: Mutex::default(),
            clock,
            limits,
        })
    }

    /// Reads a path; retries transient errors.
    ///
    /// # Errors
    /// Fails if no response with a status arrives. A refusal is a response.
    pub(crate) async fn get(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<HttpResponse, AdapterError> {
        let request = HttpRequest::read(self.base.join(segments, query)?, accept, false);
        self.get_with_retries(request, self.limits.attempts).await
    }

    /// Reads a path once, for callers that ask again anyway. Errors are those of [`get`](Self::get).
    pub(crate) async fn get_once(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<HttpResponse, AdapterError> {
        self.get_with_retries(HttpRequest::read(self.base.join(segments, query)?, accept, false), 1).await
    }

    /// Reads a path once with the key for changes, to check the key. Errors are those of [`get`](Self::get).
    pub(crate) async fn get_as_writer(
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
            let may_succeed = match &outcome {
                Ok(response) => is_transient(response.status),
                Err(error) => !error.is_permanent,
            };
            let pause = match &outcome {
                Ok(response) => response.pause.unwrap_or(backoff).max(backoff),
                Err(_) => backoff,
            };
            if !may_succeed || attempt >= attempts || Instant::now() + pause > limit {
                // A read changes nothing.
                return outcome.map_err(|failed| AdapterError { maybe_in_effect: false, ..failed.error });
            }
            tokio::time::sleep(pause).await;
            backoff *= 2;
        }
        Err(failure::timeout_error(self.base.host(), self.limits.pause_max.as_secs()))
    }

    /// Sends a change once.
    ///
    /// # Errors
    /// Fails if no response with a status arrives. `maybe_in_effect` is false if certainly nothing was sent.
    pub(crate) async fn send(
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

    /// Sends a query as the body of a POST, once.
    ///
    /// # Errors
    /// If no response arrives.
    pub(crate) async fn post_query(
        &self,
        segments: &[&str],
        media: &'static str,
        body: Vec<u8>,
    ) -> Result<HttpResponse, AdapterError> {
        self.get_with_retries(HttpRequest::query(self.base.join(segments, &[])?, media, body), 1).await
    }

    /// Returns the host, for messages.
    pub(crate) fn host(&self) -> &str {
        self.base.host()
    }

    /// Returns what the headers of the latest responses reported.
    pub(crate) fn rate_headers(&self) -> RateHeaders {
        *self.rate_headers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the limiter of all requests of this client.
    pub(crate) fn limiter(&self) -> Arc<RequestLimiter> {
        Arc::clone(&self.limiter)
    }
}

/// Whether a retry may succeed.
fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 424 | 425 | 429 | 500 | 502 | 503 | 504 | 506..=599)
}
