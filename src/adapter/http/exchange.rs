//! Sends one request and receives its response, within the limits.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::{Method, Url};
use tokio::time::Instant;
use tracing::{debug, warn};

use super::{HttpClient, HttpResponse, failure};
use crate::adapter::{AdapterError, ErrorKind, throttle_headers};

/// The most redirects that a read follows.
const REDIRECTS_MAX: u32 = 3;

/// The pause after a throttled request without a `Retry-After`.
const DEFAULT_PAUSE: Duration = Duration::from_secs(1);

/// A request.
#[derive(Clone)]
pub(super) struct HttpRequest {
    method: Method,
    url: Url,
    accept: &'static str,
    use_write_key: bool,
    content: Option<(&'static str, Vec<u8>)>,
    is_write: bool,
}

impl HttpRequest {
    pub(super) fn read(url: Url, accept: &'static str, as_writer: bool) -> Self {
        Self { method: Method::GET, url, accept, use_write_key: as_writer, content: None, is_write: false }
    }

    pub(super) fn write(
        method: Method,
        url: Url,
        content_type: &'static str,
        accept: &'static str,
        body: Vec<u8>,
    ) -> Self {
        Self { method, url, accept, use_write_key: true, content: Some((content_type, body)), is_write: true }
    }

    /// Returns a POST whose body is a query and that changes nothing.
    pub(super) fn query(url: Url, media: &'static str, body: Vec<u8>) -> Self {
        Self {
            method: Method::POST,
            url,
            accept: media,
            use_write_key: false,
            content: Some((media, body)),
            is_write: false,
        }
    }
}

/// A request without a response.
pub(super) struct ExchangeError {
    pub(super) error: AdapterError,
    /// Whether a retry is useless.
    pub(super) is_permanent: bool,
}

impl ExchangeError {
    fn permanent(error: AdapterError) -> Self {
        Self { error, is_permanent: true }
    }

    fn transient(error: AdapterError) -> Self {
        Self { error, is_permanent: false }
    }
}

impl HttpClient {
    fn pause_error(&self, pause: Duration) -> AdapterError {
        let message = format!("`{}` asks for a pause of {} s", self.base.host(), pause.as_secs().max(1));
        AdapterError::new(ErrorKind::Throttled, message).with_retry_after(Some(pause))
    }

    /// Sends a read, and follows redirects within the origin.
    pub(super) async fn send_with_redirects(&self, mut request: HttpRequest) -> Result<HttpResponse, ExchangeError> {
        for _ in 0..=REDIRECTS_MAX {
            let base = request.url.clone();
            let response = self.send_once(request.clone()).await?;
            if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(response);
            }
            let target = response.header(LOCATION.as_str()).and_then(|to| base.join(to).ok());
            match target.filter(|target| self.base.is_same_origin(target)) {
                Some(target) => request.url = target,
                // Never send the key to another origin.
                None => return Ok(response),
            }
        }
        let message = format!("`{}` redirects more than {REDIRECTS_MAX} times", self.base.host());
        Err(ExchangeError::permanent(AdapterError::new(ErrorKind::Malformed, message).help("check `base_url`")))
    }

    /// Sends one request and receives its response.
    pub(super) async fn send_once(&self, request: HttpRequest) -> Result<HttpResponse, ExchangeError> {
        let signature = self.keys.sign(request.use_write_key).await.map_err(ExchangeError::permanent)?;
        let permit = self.limiter.acquire(self.limits.pause_max).await;
        permit.map_err(|pause| ExchangeError::permanent(self.pause_error(pause)))?;
        let writes = request.is_write;
        // The log omits the query, which may contain email addresses.
        let (method, path) = (request.method.clone(), mask_path(request.url.path()));
        let mut builder = self.transport.request(request.method, request.url).header(ACCEPT, request.accept);
        if let Some((header, value)) = signature {
            builder = builder.header(header, value);
        }
        let id = request_id();
        if let Some(header) = self.request_id {
            builder = builder.header(header, &id);
        }
        if let Some((content_type, body)) = request.content {
            builder = builder.header(CONTENT_TYPE, content_type).body(body);
        }
        let started = Instant::now();
        let result = match tokio::time::timeout(self.limits.total_timeout, self.receive(builder, writes)).await {
            Ok(result) => result,
            Err(_) => Err(ExchangeError::transient(failure::timeout_error(
                self.base.host(),
                self.limits.total_timeout.as_secs(),
            ))),
        };
        let ms = started.elapsed().as_millis();
        match &result {
            Ok(response) => {
                let (status, bytes) = (response.status, response.body.len());
                debug!(%method, host = self.base.host(), path, status, ms, bytes, id, "response");
            }
            Err(failed) => {
                warn!(%method, host = self.base.host(), path, ms, id, error = failed.error.message, "no response");
            }
        }
        result
    }

    async fn receive(&self, builder: reqwest::RequestBuilder, writes: bool) -> Result<HttpResponse, ExchangeError> {
        let secrets = self.keys.known_secrets();
        let broken = |error: &reqwest::Error| {
            let known: Vec<&str> = secrets.iter().map(|secret| secret.expose()).collect();
            let failed = failure::send_error(error, self.base.host(), &known);
            ExchangeError { error: failed, is_permanent: failure::is_permanent(error) }
        };
        let mut stream = builder.send().await.map_err(|error| broken(&error))?;
        let headers: Vec<(String, String)> = stream
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        self.rate_headers.lock().unwrap_or_else(PoisonError::into_inner).update(&headers);
        let status = stream.status().as_u16();
        let throttled = status == 429;
        let pairs = headers.iter().map(|(name, value)| (&**name, &**value));
        let asked = throttle_headers::requested_pause(pairs, throttled || status == 503, self.clock.time());
        let pause = if throttled { Some(asked.unwrap_or(DEFAULT_PAUSE)) } else { asked };
        if let Some(pause) = pause {
            self.limiter.pause(pause);
        }
        let mut response = HttpResponse { status, headers, body: Vec::new(), pause, secrets: secrets.clone() };
        // A change with a clear refusal is refused, even if the body cannot be received.
        let is_clear = writes && (400..500).contains(&status) && status != 408;
        loop {
            match stream.chunk().await {
                Ok(Some(chunk)) if response.body.len() + chunk.len() > self.limits.body_max_bytes => {
                    if is_clear {
                        return Ok(response);
                    }
                    let message = format!("the response exceeds {} KiB", self.limits.body_max_bytes >> 10);
                    response.body.clear();
                    let error = response.error(ErrorKind::Malformed, message);
                    return Err(ExchangeError::permanent(AdapterError { maybe_in_effect: writes, ..error }));
                }
                Ok(Some(chunk)) => response.body.extend_from_slice(&chunk),
                Ok(None) => return Ok(response),
                Err(_) if is_clear => return Ok(response),
                Err(error) => {
                    let failed = broken(&error);
                    let error = AdapterError { maybe_in_effect: writes, status: Some(status), ..failed.error };
                    return Err(ExchangeError { error, ..failed });
                }
            }
        }
    }
}

/// Replaces email addresses in a path, for the log.
fn mask_path(path: &str) -> String {
    let is_address = |segment: &str| segment.contains('@') || segment.to_ascii_lowercase().contains("%40");
    path.split('/').map(|segment| if is_address(segment) { "..." } else { segment }).collect::<Vec<_>>().join("/")
}

/// Returns a random UUID. It identifies a request and protects nothing, so the random keys of the standard library's hash
/// tables suffice.
fn request_id() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let (high, low) = (RandomState::new().hash_one(count), RandomState::new().hash_one(!count));
    let bits = (u128::from(high) << 64 | u128::from(low)) & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn request_ids_are_distinct_uuids() {
        let ids: BTreeSet<String> = (0..1000).map(|_| request_id()).collect();
        assert_eq!(ids.len(), 1000);
        for id in &ids {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert!(id.as_bytes()[14] == b'4' && b"89ab".contains(&id.as_bytes()[19]), "{id}");
        }
    }
}
