//! A tenant that the suite can inspect and change, whatever its adapter.

use std::path::Path;
use std::time::Duration;

use reseat::emulator::TenantAction;
use reseat::model::Observation;

/// The initial people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// People with the first license, in addition to the four fixed ones.
    pub(crate) crowd: usize,
    /// How long an accepted request takes, if requests take time, in milliseconds.
    pub(crate) takes_ms: u64,
    /// Whether Bo also holds an inherited or derived license.
    pub(crate) inherited: bool,
}

/// A fault of the connection to a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The second page of the list always fails.
    SecondPage,
    /// This number of changes is throttled with a retry after one second.
    Throttle(u64),
    /// The first change takes effect, and its response is lost.
    LoseAnswer,
    /// The key can read but not write.
    WrongRole,
    /// The key belongs to another customer.
    WrongAccount,
    /// The key expires after this number of requests.
    KeyExpires(u64),
    /// Responses contain undocumented fields and values.
    Unknown,
    /// The first list is invalid.
    Garbage,
    /// The response to the first change is invalid.
    GarbledAnswer,
    /// One account appears and one disappears while the second page is read.
    MutationWhilePaging,
}

/// A tenant.
pub(crate) trait Rig {
    /// The tenant's `adapter` in the manifest.
    fn adapter(&self) -> String;

    /// Returns the vendor's state.
    fn truth(&mut self) -> Observation;

    /// Applies an event at the vendor.
    fn act(&mut self, actions: &[TenantAction]);

    /// Activates a fault; false if this rig cannot produce it.
    fn trouble(&mut self, trouble: Trouble) -> bool;

    /// Deactivates all faults.
    fn heal(&mut self);

    /// Returns the vendor's data about an account besides its licenses, which a change could lose.
    fn beside(&mut self, _id: &str) -> Option<String> {
        None
    }

    /// Returns the pause after a throttled change, if the vendor recorded it.
    fn rested(&mut self) -> Option<Duration> {
        None
    }

    /// Returns the manifest's folder, if the tenant is stored in files.
    fn folder(&self) -> Option<&Path> {
        None
    }

    /// Returns the tenant's secret, if it has one.
    fn secret(&self) -> Option<&str> {
        None
    }

    /// Returns how many changes reached the vendor, if it counts them.
    fn writes(&mut self) -> Option<usize> {
        None
    }

    /// Returns additional command-line arguments.
    fn flags(&self) -> &[&str] {
        &[]
    }

    /// Does the runbook's steps in that folder manually, and exports again.
    fn work_by_hand(&mut self, _plan: &serde_json::Value) {}
}
