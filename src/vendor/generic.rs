//! Any other product: the tenant in the manifest says what a profile would say.

use super::profile::{
    Administrator, Bulk, Cancel, Cardinality, ClosedPool, Concurrency, EffectTime, Foreign, Licenses, Procedure,
    Profile, Removal, Starter, Words,
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
        open: &["open the person's licenses in the vendor's console"],
        assign: &["give the license", "save"],
        change: &["exchange the license", "save"],
        remove: &["take the license away", "save"],
        cancel: &["take the request back"],
        verify: &["read the person's licenses again"],
    },
    starter: Starter { tenant: "wiki", licenses: &["editor", "reader"] },
};
