//! The 8x8 Administration API (users and operations) as documented in July 2026.
//!
//! Whatever the documentation leaves open is configurable. A license changes only when an operation completes. A PUT
//! replaces the whole user, and deletes omitted fields. A user without a main license has no memberships.
//!
//! Ids of license units, other fields of users and operations in flight are not part of an observation and not saved.

mod document;
mod filter;
mod groups;
mod operation;
mod put;
mod replies;
mod sample;
mod scroll;
mod units;

use std::collections::BTreeMap;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::Value;
use smol_str::SmolStr;

use self::groups::KnownGroups;
use self::operation::OperationQueue;
use self::replies::{OPERATIONS, USERS, error};
use self::scroll::OpenScrolls;
use self::units::UnitRegistry;
use super::api::{Api, ApiError, ApiHandler, ApiReply, ApiRequest};
use super::config::{OperationConfig, RetryHint};
use super::tenant::EmulatedTenant;

/// The customer of every key.
const CUSTOMER: &str = "0012J0000SYNTHETIC";

/// The vendor's name in manifests.
pub(super) const VENDOR: &str = "8x8";

/// The API.
pub(super) static API: Api = Api {
    adapter: "api",
    prefix: "/admin-provisioning",
    key_header: "x-api-key",
    retry_hint: RetryHint::Epoch,
    has_quirks: true,
    is_write: |request| !matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS),
    sample_tenant: |_| sample::sample_tenant(),
    open: |tenant| Box::new(EightByEightApi::new(tenant)),
};

/// The state of the API in addition to the simulator.
struct EightByEightApi {
    /// The users after a PUT, without licenses and memberships.
    documents: BTreeMap<SmolStr, Value>,
    updated: BTreeMap<SmolStr, Timestamp>,
    started_at: Timestamp,
    units: UnitRegistry,
    groups: KnownGroups,
    queue: OperationQueue,
    scrolls: OpenScrolls,
    /// The number of external changes at the latest refresh of the units.
    units_version: u64,
}

impl EightByEightApi {
    fn new(world: &EmulatedTenant) -> Self {
        Self {
            documents: BTreeMap::new(),
            updated: BTreeMap::new(),
            started_at: world.now(),
            units: UnitRegistry::new(world.state()),
            groups: KnownGroups::new(world.state()),
            queue: OperationQueue::default(),
            scrolls: OpenScrolls::default(),
            units_version: 0,
        }
    }

    /// Refreshes the units after external changes.
    fn recount(&mut self, world: &EmulatedTenant) {
        if self.units_version != world.external_changes() {
            self.units_version = world.external_changes();
            self.units.refresh(world.state());
        }
    }

    fn get_user(&mut self, world: &EmulatedTenant, id: &str) -> ApiReply {
        match self.document(world, id) {
            Some(document) => ApiReply::json(200, USERS, &document),
            None => not_found(world),
        }
    }

    fn get_operation(&self, world: &EmulatedTenant, request: &ApiRequest, id: &str) -> ApiReply {
        match self.queue.operation_json(world, &request.base_url, id) {
            Some(operation) => ApiReply::json(200, OPERATIONS, &operation),
            None => {
                let message = format!("Operation not found: {id}");
                error(world, OPERATIONS, 404, "Operation not found", None, None, &message)
            }
        }
    }
}

/// Returns the configuration of operations.
fn quirks(world: &EmulatedTenant) -> OperationConfig {
    world.config().operations.clone().unwrap_or_default()
}

fn not_found(world: &EmulatedTenant) -> ApiReply {
    error(world, USERS, 404, "Not Found", None, None, "Resource not found")
}

impl ApiHandler for EightByEightApi {
    fn advance(&mut self, world: &mut EmulatedTenant) {
        let now = world.now();
        while let Some(id) = self.queue.next_due(now) {
            self.complete_operation(world, &id);
        }
    }

    fn handle(&mut self, world: &mut EmulatedTenant, request: &ApiRequest) -> ApiReply {
        let media = if request.path.first().is_some_and(|first| first == "operations") { OPERATIONS } else { USERS };
        if let Some(accept) = request.header("accept")
            && !accept.split(',').any(|kind| replies::accepts(kind, media))
        {
            let message = format!("only {media} is answered here");
            return error(world, media, 406, "Not Acceptable", Some("BAD_REQUEST"), None, &message);
        }
        let has_body = request.method == Method::PUT || request.method == Method::POST;
        if has_body && !request.header("content-type").is_some_and(|kind| replies::accepts(kind, media)) {
            let message = format!("only {media} is taken here");
            return error(world, media, 415, "Unsupported Media Type", Some("BAD_REQUEST"), None, &message);
        }
        match (request.method.as_str(), &*request.segments()) {
            ("GET", ["users"]) => self.list(world, request),
            ("GET", ["users", id]) => self.get_user(world, id),
            ("PUT", ["users", id]) => self.put(world, request, id),
            ("POST", ["users"]) | ("DELETE", ["users", _]) => {
                let message = "this emulator neither makes people nor lets them go";
                error(world, USERS, 403, "Forbidden", None, None, message)
            }
            ("GET", ["operations", id]) => self.get_operation(world, request, id),
            (_, ["users" | "operations", ..]) => error(
                world,
                media,
                405,
                "Method Not Allowed",
                Some("BAD_REQUEST"),
                None,
                "not a method of this resource",
            ),
            _ => not_found(world),
        }
    }

    fn error_reply(&self, world: &EmulatedTenant, request: &ApiRequest, refusal: &ApiError) -> ApiReply {
        let media = if request.path.first().is_some_and(|first| first == "operations") { OPERATIONS } else { USERS };
        let title = replies::title(refusal.status);
        error(world, media, refusal.status, title, refusal.code.as_deref(), None, &refusal.message)
    }

    fn inventory(&self, world: &EmulatedTenant) -> Option<String> {
        Some(self.units.csv(world.state()))
    }
}
