//! The message protocol of the `exec` and `bridge` adapters: JSON requests and responses about one tenant.
//!
//! A [`Transport`] carries the messages, and [`ProtocolTenant`] turns them into an adapter. `docs/adapter-protocol.md`
//! describes the protocol for authors of programs and bridges. Everything that a peer sends is untrusted: unknown keys
//! are errors, sizes are limited, secrets are redacted, and data passes the checks of a state file.

mod pages;
mod redaction;
pub mod request;
pub mod response;
mod tenant;

use std::sync::Arc;

use self::request::{PROTOCOL_VERSIONS, ProtocolRequest};
use self::response::{Description, ResponseLine};
use super::http::RateHeaders;
use super::{AdapterError, AdapterFuture, ErrorKind, RequestLimiter};
use crate::model::TenantSettings;

pub(super) use self::redaction::SecretRedactor;
pub(super) use self::tenant::ProtocolTenant;

/// The most bytes of a message: a page of about ten thousand accounts.
pub(super) const MESSAGE_MAX_BYTES: usize = 16 << 20;
/// The most requests that may wait for a response at the same time.
pub(super) const CONCURRENCY_MAX: u32 = 64;

/// The connection to a peer: a program or a bridge.
pub(super) trait Transport: Send + Sync {
    /// Names the peer in messages, as in "the program `bridge.py`".
    fn peer(&self) -> String;

    /// Returns how the peer describes itself. Connects first if necessary.
    fn describe(&self) -> AdapterFuture<'_, Arc<Description>>;

    /// Sends a request and returns its response.
    fn request(&self, request: ProtocolRequest) -> AdapterFuture<'_, ResponseLine>;

    /// Returns whether a request that failed for a transient reason may be sent again.
    fn retries(&self, request: &ProtocolRequest) -> bool;

    /// Returns the peer's clock and rate limit, as far as its latest response showed them.
    fn rate_headers(&self) -> RateHeaders {
        RateHeaders::default()
    }

    /// Returns the limiter of its requests, if it has one.
    fn limiter(&self) -> Option<Arc<RequestLimiter>> {
        None
    }
}

/// Returns how many requests may wait for a response, given what the peer allows.
pub(super) fn permits(description: &Description) -> usize {
    usize::try_from(description.concurrency.clamp(1, CONCURRENCY_MAX)).unwrap_or(1)
}

/// Checks that reseat and the peer speak the same protocol about the same vendor.
///
/// # Errors
/// If the versions or the vendors differ.
pub(super) fn check_description(
    description: &Description,
    peer: &str,
    settings: &TenantSettings,
) -> Result<(), AdapterError> {
    let unsupported = |message: String, help: String| AdapterError::new(ErrorKind::Unsupported, message).help(help);
    if !PROTOCOL_VERSIONS.contains(&description.protocol) {
        let supported: Vec<String> = PROTOCOL_VERSIONS.iter().map(u32::to_string).collect();
        return Err(unsupported(
            format!("{peer} uses version {} of the protocol", description.protocol),
            format!("this reseat supports version {}; update the older one", supported.join(" and ")),
        ));
    }
    match &description.vendor {
        Some(vendor) if *vendor != settings.vendor => Err(unsupported(
            format!("{peer} serves vendor `{vendor}`, not `{}`", settings.vendor),
            "correct the tenant's `vendor` or `adapter`".to_owned(),
        )),
        Some(_) | None => Ok(()),
    }
}
