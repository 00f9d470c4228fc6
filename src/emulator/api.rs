//! The interface between the gateway and an emulated API.

use axum::http::{HeaderMap, Method};
use serde::Serialize;

use super::config::{OperationFailure, RetryHint};
use super::tenant::EmulatedTenant;
use crate::model::Observation;
use crate::profile::Profile;

/// An emulated API.
pub(super) struct Api {
    /// The adapter that reaches it, as a manifest names it.
    pub(super) adapter: &'static str,
    /// The path of the API's base URL.
    pub(super) prefix: &'static str,
    /// The header with the key, in lower case; `authorization` holds it after `Bearer`.
    pub(super) key_header: &'static str,
    /// How a throttled response names the time of the next attempt by default.
    pub(super) retry_hint: RetryHint,
    /// Whether it supports the vendor-specific parts of the configuration.
    pub(super) has_quirks: bool,
    /// Returns whether a request needs permission to write.
    pub(super) is_write: fn(&ApiRequest) -> bool,
    /// Returns a small fictional tenant.
    pub(super) sample_tenant: fn(&Profile) -> Observation,
    /// Creates the handler of a tenant.
    pub(super) open: fn(&EmulatedTenant) -> Box<dyn ApiHandler>,
}

/// The request handler of an emulated API. It handles one request at a time and never waits.
pub(super) trait ApiHandler: Send {
    /// Completes whatever is due.
    fn advance(&mut self, _tenant: &mut EmulatedTenant) {}

    /// Handles an authorized request.
    fn handle(&mut self, tenant: &mut EmulatedTenant, request: &ApiRequest) -> ApiReply;

    /// Returns an error in the API's format.
    fn error_reply(&self, tenant: &EmulatedTenant, request: &ApiRequest, error: &ApiError) -> ApiReply;

    /// Returns the license units as CSV, as an operator exports them, if the vendor counts units.
    fn inventory(&self, _tenant: &EmulatedTenant) -> Option<String> {
        None
    }
}

/// A request.
#[derive(Debug)]
pub(super) struct ApiRequest {
    pub(super) method: Method,
    /// The decoded segments of the path below the base URL.
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The base URL, for links.
    pub(super) base_url: String,
    /// How the operation that the request starts fails, if a fault says so.
    pub(super) failure: Option<OperationFailure>,
}

impl ApiRequest {
    /// Returns the value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the value of a query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns the segments of the path.
    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}

/// An error before it has the API's format.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) status: u16,
    /// The vendor's code; by default the usual one for the status.
    pub(super) code: Option<String>,
    pub(super) message: String,
}

impl ApiError {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, code: None, message: message.into() }
    }
}

/// A response.
#[derive(Clone, Debug)]
pub(super) struct ApiReply {
    pub(super) status: u16,
    pub(super) media: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl ApiReply {
    /// Returns a JSON response.
    pub(super) fn json(status: u16, media: &'static str, body: &impl Serialize) -> Self {
        Self { status, media, headers: Vec::new(), body: serde_json::to_vec(body).unwrap_or_default() }
    }

    /// Returns a text response.
    pub(super) fn text(status: u16, text: &str) -> Self {
        let body = format!("{text}\n").into_bytes();
        Self { status, media: "text/plain; charset=utf-8", headers: Vec::new(), body }
    }

    /// Returns the response with another header.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
