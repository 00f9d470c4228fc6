//! A tenant that the suite can look into and meddle with, whatever the adapter that leads to it.

use std::path::Path;
use std::time::Duration;

use reseat::emulator::TenantAction;
use reseat::model::Observation;

/// Who is there at the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// People who hold the first license beside the four that are always there.
    pub(crate) crowd: usize,
    /// How long an accepted request takes, where requests do, in milliseconds.
    pub(crate) takes_ms: u64,
    /// Whether Bo has what he has not from us alone.
    pub(crate) inherited: bool,
}

/// What goes wrong on the way to a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The second page of the list fails for as long as anybody asks.
    SecondPage,
    /// So many requests for changes are refused, for we are to come back after a second.
    Throttle(u64),
    /// The first request for a change has its effect, and its answer is lost.
    LoseAnswer,
    /// The key may read and not write.
    WrongRole,
    /// The key is another customer's.
    WrongAccount,
    /// The key expires after so many requests.
    KeyExpires(u64),
    /// Answers hold fields and words that no page of the vendor lists.
    Unknown,
    /// The first list is no list.
    Garbage,
    /// An answer to the first request for a change is no answer.
    GarbledAnswer,
    /// An account comes and one goes when the second page is read.
    MutationWhilePaging,
}

/// A tenant.
pub(crate) trait Rig {
    /// The tenant's `adapter` in the manifest.
    fn adapter(&self) -> String;

    /// What is so at the vendor.
    fn truth(&mut self) -> Observation;

    /// Something happens at the vendor.
    fn act(&mut self, actions: &[TenantAction]);

    /// From now on that goes wrong; false: this rig cannot bring it about.
    fn trouble(&mut self, trouble: Trouble) -> bool;

    /// From now on nothing goes wrong.
    fn heal(&mut self);

    /// What the vendor knows of an account beside its licenses, where a change could lose it.
    fn beside(&mut self, _id: &str) -> Option<String> {
        None
    }

    /// How long nobody asked for a change after one was refused for being too many, where the vendor wrote it down.
    fn rested(&mut self) -> Option<Duration> {
        None
    }

    /// The folder that has to be the manifest's, where the tenant is kept in files.
    fn folder(&self) -> Option<&Path> {
        None
    }

    /// The secret that leads to the tenant, if one does.
    fn secret(&self) -> Option<&str> {
        None
    }

    /// How many requests for a change have reached the vendor, where it counts them.
    fn writes(&mut self) -> Option<usize> {
        None
    }

    /// What the program needs on its command line.
    fn flags(&self) -> &[&str] {
        &[]
    }

    /// Where people work by hand: they do what the runbook in that folder says, and export anew.
    fn work_by_hand(&mut self, _plan: &serde_json::Value) {}
}
