//! 8x8 phones, administered in the 8x8 Admin Console or through the 8x8 Administration API.
//!
//! Quotations are from "Assign, Change, or Remove a License" unless another page is named.

use super::profile::{
    Administrator, Bulk, Cancel, Cardinality, ClosedPool, Column, Concurrency, Deed, EffectTime, Export, Foreign,
    Licenses, Loss, Page, Procedure, Profile, Removal, Starter, VisitBy, Words,
};
use crate::model::{ChangeKind, HoldingState, Rate};

/// The rules of 8x8.
pub(super) static PROFILE: Profile = Profile {
    name: "8x8",
    title: "8x8",
    sources: &[
        Page { title: "Assign, Change, or Remove a License", publisher: "8x8 Support, 2025-12" },
        Page { title: "User Management API guide", publisher: "8x8 developer documentation, 2026-07" },
        Page { title: "Administration API, suite common", publisher: "8x8 developer documentation, 2026-07" },
    ],
    // Type names hold an internal number and a country: the API's description asks to take them as they are.
    licenses: Licenses::Open("X1 to X8 and others; the names are the vendor's own"),
    // "From the License dropdown, select the license": one main license a user.
    cardinality: Cardinality::OneMain,
    // "If switching from one license type to another: Remove the user's existing license. ... Assign the new license."
    change: ChangeKind::RemoveThenAssign,
    floor: None,
    forbidden: &[],
    removal: Removal {
        // "Removing a license deletes the user's: Call history, Call forwarding settings, Voicemails and voicemail
        // greetings, Device activation". Memberships are in the API guide, on a change of the license's type, and so
        // they go with the main license only.
        loses: &[
            Loss { what: "call history", main_only: false },
            Loss { what: "call forwarding settings", main_only: false },
            Loss { what: "voicemails and greetings", main_only: false },
            Loss { what: "device activation", main_only: false },
            Loss { what: "ring-group and queue memberships", main_only: true },
        ],
        // "Call recordings remain available to administrators in Admin Console."
        keeps: &["call recordings"],
        takes_memberships: true,
        // "To stop being billed for the license, you must request a partial cancellation."
        release: Some("request a partial cancellation of the license from 8x8"),
    },
    // "After assigning a license, you can: Assign a phone number or extension; Configure user settings (voicemail,
    // call forwarding, app access)".
    follow_ups: &[
        "assign a phone number or extension",
        "set up voicemail",
        "set up call forwarding",
        "grant application access",
    ],
    // Suite common: a write answers with an operation, which is polled until it is completed.
    effect: EffectTime::Later,
    // No page knows a way to take a request back.
    cancel: Cancel::Never,
    // "If you receive an error, no licenses are currently available. A new license must be purchased."
    closed: ClosedPool::RefusesSeats,
    foreign: Foreign {
        group: Words {
            message: "the account is managed through the group `{group}`",
            help: "change the license of the group instead",
        },
        local: Words {
            message: "the account is managed at the vendor",
            help: "change its license in the 8x8 Admin Console instead",
        },
    },
    states: &[
        // Review Licenses: the console's words for one license.
        ("ASSIGNED", HoldingState::Active),
        ("SUSPENDED", HoldingState::Suspended),
        // The API's words for users and operations.
        ("ACTIVE", HoldingState::Active),
        ("PENDING", HoldingState::Pending),
        ("IN_PROGRESS", HoldingState::Pending),
        ("COMPLETED", HoldingState::Active),
        ("FAILED", HoldingState::Error),
    ],
    busy: &[],
    // Suite common: ten asynchronous operations in flight for each organization.
    concurrency: Concurrency { default: 8, most: 10 },
    // Suite common: a hundred requests a minute for each key, and twenty in ten seconds.
    limits: &[Rate { requests: 100, seconds: 60 }, Rate { requests: 20, seconds: 10 }],
    bulk: Bulk::One,
    // "If no licenses are available, one must be purchased."
    no_seat: "purchase a new license",
    administrator: Administrator {
        // "Administrator permissions"
        roles: &["administrator with permission to manage licenses"],
        // "You may be unable to view or edit certain fields if" and what follows.
        remedy: &[
            "check that the role includes permission to manage licenses; the system administrator can update it",
            "check that this is the right admin account, and not an alternate one with lower permissions",
            "clear the browser's cache and cookies, log out and back in",
            "contact 8x8 Support",
        ],
    },
    procedure: Procedure {
        before: &[
            "The account you are logged in with may change licenses",
            "Whatever is needed of the data that a removal deletes is copied or exported",
        ],
        visit: VisitBy::Person,
        names: &[],
        open: &[
            "Log in to **Admin Console**",
            "Select **Users**",
            "Find {person} and click **Edit** (the pencil). Make sure that it is the right user account",
            "Go to **Services and Permissions**",
        ],
        // "From the License dropdown, select the license you want to assign. If you receive an error, no licenses are
        // currently available. A new license must be purchased."
        assign: Deed::each(&[
            "From the **License** dropdown, select **{license}**. An error means that none is free: one must be purchased first",
            "Click **Save**",
        ]),
        change: Deed::NONE,
        remove: Deed::each(&[
            "Click the **X** next to the **License** dropdown, which shows **{license}**",
            "When prompted, click **Continue**",
            "Click **Save**",
        ]),
        cancel: Deed::NONE,
        // The API guide names them; the page on licenses does not say where the console shows them.
        restore: Deed::each(&["Make {person} a member again of {memberships}"]),
        release: Deed::each(&["Request a partial cancellation from 8x8 (see **How to Cancel**) for {licenses}"]),
        save: &[],
        verify: &["Open **Services and Permissions** again: it shows the license that is listed here"],
        export: Export {
            // No page of the vendor says what the export's columns are called.
            how: &[
                "In **Admin Console**, select **Users** and export the list of users as CSV",
                "Where your role has no export, copy the table into a spreadsheet and save that as CSV",
            ],
            columns: &[
                (Column::Id, &["user id", "id"]),
                (Column::Email, &["email", "email address", "primary email"]),
                (Column::Login, &["user name", "username"]),
                (Column::License, &["license", "licenses", "license type", "licenses assigned"]),
                (Column::State, &["license status", "status"]),
                (Column::Memberships, &["ring groups", "memberships", "call queues"]),
            ],
            origins: &[],
        },
    },
    starter: Starter { tenant: "phones", licenses: &["X4", "X2"] },
};
