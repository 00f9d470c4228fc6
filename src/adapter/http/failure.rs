//! Requests that brought no answer: what is said of them, and whether they may have taken effect.

use std::error::Error as StdError;

use crate::adapter::{AdapterError, ErrorKind, redact};

/// The longest text of a fault that is shown, in characters.
const FAULT_CHARACTERS: usize = 200;

/// The most causes of one fault that are looked at.
const CAUSES_MAX: u32 = 16;

/// A request that failed on its way to `host`; `secrets` are those that it carried.
///
/// What surely had no effect: whatever never got a connection, for then not a byte of the request left. Everything else
/// may have taken effect.
pub(super) fn send_error(error: &reqwest::Error, host: &str, secrets: &[&str]) -> AdapterError {
    let fault = redact::text(&root_cause(error), secrets);
    let fault: String = fault.chars().take(FAULT_CHARACTERS).collect();
    if error.is_builder() {
        return AdapterError::new(ErrorKind::Malformed, format!("the request cannot be made: {fault}"));
    }
    if error.is_connect() {
        let found = AdapterError::new(ErrorKind::Unavailable, format!("`{host}` cannot be reached: {fault}"));
        return if is_tls(error) {
            found.help(
                "check that `base_url` is right and that the vendor's certificate is trusted here; for an authority of \
                 your own give its certificate as `ca`",
            )
        } else {
            found.help("check `base_url`, the network and the proxy")
        };
    }
    let message = format!("`{host}` broke off: {fault}");
    AdapterError { maybe_in_effect: true, ..AdapterError::new(ErrorKind::Unavailable, message) }
}

/// A request that was not answered in time.
pub(super) fn timeout_error(host: &str, seconds: u64) -> AdapterError {
    let message = format!("`{host}` did not answer within {seconds} s");
    AdapterError { maybe_in_effect: true, ..AdapterError::new(ErrorKind::Unavailable, message) }
}

/// Whether trying again is in vain.
pub(super) fn is_permanent(error: &reqwest::Error) -> bool {
    error.is_builder() || is_tls(error)
}

/// Whether the other side's certificate or its way of speaking TLS was in the way.
fn is_tls(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        // An error of the system's kind is a wrapper that is no cause of its own, and may hold another one.
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

/// The cause behind all causes; those before it only say that there is one.
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
