//! HTTP responses, and their default meaning.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::adapter::{AdapterError, ErrorKind};
use crate::env::Secret;

/// The longest excerpt of a response, in characters.
const EXCERPT_CHARACTERS: usize = 120;

/// A response with any status.
#[derive(Clone)]
pub(crate) struct HttpResponse {
    pub(crate) status: u16,
    /// Headers with text values; names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How long the vendor asks clients to pause.
    pub(crate) pause: Option<Duration>,
    pub(super) secrets: Arc<[Secret]>,
}

impl std::fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without body and headers, because vendors echo requests.
        f.debug_struct("Reply").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

impl HttpResponse {
    /// Whether the request was done or accepted.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the secrets that the response may echo.
    pub(crate) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    /// Returns the first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// Parses the body as JSON.
    ///
    /// # Errors
    /// Returns [`ErrorKind::Malformed`] with an excerpt of the body.
    pub(crate) fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, AdapterError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let text = error.to_string();
            let excerpt = self.excerpt();
            let shown = if excerpt.is_empty() { "is empty".to_owned() } else { format!("begins with `{excerpt}`") };
            self.error(ErrorKind::Malformed, format!("invalid response ({text}); it {shown}"))
        })
    }

    /// Parses the body as JSON, if it matches.
    pub(crate) fn maybe_json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Creates an error with the status, body and pause of this response, without secrets.
    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> AdapterError {
        let secrets: Vec<&str> = self.secrets.iter().map(|secret| secret.expose()).collect();
        let message = crate::adapter::redact::text(&message.into(), &secrets);
        AdapterError::new(kind, truncate(message))
            .with_response(self.status, &self.body, &secrets)
            .with_retry_after(self.pause)
    }

    /// Returns the beginning of the body on one line, without secrets.
    pub(crate) fn excerpt(&self) -> String {
        let secrets: Vec<&str> = self.secrets.iter().map(|secret| secret.expose()).collect();
        let text = crate::adapter::redact::body(&self.body, &secrets);
        let line: Vec<&str> = text.split_whitespace().collect();
        let line = line.join(" ").replace('`', "'");
        match line.char_indices().nth(EXCERPT_CHARACTERS) {
            Some((end, _)) => format!("{}...", &line[..end]),
            None => line,
        }
    }
}

/// The longest message, in characters, because vendors and parsers repeat their input.
const MESSAGE_CHARACTERS: usize = 600;

fn truncate(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(MESSAGE_CHARACTERS) {
        message.truncate(end);
        message.push_str("...");
    }
    message
}

/// Converts an unsuccessful response to an error by its status alone; `write` tells whether the request was a change.
///
/// A vendor's module checks vendor-specific codes first.
pub(crate) fn classify(response: &HttpResponse, write: bool) -> AdapterError {
    let status = response.status;
    let excerpt = response.excerpt();
    let detail = if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") };
    let (kind, what) = match status {
        300..=399 => (ErrorKind::Malformed, "the vendor redirects to another origin"),
        400 | 422 => (ErrorKind::Conflict, "the vendor refused the request"),
        401 => (ErrorKind::AccessDenied, "the vendor rejected the key"),
        403 => (ErrorKind::AccessDenied, "the key is not authorized for this"),
        404 | 410 => (ErrorKind::NotFound, "not found"),
        405 | 501 => (ErrorKind::Unsupported, "the vendor does not support this"),
        407 => (ErrorKind::AccessDenied, "the proxy denied access"),
        408 | 425 => (ErrorKind::Unavailable, "the vendor timed out"),
        409 | 412 | 428 => (ErrorKind::Conflict, "conflict with a concurrent change"),
        423 => (ErrorKind::Busy, "the vendor currently refuses changes"),
        424 => (ErrorKind::Unavailable, "a service behind the vendor failed"),
        429 => (ErrorKind::Throttled, "too many requests"),
        500..=599 => (ErrorKind::Unavailable, "internal error of the vendor"),
        _ => (ErrorKind::Malformed, "unexpected response"),
    };
    let mut error = response.error(kind, format!("{what} ({status}){detail}"));
    error.maybe_in_effect = write && may_be_in_effect(response);
    match status {
        401 | 403 => error.help("check the key and its permissions"),
        300..=399 => error.help("set `base_url` to the address that the vendor redirects to"),
        _ => error,
    }
}

/// Whether a change with this response may be in effect nevertheless.
pub(crate) fn may_be_in_effect(response: &HttpResponse) -> bool {
    match response.status {
        // The resource moved for this method, too, so nothing was changed here.
        307 | 308 => false,
        // With `Retry-After` it is a clear refusal. Without it, a gateway may have lost the vendor's response.
        503 => response.header("retry-after").is_none(),
        501 | 505 => false,
        300..=399 | 408 | 424 | 500..=599 => true,
        status => (100..300).contains(&status) || status >= 600,
    }
}
