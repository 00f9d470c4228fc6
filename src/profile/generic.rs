//! Any other product: the tenant in the manifest says what a profile would say.

use super::console::HEADERS;
use super::profile::{
    Administrator, Bulk, Cancel, Cardinality, ClosedPool, Concurrency, Deed, EffectTime, Export, Foreign, Licenses,
    Procedure, Profile, Removal, Starter, VisitBy, Words,
};
use crate::model::ChangeKind;

/// The rules of a vendor without a profile.
pub(super) static PROFILE: Profile = Profile {
    name: "generic",
    title: "generic vendor",
    sources: &[],
    licenses: Licenses::Open("the names are the vendor's own"),
    cardinality: Cardinality::Stated,
    // Holds where the tenant says nothing: the one that destroys less.
    change: ChangeKind::Atomic,
    floor: None,
    forbidden: &[],
    removal: Removal {
        // The tenant's `loses` says what is destroyed.
        loses: &[],
        keeps: &[],
        takes_memberships: true,
        release: Some("ask the vendor to stop billing the seat"),
    },
    follow_ups: &[],
    effect: EffectTime::Later,
    cancel: Cancel::Always,
    closed: ClosedPool::RefusesSeats,
    foreign: Foreign {
        group: Words {
            message: "the account is managed through the group `{group}`",
            help: "change the license of the group instead",
        },
        local: Words {
            message: "the account is managed at the vendor",
            help: "change its license in the vendor's own portal instead",
        },
    },
    states: &[],
    busy: &[],
    concurrency: Concurrency { default: 8, most: 128 },
    limits: &[],
    bulk: Bulk::One,
    no_seat: "buy more seats",
    administrator: Administrator {
        roles: &["administrator who may change licenses"],
        remedy: &["check that the account's role includes permission to change licenses"],
    },
    procedure: Procedure {
        before: &[],
        visit: VisitBy::Person,
        names: &[],
        open: &["In the vendor's console, open the licenses of {person}"],
        assign: Deed::each(&["Give **{license}**"]),
        change: Deed::each(&["Exchange **{old}** for **{license}**"]),
        remove: Deed::each(&["Take **{license}** away"]),
        cancel: Deed::each(&["Take the request for **{license}** back"]),
        restore: Deed::each(&["Make {person} a member again of {memberships}"]),
        release: Deed::each(&["Ask the vendor to stop billing {licenses}"]),
        save: &["Save"],
        verify: &["Read the person's licenses again"],
        export: Export {
            how: &["Export the list of users with their licenses from the vendor's console, as CSV"],
            columns: HEADERS,
            origins: &[],
        },
    },
    starter: Starter { tenant: "wiki", licenses: &["editor", "reader"] },
};
