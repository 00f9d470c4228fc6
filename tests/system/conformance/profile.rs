//! Which adapters the suite knows, and what of it is not for them, with the reason.

use super::behavior::Behavior;
use super::emulated::Wire;
use super::rig::{Rig, Start};
use super::{emulated, exec, file, runbook};

/// What is not ours at a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inherits {
    /// Nothing is inherited there.
    Nothing,
    /// Accounts may belong to a group.
    Account,
    /// This license follows something else.
    License(&'static str),
}

/// An adapter as the suite sees it.
pub(crate) struct Profile {
    /// The descriptor's name.
    pub(crate) adapter: &'static str,
    /// The vendor whose rules the tenant of the suite follows.
    pub(crate) vendor: &'static str,
    /// Two licenses that a person may move between; the first is the better known one.
    pub(crate) licenses: [&'static str; 2],
    /// Whether they exclude each other.
    pub(crate) exclusive: bool,
    /// The license that everybody holds who holds no other, if the vendor has one.
    pub(crate) floor: Option<&'static str>,
    /// Whether a change replaces the whole person, so that what nobody knows could be lost.
    pub(crate) replaces: bool,
    /// What Ana is a member of.
    pub(crate) memberships: &'static [&'static str],
    /// What is not ours there.
    pub(crate) inherits: Inherits,
    /// What else the manifest says of the tenant.
    pub(crate) tenant: &'static str,
    /// What requests look like, where there is an emulator.
    pub(crate) wire: Option<&'static Wire>,
    /// Builds a tenant.
    pub(crate) build: fn(&'static Self, Start) -> Box<dyn Rig>,
    /// What does not apply although its capabilities say so, and why.
    pub(crate) exceptions: &'static [(Behavior, &'static str)],
}

/// A tenant of a vendor without rules of its own.
const GENERIC: &str = "exclusive: [[reader, editor]], change: remove-then-assign, loses: [drafts]";

/// Every adapter; one in the registry that is missing here fails the suite.
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
