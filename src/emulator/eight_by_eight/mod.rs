//! The 8x8 Administration API, users and operations, as its description of July 2026 says.
//!
//! What the description leaves open is a knob. What must hold: a license changes only when an operation is done; a PUT
//! replaces the whole person, and what it leaves out is lost; a person without a main license is a member of nothing.
//!
//! What an observation cannot hold lives here and is not saved: the ids of license units, which are given out anew in
//! the order of accounts, fields of a person beside licenses and memberships, and operations in flight.

mod answer;
mod document;
mod filter;
mod groups;
mod operation;
mod put;
mod scroll;
mod starter;
mod units;

use std::collections::BTreeMap;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::Value;
use smol_str::SmolStr;

use self::answer::{OPERATIONS, USERS, error};
use self::groups::Groups;
use self::operation::Queue;
use self::scroll::Scrolls;
use self::units::Units;
use super::knobs::check::Manners;
use super::knobs::{Dialect, Operations};
use super::service::{Face, Refusal, Reply, Request, Service};
use super::world::World;

/// The customer that every key is of.
const CUSTOMER: &str = "0012J0000SYNTHETIC";

/// The interface of 8x8.
pub(super) static FACE: Face = Face {
    vendor: "8x8",
    synthetic: false,
    prefix: "/admin-provisioning",
    key_header: "x-api-key",
    dialect: Dialect::Epoch,
    manners: Manners { operations: true, jobs: false, sets: false },
    starter: starter::starter,
    open: |world| Box::new(Phones::new(world)),
};

/// What the interface keeps beside the simulator.
struct Phones {
    /// What a PUT left of a person, without licenses and memberships; who was never put has what follows from the
    /// account.
    documents: BTreeMap<SmolStr, Value>,
    updated: BTreeMap<SmolStr, Timestamp>,
    begun: Timestamp,
    units: Units,
    groups: Groups,
    queue: Queue,
    scrolls: Scrolls,
    /// How often somebody had meddled when units were counted.
    counted: u64,
}

impl Phones {
    fn new(world: &World) -> Self {
        Self {
            documents: BTreeMap::new(),
            updated: BTreeMap::new(),
            begun: world.now(),
            units: Units::new(world.state()),
            groups: Groups::new(world.state()),
            queue: Queue::default(),
            scrolls: Scrolls::default(),
            counted: 0,
        }
    }

    /// Counts units anew where somebody meddled with pools or holdings.
    fn recount(&mut self, world: &World) {
        if self.counted != world.meddled() {
            self.counted = world.meddled();
            self.units.count(world.state());
        }
    }

    fn get_user(&mut self, world: &World, id: &str) -> Reply {
        match self.document(world, id) {
            Some(document) => Reply::json(200, USERS, &document),
            None => not_found(world),
        }
    }

    fn get_operation(&self, world: &World, request: &Request, id: &str) -> Reply {
        match self.queue.show(world, &request.base_url, id) {
            Some(operation) => Reply::json(200, OPERATIONS, &operation),
            None => {
                let message = format!("Operation not found: {id}");
                error(world, OPERATIONS, 404, "Operation not found", None, None, &message)
            }
        }
    }
}

/// The knobs of this interface.
fn manners(world: &World) -> Operations {
    world.knobs().operations.clone().unwrap_or_default()
}

fn not_found(world: &World) -> Reply {
    error(world, USERS, 404, "Not Found", None, None, "Resource not found")
}

impl Service for Phones {
    fn advance(&mut self, world: &mut World) {
        let now = world.now();
        while let Some(id) = self.queue.due(now) {
            self.finish(world, &id);
        }
    }

    fn answer(&mut self, world: &mut World, request: &Request) -> Reply {
        let media = if request.path.first().is_some_and(|first| first == "operations") { OPERATIONS } else { USERS };
        if let Some(accept) = request.header("accept")
            && !accept.split(',').any(|kind| answer::accepts(kind, media))
        {
            let message = format!("only {media} is answered here");
            return error(world, media, 406, "Not Acceptable", Some("BAD_REQUEST"), None, &message);
        }
        let has_body = request.method == Method::PUT || request.method == Method::POST;
        if has_body && !request.header("content-type").is_some_and(|kind| answer::accepts(kind, media)) {
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

    fn refusal(&self, world: &World, request: &Request, refusal: &Refusal) -> Reply {
        let media = if request.path.first().is_some_and(|first| first == "operations") { OPERATIONS } else { USERS };
        let title = answer::title(refusal.status);
        error(world, media, refusal.status, title, refusal.code.as_deref(), None, &refusal.message)
    }

    fn inventory(&self, world: &World) -> Option<String> {
        Some(self.units.csv(world.state()))
    }
}
