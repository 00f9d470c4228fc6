//! OfficeSeries, administered in its admin center.
//!
//! Quotations are from "How to Assign or Unassign User Licenses" unless another page is named.

use super::definition::{
    AdministratorRules, BulkSupport, CancelRule, Cardinality, ClosedPoolRule, ConcurrencyLimit, ConsoleAction,
    ConsoleExport, ConsoleProcedure, EffectTiming, ExportColumn, ForeignAccountHint, ForeignAccountRules,
    LicenseCatalog, Profile, RemovalRules, SourcePage, StarterManifest, VisitBy,
};
use crate::model::ChangeKind;

/// The rules of OfficeSeries.
pub(super) static PROFILE: Profile = Profile {
    name: "officeseries",
    title: "OfficeSeries",
    sources: &[
        SourcePage { title: "How to Assign or Unassign User Licenses", publisher: "OfficeSeries help" },
        SourcePage { title: "Understanding OfficeSeries subscriptions", publisher: "OfficeSeries help" },
    ],
    // "Licenses can be assigned or unassigned at the subscription level for individual users."
    licenses: LicenseCatalog::Open("`subscription/product`, such as `main/timesheet`"),
    // "Choose the appropriate license for the user", "Uncheck the license(s) you wish to remove": a set.
    cardinality: Cardinality::Set,
    change: ChangeKind::Atomic,
    floor: None,
    forbidden: &[],
    // "Once a license is removed from a user, it becomes available in your subscription pool and can be reassigned to
    // someone else." The page speaks of no destroyed data.
    removal: RemovalRules { loses: &[], keeps: &[], takes_memberships: false, release: None },
    follow_ups: &[],
    // "This change should update immediately in the user license assignments table."
    effect: EffectTiming::Immediate,
    cancel: CancelRule::Never,
    // "Understanding OfficeSeries subscriptions": a subscription is active, inactive or expired.
    closed_pool: ClosedPoolRule::RefusesChanges,
    foreign_accounts: ForeignAccountRules {
        group: ForeignAccountHint {
            message: "the account is managed through the group `{group}`",
            help: "change the license of the group instead",
        },
        local: ForeignAccountHint {
            message: "the account is managed at the vendor",
            help: "change its license in the OfficeSeries admin center instead",
        },
    },
    states: &[],
    busy: &[],
    // Not documented; one person a request.
    concurrency: ConcurrencyLimit { default: 4, max: 16 },
    // No page names one.
    rate_limits: &[],
    bulk: BulkSupport::One,
    // "If no licenses are available, you may need to purchase additional licenses."
    no_seat_help: "purchase additional licenses for the subscription",
    administrator: AdministratorRules {
        // "Only users with administrative privileges, such as Global Administrators, Subscription Administrators, or
        // User Administrators, can assign or unassign licenses."
        roles: &["Global Administrator", "Subscription Administrator", "User Administrator"],
        remedy: &["ask a Global Administrator for one of the roles"],
    },
    procedure: ConsoleProcedure {
        before: &["You can see the subscriptions named here, and they are active"],
        visit: VisitBy::PersonInSubscription,
        names: &[],
        open: &[
            "Log in to the OfficeSeries admin center",
            "Go to the subscription settings and select the subscription **{subscription}**",
            "In the left menu, click **User License Assignments**",
            "Filter the user list to find {person}",
            "In that user's row, click **Add or remove licenses**",
        ],
        assign: ConsoleAction::each(&["Check **{product}**"]),
        change: ConsoleAction::NONE,
        remove: ConsoleAction::each(&["Uncheck **{product}**"]),
        cancel: ConsoleAction::NONE,
        restore: ConsoleAction::NONE,
        release: ConsoleAction::NONE,
        save: &["Save"],
        // "verify that the license has been successfully assigned", and after a removal "Confirm that the previously
        // assigned license no longer appears under the user's profile."
        verify: &["The user's row shows the change at once: what was checked appears, what was unchecked does not"],
        export: ConsoleExport {
            // No page of the vendor tells of an export of that table.
            how: &[
                "Open **User License Assignments** of each subscription and export the table as CSV",
                "Where there is no export, copy the tables into one spreadsheet with a column for the subscription, and save that as CSV",
            ],
            columns: &[
                (ExportColumn::Email, &["email", "email address", "user email", "user", "user name"]),
                (ExportColumn::License, &["licenses", "license", "products", "product", "assigned licenses"]),
                (ExportColumn::Subscription, &["subscription", "subscription name"]),
            ],
            origins: &[],
        },
    },
    starter: StarterManifest { tenant: "office", licenses: &["main/timesheet", "main/projects"] },
};
