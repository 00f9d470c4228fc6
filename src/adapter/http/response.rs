//! What a vendor answered, whatever its status: a vendor's module knows what its own codes mean.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::adapter::{AdapterError, ErrorKind};
use crate::env::Secret;

/// How many characters of an answer that makes no sense are shown.
const EXCERPT_CHARACTERS: usize = 120;

/// An answer with a status.
#[derive(Clone)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The headers whose values are text; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, within the limit.
    pub body: Vec<u8>,
    /// For how long the vendor asks us to send nothing.
    pub pause: Option<Duration>,
    pub(super) secrets: Arc<[Secret]>,
}

impl std::fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither body nor headers: vendors echo what they were sent.
        f.debug_struct("Reply").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

impl HttpResponse {
    /// Whether the vendor did or accepted what was asked.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first value of that header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// The body as JSON; serde's own limit on depth holds.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`], with the beginning of the answer.
    pub fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, AdapterError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let text = error.to_string();
            let excerpt = self.excerpt();
            let shown = if excerpt.is_empty() { "is empty".to_owned() } else { format!("begins with `{excerpt}`") };
            self.error(ErrorKind::Malformed, format!("the answer makes no sense ({text}); it {shown}"))
        })
    }

    /// The body as JSON where it is of that shape.
    pub fn maybe_json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }

    /// An error with this answer's status and body, without secrets, and with the rest that it asks for.
    pub fn error(&self, kind: ErrorKind, message: impl Into<String>) -> AdapterError {
        let secrets: Vec<&str> = self.secrets.iter().map(|secret| secret.expose()).collect();
        let message = crate::adapter::redact::text(&message.into(), &secrets);
        AdapterError::new(kind, truncate(message))
            .with_response(self.status, &self.body, &secrets)
            .with_retry_after(self.pause)
    }

    /// The beginning of the body on one line, without secrets.
    pub fn excerpt(&self) -> String {
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

/// The longest message, in characters: vendors, and what reads their answers, repeat what they were given.
const MESSAGE_CHARACTERS: usize = 600;

/// The beginning of a message.
fn truncate(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(MESSAGE_CHARACTERS) {
        message.truncate(end);
        message.push_str("...");
    }
    message
}

/// An error for an answer that is no success, by its status alone; `write` says whether it answers a change.
///
/// A vendor's module looks at its own codes first.
pub fn classify(reply: &HttpResponse, write: bool) -> AdapterError {
    let status = reply.status;
    let excerpt = reply.excerpt();
    let said = if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") };
    let (kind, what) = match status {
        300..=399 => (ErrorKind::Malformed, "the vendor redirects to an address that is not followed"),
        400 | 422 => (ErrorKind::Conflict, "the vendor refuses the request"),
        401 => (ErrorKind::AccessDenied, "the vendor does not accept the key"),
        403 => (ErrorKind::AccessDenied, "the vendor does not allow this with that key"),
        404 | 410 => (ErrorKind::NotFound, "the vendor knows no such thing"),
        405 | 501 => (ErrorKind::Unsupported, "the vendor does not do this"),
        407 => (ErrorKind::AccessDenied, "the proxy does not let us through"),
        408 | 425 => (ErrorKind::Unavailable, "the vendor did not answer in time"),
        409 | 412 | 428 => (ErrorKind::Conflict, "the vendor says that something changed meanwhile"),
        423 => (ErrorKind::Busy, "the vendor takes no changes just now"),
        424 => (ErrorKind::Unavailable, "something behind the vendor failed"),
        429 => (ErrorKind::Throttled, "the vendor asks for fewer requests"),
        500..=599 => (ErrorKind::Unavailable, "the vendor has a fault"),
        _ => (ErrorKind::Malformed, "the vendor gave an answer that nobody expects"),
    };
    let mut error = reply.error(kind, format!("{what} ({status}){said}"));
    error.maybe_in_effect = write && may_be_in_effect(reply);
    match status {
        401 | 403 => error.help("check the key and what it is allowed to do"),
        300..=399 => error.help("give the address that the vendor answers at as `base_url`"),
        _ => error,
    }
}

/// Whether a change that was answered so may be in effect all the same.
pub fn may_be_in_effect(reply: &HttpResponse) -> bool {
    match reply.status {
        // Moved for this request too: nothing was done with it here.
        307 | 308 => false,
        // A moment to come back is a clear refusal; without one, a server in between may have lost the true answer.
        503 => reply.header("retry-after").is_none(),
        501 | 505 => false,
        300..=399 | 408 | 424 | 500..=599 => true,
        status => (100..300).contains(&status) || status >= 600,
    }
}
