//! Operations: what a write began, and what became of it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::put::Update;
use super::{CUSTOMER, Phones, answer};
use crate::emulator::chance::Chance;
use crate::emulator::knobs::{Ending, Operations};
use crate::emulator::world::World;

/// An operation that does not end counts as in flight for so long.
const FLIGHT_MAX: SignedDuration = SignedDuration::from_secs(600);
/// The most operations that are remembered.
const REMEMBERED_MAX: usize = 100_000;

/// One operation.
struct Operation {
    user: SmolStr,
    created: Timestamp,
    /// When it is in progress.
    starts: Timestamp,
    due: Timestamp,
    ending: Option<Ending>,
    /// What it will do; taken when it is done.
    update: Option<Update>,
    completed: Option<Timestamp>,
    error: Option<Value>,
}

/// All operations, by number.
#[derive(Default)]
pub(super) struct Queue {
    all: BTreeMap<u64, Operation>,
    begun: u64,
}

impl Queue {
    /// Begins an operation, and gives its id.
    pub(super) fn begin(
        &mut self,
        user: &str,
        update: Update,
        manners: &Operations,
        ending: Option<Ending>,
        now: Timestamp,
        chance: &mut Chance,
    ) -> String {
        self.begun += 1;
        if self.all.len() >= REMEMBERED_MAX {
            self.all.pop_first();
        }
        let ms = i64::try_from(chance.between(manners.min_ms, manners.max_ms)).unwrap_or(i64::MAX);
        let after = |ms| now.saturating_add(SignedDuration::from_millis(ms)).unwrap_or(Timestamp::MAX);
        self.all.insert(
            self.begun,
            Operation {
                user: SmolStr::new(user),
                created: now,
                starts: after(ms / 5),
                due: after(ms),
                ending,
                update: Some(update),
                completed: None,
                error: None,
            },
        );
        format!("op_{}", self.begun)
    }

    /// Whether the person has an operation that is not done.
    pub(super) fn is_under_way(&self, user: &str, now: Timestamp) -> bool {
        self.in_flight(now).any(|operation| operation.user == user)
    }

    /// How many are in flight.
    pub(super) fn flying(&self, now: Timestamp) -> usize {
        self.in_flight(now).count()
    }

    fn in_flight(&self, now: Timestamp) -> impl Iterator<Item = &Operation> {
        // Nothing that is older can be.
        let recent = self.all.values().rev().take(1000);
        recent.filter(move |one| one.completed.is_none() && now.duration_since(one.created) < FLIGHT_MAX)
    }

    /// The next operation that is due.
    pub(super) fn due(&self, now: Timestamp) -> Option<String> {
        let open = self.in_flight(now).filter(|one| one.ending != Some(Ending::Stuck) && one.due <= now);
        let first = open.map(|one| (one.due, one.created)).min()?;
        let found = self.all.iter().rev().find(|(_, one)| one.completed.is_none() && (one.due, one.created) == first);
        found.map(|(number, _)| format!("op_{number}"))
    }

    fn get(&self, id: &str) -> Option<&Operation> {
        self.all.get(&id.strip_prefix("op_")?.parse().ok()?)
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut Operation> {
        self.all.get_mut(&id.strip_prefix("op_")?.parse().ok()?)
    }

    /// The operation as the interface shows it.
    pub(super) fn show(&self, world: &World, base: &str, id: &str) -> Option<Value> {
        let operation = self.get(id).filter(|operation| operation.ending != Some(Ending::Forgotten))?;
        let now = world.now();
        let status = match operation.completed {
            Some(_) if operation.ending == Some(Ending::Unknown) => "UNKNOWN",
            Some(_) if operation.error.is_some() => "FAILED",
            Some(_) => "COMPLETED",
            None if operation.starts > now => "PENDING",
            None if world.knobs().unknown_words => "WARMING_UP",
            None => "IN_PROGRESS",
        };
        let mut shown = json!({
            "operationId": id, "status": status, "customerId": CUSTOMER, "resourceType": "USER",
            "resourceId": operation.user, "operationType": "UPDATE", "createdTime": operation.created,
            "completedTime": operation.completed,
            "_links": {
                "self": { "href": format!("{base}/operations/{id}") },
                "resource": { "href": format!("{base}/users/{}", operation.user) },
            },
        });
        if let Some(error) = &operation.error {
            shown["error"] = error.clone();
        }
        if world.knobs().extra_fields {
            shown["shard"] = json!({ "number": 3 });
        }
        Some(shown)
    }
}

impl Phones {
    /// Does what an operation is for.
    pub(super) fn finish(&mut self, world: &mut World, id: &str) {
        let Some(operation) = self.queue.get_mut(id) else { return };
        let (ending, user, update) = (operation.ending, operation.user.clone(), operation.update.take());
        let problem = |world: &World, status, title, message: &str| {
            answer::problem(world, status, title, None, Some("serviceInfo.licenses"), message)
        };
        let error = match (ending, update) {
            (Some(Ending::NoSeat), _) => {
                Some(problem(world, 409, "No licenses available", "No licenses are available"))
            }
            (Some(Ending::Failed), _) => {
                Some(problem(world, 500, "Internal Server Error", "An unexpected error occurred"))
            }
            (_, Some(update)) => self
                .apply(world, &user, update)
                .err()
                .map(|refusal| problem(world, refusal.status, answer::title(refusal.status), &refusal.message)),
            (_, None) => None,
        };
        let now = world.now();
        if let Some(operation) = self.queue.get_mut(id) {
            operation.completed = Some(now);
            operation.error = error;
        }
    }
}
