//! Errors of requests without a response, and whether the requests may have taken effect.

use std::error::Error as StdError;

use crate::adapter::{AdapterError, ErrorKind, redact};

/// The longest cause in a message, in characters.
const CAUSE_CHARACTERS: usize = 200;

/// The most causes that are followed.
const CAUSES_MAX: u32 = 16;

/// Returns the error of a failed request, without the secrets that it carried.
///
/// A request without a connection had no effect, because no byte was sent. Any other request may have taken effect.
pub(super) fn send_error(error: &reqwest::Error, host: &str, secrets: &[&str]) -> AdapterError {
    let cause = redact::text(&root_cause(error), secrets);
    let cause: String = cause.chars().take(CAUSE_CHARACTERS).collect();
    if error.is_builder() {
        return AdapterError::new(ErrorKind::Malformed, format!("invalid request: {cause}"));
    }
    if error.is_connect() {
        let found = AdapterError::new(ErrorKind::Unavailable, format!("`{host}` is unreachable: {cause}"));
        return if is_tls(error) {
            found.help(
                "check `base_url` and whether this machine trusts the vendor's certificate; for a private authority, set its \
                 certificate as `ca`",
            )
        } else {
            found.help("check `base_url`, the network and the proxy")
        };
    }
    let message = format!("`{host}` closed the connection: {cause}");
    AdapterError { maybe_in_effect: true, ..AdapterError::new(ErrorKind::Unavailable, message) }
}

/// Returns the error of a request that timed out.
pub(super) fn timeout_error(host: &str, seconds: u64) -> AdapterError {
    let message = format!("`{host}` did not respond within {seconds} s");
    AdapterError { maybe_in_effect: true, ..AdapterError::new(ErrorKind::Unavailable, message) }
}

/// Whether a retry is useless.
pub(super) fn is_permanent(error: &reqwest::Error) -> bool {
    error.is_builder() || is_tls(error)
}

/// Whether TLS failed, for example because of the server's certificate.
fn is_tls(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        // An I/O error may wrap another error that is not in the chain of sources.
        let mut inner = cause;
        for _ in 0..CAUSES_MAX {
            match inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
                Some(wrapped) => inner = wrapped,
                None => break,
            }
        }
        inner.is::<rustls::Error>()
    })
}

/// Returns the text of the root cause; the other causes are wrappers.
fn root_cause(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = error.source();
    let mut left = CAUSES_MAX;
    std::iter::from_fn(move || {
        let current = next?;
        left -= 1;
        next = if left > 0 { current.source() } else { None };
        Some(current)
    })
}
