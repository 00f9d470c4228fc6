//! What a vendor's folder gives to the emulator: how its interface answers.
//!
//! What must hold: an answer is made under one lock from one request, so that the vendor is the only one who orders
//! them; nothing here waits.

use axum::http::{HeaderMap, Method};
use serde_json::Value;

use super::config::validate::SupportedQuirks;
use super::config::{OperationFailure, RetryHint};
use super::tenant::EmulatedTenant;
use crate::model::Observation;

/// A vendor's interface.
pub(super) struct Api {
    /// The vendor's name in a manifest.
    pub(super) vendor: &'static str,
    /// Whether the contract is ours, because the vendor publishes none.
    pub(super) synthetic: bool,
    /// What the address of the interface ends with.
    pub(super) prefix: &'static str,
    /// The header that bears the key, in lower case; `authorization` bears it after `Bearer`.
    pub(super) key_header: &'static str,
    /// How a refusal for want of a rest says when to come back, as a rule.
    pub(super) retry_hint: RetryHint,
    /// The manners that only some vendors have.
    pub(super) quirks: SupportedQuirks,
    /// A small tenant to begin with; its people and pools are made up.
    pub(super) sample_tenant: fn() -> Observation,
    /// The service behind it.
    pub(super) open: fn(&EmulatedTenant) -> Box<dyn ApiHandler>,
}

/// The service behind a vendor's interface.
pub(super) trait ApiHandler: Send {
    /// Lets everything happen that is due.
    fn advance(&mut self, world: &mut EmulatedTenant);

    /// Answers a request that was let in.
    fn handle(&mut self, world: &mut EmulatedTenant, request: &ApiRequest) -> ApiReply;

    /// A refusal in the vendor's own form.
    fn error_reply(&self, world: &EmulatedTenant, request: &ApiRequest, refusal: &ApiError) -> ApiReply;

    /// What an operator's own list of license units says, as CSV, where the vendor counts in units.
    fn inventory(&self, _world: &EmulatedTenant) -> Option<String> {
        None
    }
}

/// A request.
#[derive(Debug)]
pub(super) struct ApiRequest {
    pub(super) method: Method,
    /// The segments of the path after the interface's own address, decoded.
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The address of the interface, for links.
    pub(super) base_url: String,
    /// How the operation ends that the request begins, if it does not end well.
    pub(super) failure: Option<OperationFailure>,
}

impl ApiRequest {
    /// The value of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The segments of the path.
    pub(super) fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}

/// A refusal, before it has the vendor's form.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    pub(super) status: u16,
    /// The vendor's code; the usual one for the status where there is none.
    pub(super) code: Option<String>,
    pub(super) message: String,
}

impl ApiError {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, code: None, message: message.into() }
    }

    pub(super) fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct ApiReply {
    pub(super) status: u16,
    pub(super) media: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl ApiReply {
    /// An answer in JSON.
    pub(super) fn json(status: u16, media: &'static str, body: &Value) -> Self {
        Self { status, media, headers: Vec::new(), body: body.to_string().into_bytes() }
    }

    /// The same answer with one more header.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
