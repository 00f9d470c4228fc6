//! The adapters that the suite knows, and their exceptions with reasons.

use super::behavior::Behavior;
use super::emulated::Wire;
use super::rig::{Rig, Start};
use super::{emulated, exec, file, runbook};

/// What reseat must not change at a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inherits {
    /// A group can grant a license.
    Account,
    /// This license is derived.
    License(&'static str),
}

/// An adapter, from the suite's view.
pub(crate) struct Profile {
    /// Its name among the profiles.
    pub(crate) name: &'static str,
    /// The descriptor's name.
    pub(crate) adapter: &'static str,
    /// The vendor whose rules the suite's tenant follows.
    pub(crate) vendor: &'static str,
    /// Two licenses that a person can move between; the first is the better known one.
    pub(crate) licenses: [&'static str; 2],
    /// Whether they exclude each other.
    pub(crate) exclusive: bool,
    /// The floor license, if the vendor has one.
    pub(crate) floor: Option<&'static str>,
    /// Whether a change replaces the whole person, so that unknown fields could be lost.
    pub(crate) replaces: bool,
    /// Ana's memberships.
    pub(crate) memberships: &'static [&'static str],
    /// What reseat must not change.
    pub(crate) inherits: Inherits,
    /// Additional keys of the tenant in the manifest.
    pub(crate) tenant: &'static str,
    /// The form of requests, if an emulator exists.
    pub(crate) wire: Option<&'static Wire>,
    /// Builds a tenant.
    pub(crate) build: fn(&'static Self, Start) -> Box<dyn Rig>,
    /// Exceptions from its capabilities, with reasons.
    pub(crate) exceptions: &'static [(Behavior, &'static str)],
}

/// A tenant of a vendor without rules.
const GENERIC: &str = "exclusive: [[reader, editor]], change: remove-then-assign, loses: [drafts]";

/// Every adapter; one that is in the registry but not here fails the suite.
pub(crate) static PROFILES: &[Profile] = &[
    Profile {
        name: "file",
        adapter: "file",
        vendor: "generic",
        licenses: ["reader", "editor"],
        exclusive: true,
        floor: None,
        replaces: false,
        memberships: &["readers-club"],
        inherits: Inherits::Account,
        tenant: GENERIC,
        wire: None,
        build: file::build,
        exceptions: &[
            (Behavior::UnknownFields, "unknown fields of a state file are a finding"),
            (Behavior::LostAnswer, "nobody answers: a write that fails is known to have failed"),
        ],
    },
    Profile {
        name: "exec",
        adapter: "exec",
        vendor: "generic",
        licenses: ["reader", "editor"],
        exclusive: true,
        floor: None,
        replaces: false,
        memberships: &["readers-club"],
        inherits: Inherits::Account,
        tenant: GENERIC,
        wire: None,
        build: exec::build,
        exceptions: &[(Behavior::UnknownFields, UNKNOWN_FIELDS)],
    },
    Profile {
        name: "runbook",
        adapter: "runbook",
        vendor: "generic",
        licenses: ["reader", "editor"],
        exclusive: true,
        floor: None,
        replaces: false,
        memberships: &[],
        inherits: Inherits::Account,
        tenant: GENERIC,
        wire: None,
        build: runbook::build,
        exceptions: &[(
            Behavior::PendingCountsAsHeld,
            "a console shows nothing of steps under way; `apply` refuses to hand them over twice instead",
        )],
    },
    Profile {
        name: "8x8",
        adapter: "8x8",
        vendor: "8x8",
        licenses: ["X2", "X4"],
        exclusive: true,
        floor: None,
        replaces: true,
        memberships: &["rg-sales", "queue:support"],
        inherits: Inherits::License("DID-US"),
        tenant: "",
        wire: Some(&Wire { list: "GET /users", write: "PUT", is_write: |request| request.method == "PUT" }),
        build: emulated::build,
        exceptions: &[(
            Behavior::Expired,
            "the interface does not tell of pools; `expires` of the manifest does, for all adapters alike",
        )],
    },
    Profile {
        name: "bridge-generic",
        adapter: "bridge",
        vendor: "generic",
        licenses: ["reader", "editor"],
        exclusive: true,
        floor: None,
        replaces: false,
        memberships: &["readers-club"],
        inherits: Inherits::Account,
        tenant: "exclusive: [[reader, editor]], change: remove-then-assign, loses: [drafts], concurrency: 1",
        wire: Some(BRIDGE),
        build: emulated::build,
        exceptions: &[(Behavior::UnknownFields, UNKNOWN_FIELDS)],
    },
    Profile {
        name: "bridge-avaya-spaces",
        adapter: "bridge",
        vendor: "avaya-spaces",
        licenses: ["business", "power"],
        exclusive: true,
        floor: Some("essential"),
        replaces: false,
        memberships: &[],
        inherits: Inherits::Account,
        tenant: "concurrency: 1",
        wire: Some(BRIDGE),
        build: emulated::build,
        exceptions: &[
            (Behavior::UnknownFields, UNKNOWN_FIELDS),
            (Behavior::Memberships, "the vendor's removals take no memberships away"),
        ],
    },
    Profile {
        name: "bridge-officeseries",
        adapter: "bridge",
        vendor: "officeseries",
        licenses: ["main/timesheet", "main/projects"],
        exclusive: false,
        floor: None,
        replaces: false,
        memberships: &[],
        inherits: Inherits::Account,
        tenant: "concurrency: 1",
        wire: Some(BRIDGE),
        build: emulated::build,
        exceptions: &[
            (Behavior::UnknownFields, UNKNOWN_FIELDS),
            (Behavior::Memberships, "the vendor's removals take no memberships away"),
            (Behavior::AcceptedIsNotDone, "the vendor's changes take effect immediately"),
            (Behavior::PendingCountsAsHeld, "the vendor's changes take effect immediately"),
        ],
    },
];

/// Requests of the bridge protocol.
const BRIDGE: &Wire =
    &Wire { list: "POST /observe", write: "POST /execute", is_write: |request| request.path == "/execute" };

const UNKNOWN_FIELDS: &str = "the protocol rejects unknown fields, because one may be misspelled";
