//! 8x8 phones, administered in the 8x8 Admin Console or through the 8x8 Administration API.
//!
//! Quotations are from "Assign, Change, or Remove a License" unless another page is named.

use super::definition::{
    AdministratorRules, BulkSupport, CancelRule, Cardinality, ClosedPoolRule, ConcurrencyLimit, ConsoleAction,
    ConsoleExport, ConsoleProcedure, DataLoss, EffectTiming, ExportColumn, ForeignAccountHint, ForeignAccountRules,
    LicenseCatalog, Profile, RemovalRules, SourcePage, StarterManifest, VisitBy,
};
use crate::model::{ChangeKind, HoldingState, RateLimit};

/// The rules of 8x8.
pub(super) static PROFILE: Profile = Profile {
    name: "8x8",
    title: "8x8",
    sources: &[
        SourcePage { title: "Assign, Change, or Remove a License", publisher: "8x8 Support, 2025-12" },
        SourcePage { title: "User Management API guide", publisher: "8x8 developer documentation, 2026-07" },
        SourcePage { title: "Administration API, suite common", publisher: "8x8 developer documentation, 2026-07" },
    ],
    // Type names hold an internal number and a country: the API's description asks to take them as they are.
    licenses: LicenseCatalog::Open("X1 to X8 and others; the names are the vendor's own"),
    // "From the License dropdown, select the license": one main license a user.
    cardinality: Cardinality::OneMain,
    // "If switching from one license type to another: Remove the user's existing license. ... Assign the new license."
    change: ChangeKind::RemoveThenAssign,
    floor: None,
    forbidden: &[],
    removal: RemovalRules {
        // "Removing a license deletes the user's: Call history, Call forwarding settings, Voicemails and voicemail
        // greetings, Device activation". Memberships are in the API guide, on a change of the license's type, and so
        // they go with the main license only.
        loses: &[
            DataLoss { what: "call history", main_only: false },
            DataLoss { what: "call forwarding settings", main_only: false },
            DataLoss { what: "voicemails and greetings", main_only: false },
            DataLoss { what: "device activation", main_only: false },
            DataLoss { what: "ring-group and queue memberships", main_only: true },
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
    effect: EffectTiming::Later,
    // No page knows a way to take a request back.
    cancel: CancelRule::Never,
    // "If you receive an error, no licenses are currently available. A new license must be purchased."
    closed_pool: ClosedPoolRule::RefusesSeats,
    foreign_accounts: ForeignAccountRules {
        group: ForeignAccountHint {
            message: "the account is managed through the group `{group}`",
            help: "change the license of the group instead",
        },
        local: ForeignAccountHint {
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
    concurrency: ConcurrencyLimit { default: 8, max: 10 },
    // Suite common: a hundred requests a minute for each key, and twenty in ten seconds.
    rate_limits: &[RateLimit { requests: 100, seconds: 60 }, RateLimit { requests: 20, seconds: 10 }],
    bulk: BulkSupport::One,
    // "If no licenses are available, one must be purchased."
    no_seat_help: "purchase a new license",
    administrator: AdministratorRules {
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
    procedure: ConsoleProcedure {
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
        assign: ConsoleAction::each(&[
            "From the **License** dropdown, select **{license}**. An error means that none is free: one must be purchased first",
            "Click **Save**",
        ]),
        change: ConsoleAction::NONE,
        remove: ConsoleAction::each(&[
            "Click the **X** next to the **License** dropdown, which shows **{license}**",
            "When prompted, click **Continue**",
            "Click **Save**",
        ]),
        cancel: ConsoleAction::NONE,
        // The API guide names them; the page on licenses does not say where the console shows them.
        restore: ConsoleAction::each(&["Make {person} a member again of {memberships}"]),
        release: ConsoleAction::each(&[
            "Request a partial cancellation from 8x8 (see **How to Cancel**) for {licenses}",
        ]),
        save: &[],
        verify: &["Open **Services and Permissions** again: it shows the license that is listed here"],
        export: ConsoleExport {
            // No page of the vendor says what the export's columns are called.
            how: &[
                "In **Admin Console**, select **Users** and export the list of users as CSV",
                "Where your role has no export, copy the table into a spreadsheet and save that as CSV",
            ],
            columns: &[
                (ExportColumn::Id, &["user id", "id"]),
                (ExportColumn::Email, &["email", "email address", "primary email"]),
                (ExportColumn::Login, &["user name", "username"]),
                (ExportColumn::License, &["license", "licenses", "license type", "licenses assigned"]),
                (ExportColumn::State, &["license status", "status"]),
                (ExportColumn::Memberships, &["ring groups", "memberships", "call queues"]),
            ],
            origins: &[],
        },
    },
    starter: StarterManifest { tenant: "phones", licenses: &["X4", "X2"] },
};
