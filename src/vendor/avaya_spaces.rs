//! Avaya Spaces, administered through Avaya Aura Device Services.
//!
//! Quotations are from "Assigning a different license to Avaya Spaces users" unless another page is named.

use super::profile::{
    Administrator, Bulk, Cancel, Cardinality, ClosedPool, Concurrency, EffectTime, Forbidden, Foreign, Licenses, Page,
    Procedure, Profile, Removal, Starter, Words,
};
use crate::model::{ChangeKind, HoldingState};

/// The rules of Avaya Spaces.
pub(super) static PROFILE: Profile = Profile {
    name: "avaya-spaces",
    title: "Avaya Spaces",
    sources: &[
        Page {
            title: "Assigning a different license to Avaya Spaces users",
            publisher: "Avaya, Administering Avaya Aura Device Services, 2026-06-05",
        },
        Page { title: "Deallocating licenses", publisher: "Avaya, Administering Avaya Aura Device Services 10.2" },
        Page {
            title: "Cancelling user registration and license upgrade operations",
            publisher: "Avaya, Administering Avaya Aura Device Services 10.2",
        },
    ],
    // "an Essential or Trial license", "a Business or Power license"; a trial may be of any type.
    licenses: Licenses::Closed(&["essential", "business", "power"]),
    // A user always holds one license: "Deallocating licenses" gives back Essential, never nothing.
    cardinality: Cardinality::One,
    // One update replaces the license: "assign licenses of another type".
    change: ChangeKind::Atomic,
    floor: Some("essential"),
    forbidden: &[Forbidden {
        // "You cannot assign an Essential license to a user with a Trial license."
        trial: true,
        to: "essential",
        message: "a trial cannot be exchanged for `essential`",
        help: "assign `business` or `power`, or wait until the trial ends",
    }],
    // "Deallocating licenses" takes a user back to Essential; no page speaks of destroyed data.
    removal: Removal { loses: &[], keeps: &[], takes_memberships: false, release: None },
    follow_ups: &[],
    // "Depending on the number of users, the update process might take several minutes to complete."
    effect: EffectTime::Later,
    // "If you assign a Business or Power license to a user with an Essential or Trial license, you can cancel this
    // operation ... until Avaya Aura Device Services assigns a new license to the user."
    cancel: Cancel::Upgrade { from: &["essential"], to: &["business", "power"] },
    // "You can assign a license to a user even if the license has expired. In this case, the Essential license will
    // be assigned to the user."
    closed: ClosedPool::GivesFloor,
    foreign: Foreign {
        // "You cannot assign a new license to a user that belongs to a LDAP group, which is configured for automatic
        // registration of group users."
        group: Words {
            message: "the account belongs to the LDAP group `{group}`, whose users are registered automatically",
            help: "change the license of the LDAP group instead",
        },
        // "To assign a new license to a user created on Avaya Spaces, use the Avaya Spaces web administration portal."
        local: Words {
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
    concurrency: Concurrency { default: 4, most: 16 },
    // No page names one.
    limits: &[],
    // "To assign the same license to all users, select the Bulk Update check box", or "to each user separately".
    bulk: Bulk::Many,
    no_seat: "buy more seats, or free one by a change to `essential`",
    administrator: Administrator {
        roles: &["administrator of the Avaya Aura Device Services web administration portal"],
        remedy: &["wait until synchronization and audit are over"],
    },
    procedure: Procedure {
        before: &[
            "make sure that no synchronization with the LDAP server or Avaya Spaces and no user audit is running",
            "heed the notice that a license has expired or is expiring soon",
        ],
        open: &[
            "on the Avaya Aura Device Services web administration portal, go to Spaces > Users and License > View and Manage",
            "select the check box next to the user's name; for several users select theirs, for all the one in the table header",
            "click Update",
        ],
        assign: &[
            "in Update License select the license of each user, or select Bulk Update and one license in Select License",
            "click Save",
            "in the Confirm Action window click OK",
        ],
        change: &[
            "in Update License select the license of each user, or select Bulk Update and one license in Select License",
            "click Save",
            "in the Confirm Action window click OK",
        ],
        remove: &[
            "in Update License select Essential for each user",
            "click Save",
            "in the Confirm Action window click OK",
        ],
        cancel: &["open the Assign License page", "cancel the operation while the user's status is not done"],
        verify: &[
            "watch the Status column of View and Manage until the update is done",
            "read the user's license again",
        ],
    },
    starter: Starter { tenant: "spaces", licenses: &["business", "power"] },
};
