//! The adapters that the suite knows, and their exceptions with reasons.

use super::behavior::Behavior;
use super::emulated::Wire;
use super::rig::{Rig, Start};
use super::{emulated, exec, file, runbook};

/// What reseat must not change at a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inherits {
    /// Nothing is inherited.
    Nothing,
    /// A group can grant a license.
    Account,
    /// This license is derived.
    License(&'static str),
}

/// An adapter, from the suite's view.
pub(crate) struct Profile {
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
            (Behavior::UnknownFields, "a state file has no fields that nobody knows: they are a finding"),
            (Behavior::LostAnswer, "nobody answers: a write that fails is known to have failed"),
        ],
    },
    Profile {
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
        exceptions: &[(
            Behavior::UnknownFields,
            "the protocol refuses fields that nobody knows: one may be a misspelled one",
        )],
    },
    Profile {
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
        adapter: "8x8",
        vendor: "8x8",
        licenses: ["X2", "X4"],
        exclusive: true,
        floor: None,
        replaces: true,
        memberships: &["rg-sales", "queue:support"],
        inherits: Inherits::License("DID-US"),
        tenant: "",
        wire: Some(&Wire { list: "GET /users", method: "PUT", operations: true, jobs: false }),
        build: emulated::build,
        exceptions: &[(
            Behavior::Expired,
            "the interface does not tell of pools; `expires` of the manifest does, for all adapters alike",
        )],
    },
    Profile {
        adapter: "avaya-spaces",
        vendor: "avaya-spaces",
        licenses: ["business", "power"],
        exclusive: true,
        floor: Some("essential"),
        replaces: false,
        memberships: &[],
        inherits: Inherits::Account,
        tenant: "",
        wire: Some(&Wire { list: "GET /spaces/users*", method: "POST", operations: false, jobs: true }),
        build: emulated::build,
        exceptions: &[],
    },
    Profile {
        adapter: "officeseries",
        vendor: "officeseries",
        licenses: ["main/timesheet", "main/projects"],
        exclusive: false,
        floor: None,
        replaces: false,
        memberships: &[],
        inherits: Inherits::Nothing,
        tenant: "",
        wire: Some(&Wire {
            list: "GET /subscriptions/*/license-assignments*",
            method: "PUT",
            operations: false,
            jobs: false,
        }),
        build: emulated::build,
        exceptions: &[(Behavior::Inherited, "the contract has neither groups nor licenses that follow something")],
    },
];
