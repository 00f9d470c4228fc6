//! Asynchronous operations.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::put::UserUpdate;
use super::{CUSTOMER, EightByEightApi, replies};
use crate::emulator::config::{OperationConfig, OperationFailure};
use crate::emulator::random::SeededRandom;
use crate::emulator::tenant::EmulatedTenant;

/// How long an operation that never completes counts as in flight.
const IN_FLIGHT_MAX: SignedDuration = SignedDuration::from_secs(600);
/// The most operations that are kept.
const OPERATIONS_MAX: usize = 100_000;

/// An operation.
struct QueuedOperation {
    user: SmolStr,
    created: Timestamp,
    /// When its status becomes `IN_PROGRESS`.
    starts: Timestamp,
    due: Timestamp,
    ending: Option<OperationFailure>,
    /// The update; taken on completion.
    update: Option<UserUpdate>,
    completed: Option<Timestamp>,
    error: Option<Value>,
}

/// All operations, by number.
#[derive(Default)]
pub(super) struct OperationQueue {
    all: BTreeMap<u64, QueuedOperation>,
    last_number: u64,
}

impl OperationQueue {
    /// Starts an operation and returns its id.
    pub(super) fn enqueue(
        &mut self,
        user: &str,
        update: UserUpdate,
        manners: &OperationConfig,
        ending: Option<OperationFailure>,
        now: Timestamp,
        chance: &mut SeededRandom,
    ) -> String {
        self.last_number += 1;
        if self.all.len() >= OPERATIONS_MAX {
            self.all.pop_first();
        }
        let ms = i64::try_from(chance.between(manners.min_ms, manners.max_ms)).unwrap_or(i64::MAX);
        let after = |ms| now.saturating_add(SignedDuration::from_millis(ms)).unwrap_or(Timestamp::MAX);
        self.all.insert(
            self.last_number,
            QueuedOperation {
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
        format!("op_{}", self.last_number)
    }

    /// Returns whether an operation of the user is in flight.
    pub(super) fn is_busy(&self, user: &str, now: Timestamp) -> bool {
        self.in_flight(now).any(|operation| operation.user == user)
    }

    /// Returns the number of operations in flight.
    pub(super) fn in_flight_count(&self, now: Timestamp) -> usize {
        self.in_flight(now).count()
    }

    fn in_flight(&self, now: Timestamp) -> impl Iterator<Item = &QueuedOperation> {
        // Older operations cannot be in flight.
        let recent = self.all.values().rev().take(1000);
        recent.filter(move |one| one.completed.is_none() && now.duration_since(one.created) < IN_FLIGHT_MAX)
    }

    /// Returns the next due operation.
    pub(super) fn next_due(&self, now: Timestamp) -> Option<String> {
        let open = self.in_flight(now).filter(|one| one.ending != Some(OperationFailure::Stuck) && one.due <= now);
        let first = open.map(|one| (one.due, one.created)).min()?;
        let found = self.all.iter().rev().find(|(_, one)| one.completed.is_none() && (one.due, one.created) == first);
        found.map(|(number, _)| format!("op_{number}"))
    }

    fn get(&self, id: &str) -> Option<&QueuedOperation> {
        self.all.get(&id.strip_prefix("op_")?.parse().ok()?)
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut QueuedOperation> {
        self.all.get_mut(&id.strip_prefix("op_")?.parse().ok()?)
    }

    /// Returns the operation as JSON.
    pub(super) fn operation_json(&self, world: &EmulatedTenant, base: &str, id: &str) -> Option<Value> {
        let operation = self.get(id).filter(|operation| operation.ending != Some(OperationFailure::Forgotten))?;
        let now = world.now();
        let status = match operation.completed {
            Some(_) if operation.ending == Some(OperationFailure::Unknown) => "UNKNOWN",
            Some(_) if operation.error.is_some() => "FAILED",
            Some(_) => "COMPLETED",
            None if operation.starts > now => "PENDING",
            None if world.config().unknown_words => "WARMING_UP",
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
        if world.config().extra_fields {
            shown["shard"] = json!({ "number": 3 });
        }
        Some(shown)
    }
}

impl EightByEightApi {
    /// Completes an operation.
    pub(super) fn complete_operation(&mut self, world: &mut EmulatedTenant, id: &str) {
        let Some(operation) = self.queue.get_mut(id) else { return };
        let (ending, user, update) = (operation.ending, operation.user.clone(), operation.update.take());
        let problem = |world: &EmulatedTenant, status, title, message: &str| {
            replies::problem(world, status, title, None, Some("serviceInfo.licenses"), message)
        };
        let error = match (ending, update) {
            (Some(OperationFailure::NoSeat), _) => {
                Some(problem(world, 409, "No licenses available", "No licenses are available"))
            }
            (Some(OperationFailure::Failed), _) => {
                Some(problem(world, 500, "Internal Server Error", "An unexpected error occurred"))
            }
            (_, Some(update)) => self
                .apply(world, &user, update)
                .err()
                .map(|refusal| problem(world, refusal.status, replies::title(refusal.status), &refusal.message)),
            (_, None) => None,
        };
        let now = world.now();
        if let Some(operation) = self.queue.get_mut(id) {
            operation.completed = Some(now);
            operation.error = error;
        }
    }
}
