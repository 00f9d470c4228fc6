//! Avaya Spaces, administered through Avaya Aura Device Services.
//!
//! Quotations are from "Assigning a different license to Avaya Spaces users" unless another page is named.

use super::definition::{
    AdministratorRules, BulkSupport, CancelRule, Cardinality, ClosedPoolRule, ConcurrencyLimit, ConsoleAction,
    ConsoleExport, ConsoleProcedure, EffectTiming, ExportColumn, ExportOrigin, ForbiddenTransition, ForeignAccountHint,
    ForeignAccountRules, LicenseCatalog, Profile, RemovalRules, SourcePage, StarterManifest, VisitBy,
};
use crate::model::{ChangeKind, HoldingState};

/// The rules of Avaya Spaces.
pub(super) static PROFILE: Profile = Profile {
    name: "avaya-spaces",
    title: "Avaya Spaces",
    sources: &[
        SourcePage {
            title: "Assigning a different license to Avaya Spaces users",
            publisher: "Avaya, Administering Avaya Aura Device Services, 2026-06-05",
        },
        SourcePage {
            title: "Deallocating licenses",
            publisher: "Avaya, Administering Avaya Aura Device Services 10.2",
        },
        SourcePage {
            title: "Cancelling user registration and license upgrade operations",
            publisher: "Avaya, Administering Avaya Aura Device Services 10.2",
        },
    ],
    // "an Essential or Trial license", "a Business or Power license"; a trial may be of any type.
    licenses: LicenseCatalog::Closed(&["essential", "business", "power"]),
    // A user always holds one license: "Deallocating licenses" gives back Essential, never nothing.
    cardinality: Cardinality::One,
    // One update replaces the license: "assign licenses of another type".
    change: ChangeKind::Atomic,
    floor: Some("essential"),
    forbidden: &[ForbiddenTransition {
        // "You cannot assign an Essential license to a user with a Trial license."
        trial: true,
        to: "essential",
        message: "a trial cannot be exchanged for `essential`",
        help: "assign `business` or `power`, or wait until the trial ends",
    }],
    // "Deallocating licenses" takes a user back to Essential; no page speaks of destroyed data.
    removal: RemovalRules { loses: &[], keeps: &[], takes_memberships: false, release: None },
    follow_ups: &[],
    // "Depending on the number of users, the update process might take several minutes to complete."
    effect: EffectTiming::Later,
    // "If you assign a Business or Power license to a user with an Essential or Trial license, you can cancel this
    // operation ... until Avaya Aura Device Services assigns a new license to the user."
    cancel: CancelRule::Upgrade { from: &["essential"], to: &["business", "power"] },
    // "You can assign a license to a user even if the license has expired. In this case, the Essential license will
    // be assigned to the user."
    closed_pool: ClosedPoolRule::GivesFloor,
    foreign_accounts: ForeignAccountRules {
        // "You cannot assign a new license to a user that belongs to a LDAP group, which is configured for automatic
        // registration of group users."
        group: ForeignAccountHint {
            message: "the account belongs to the LDAP group `{group}`, whose users are registered automatically",
            help: "change the license of the LDAP group instead",
        },
        // "To assign a new license to a user created on Avaya Spaces, use the Avaya Spaces web administration portal."
        local: ForeignAccountHint {
            message: "the account was created on Avaya Spaces",
            help: "use the Avaya Spaces web administration portal instead",
        },
    },
    states: &[
        ("ACTIVE", HoldingState::Active),
        ("TO_BE_PROCESSED", HoldingState::Pending),
        ("IN_PROGRESS", HoldingState::Pending),
        ("FAILED", HoldingState::Error),
        ("CANCELLED", HoldingState::Cancelled),
        // "the user's status is displayed as UDPATE_CANCELLED"; other pages of the vendor spell it UPDATE_CANCELLED.
        ("UPDATE_CANCELLED", HoldingState::Cancelled),
        ("UDPATE_CANCELLED", HoldingState::Cancelled),
    ],
    // "You cannot assign new licenses when Avaya Aura Device Services synchronizes data with an LDAP server or Avaya
    // Spaces or performs the Avaya Spaces user audit."
    busy: &["LDAP synchronization", "Avaya Spaces synchronization", "Avaya Spaces user audit"],
    // Not documented; one update can hold many users.
    concurrency: ConcurrencyLimit { default: 4, max: 16 },
    // No page names one.
    rate_limits: &[],
    // "To assign the same license to all users, select the Bulk Update check box", or "to each user separately".
    bulk: BulkSupport::Many,
    no_seat_help: "buy more seats, or free one by a change to `essential`",
    administrator: AdministratorRules {
        roles: &["administrator of the Avaya Aura Device Services web administration portal"],
        remedy: &["wait until synchronization and audit are over"],
    },
    procedure: ConsoleProcedure {
        before: &[
            "No synchronization with the LDAP server or Avaya Spaces and no user audit is running: nothing can be changed meanwhile",
            "No notice says that a license has expired: a user with an expired license gets Essential instead",
        ],
        visit: VisitBy::License,
        names: &[("essential", "Essential"), ("business", "Business"), ("power", "Power")],
        open: &[
            "On the Avaya Aura Device Services web administration portal, go to **Spaces > Users and License > View and Manage**",
        ],
        assign: UPDATE,
        change: UPDATE,
        // "Deallocating licenses" gives back Essential; the same update does it.
        remove: ConsoleAction {
            one: &[
                "Select the check box next to the name of {people}",
                "Click **Update**. The **Update Users License** window opens",
                "In **Update License**, select **Essential** in place of **{license}**",
                "Click **Save**",
                "In the **Confirm Action** window, click **OK**",
            ],
            many: &[
                "Select the check boxes of {people}",
                "Click **Update**. The **Update Users License** window opens",
                "Select the **Bulk Update** check box, then select **Essential** from **Select License**",
                "Click **Save**",
                "In the **Confirm Action** window, click **OK**",
            ],
        },
        // "you can cancel this operation from the Assign License page". Another page says that cancelling ends the whole
        // job, and asks for an audit afterwards.
        cancel: ConsoleAction {
            one: &[
                "Go to the **Assign License** page and find {people}",
                "Cancel the update. It ends for everyone whose update is not done yet, so check who is on the page first",
                "Run the Avaya Spaces user audit afterwards",
            ],
            many: &[
                "Go to the **Assign License** page and find {people}",
                "Cancel the update. It ends for everyone whose update is not done yet, so check who is on the page first",
                "Run the Avaya Spaces user audit afterwards",
            ],
        },
        restore: ConsoleAction::NONE,
        release: ConsoleAction::NONE,
        save: &[],
        verify: &[
            "Watch the **Status** column of **View and Manage** until the update is done; with many users it takes several minutes",
        ],
        export: ConsoleExport {
            // No page of the vendor tells of an export of that table.
            how: &[
                "Go to **Spaces > Users and License > View and Manage** and export the table as CSV",
                "Where your release has no export, copy the table into a spreadsheet and save that as CSV",
            ],
            columns: &[
                (ExportColumn::Email, &["email", "email address", "user", "user name", "login name"]),
                (ExportColumn::License, &["license", "license type", "current license"]),
                (ExportColumn::State, &["status", "update status"]),
                (ExportColumn::Group, &["ldap group", "group", "registration group"]),
                (ExportColumn::Origin, &["origin", "user origin", "created on", "source", "type"]),
            ],
            origins: &[
                ("manual", ExportOrigin::Managed),
                ("ldap", ExportOrigin::Managed),
                ("enterprise", ExportOrigin::Managed),
                ("ldap group", ExportOrigin::Group),
                ("ldap-group", ExportOrigin::Group),
                ("automatic", ExportOrigin::Group),
                ("spaces", ExportOrigin::VendorLocal),
                ("avaya spaces", ExportOrigin::VendorLocal),
                ("spaces-local", ExportOrigin::VendorLocal),
            ],
        },
    },
    starter: StarterManifest { tenant: "spaces", licenses: &["business", "power"] },
};

/// One update: "To update a license for a single user", "for multiple users", and what follows.
const UPDATE: ConsoleAction = ConsoleAction {
    one: &[
        "Select the check box next to the name of {people}",
        "Click **Update**. The **Update Users License** window opens",
        "In **Update License**, select **{license}**",
        "Click **Save**",
        "In the **Confirm Action** window, click **OK**",
    ],
    many: &[
        "Select the check boxes of {people}",
        "Click **Update**. The **Update Users License** window opens",
        "Select the **Bulk Update** check box, then select **{license}** from **Select License**",
        "Click **Save**",
        "In the **Confirm Action** window, click **OK**",
    ],
};
