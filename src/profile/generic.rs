//! Any other product: the tenant in the manifest says what a profile would say.

use super::console::COMMON_HEADERS;
use super::definition::{
    AdministratorRules, BulkSupport, CancelRule, Cardinality, ClosedPoolRule, ConcurrencyLimit, ConsoleAction,
    ConsoleExport, ConsoleProcedure, EffectTiming, ForeignAccountHint, ForeignAccountRules, LicenseCatalog, Profile,
    RemovalRules, StarterManifest, VisitBy,
};
use crate::model::ChangeKind;

/// The rules of a vendor without a profile.
pub(super) static PROFILE: Profile = Profile {
    name: "generic",
    title: "generic vendor",
    sources: &[],
    licenses: LicenseCatalog::Open("the names are the vendor's own"),
    cardinality: Cardinality::TenantDefined,
    // Holds where the tenant says nothing: the one that destroys less.
    change: ChangeKind::Atomic,
    floor: None,
    forbidden: &[],
    removal: RemovalRules {
        // The tenant's `loses` says what is destroyed.
        loses: &[],
        keeps: &[],
        takes_memberships: true,
        release: Some("ask the vendor to stop billing the seat"),
    },
    follow_ups: &[],
    effect: EffectTiming::Later,
    cancel: CancelRule::Always,
    closed_pool: ClosedPoolRule::RefusesSeats,
    foreign_accounts: ForeignAccountRules {
        group: ForeignAccountHint {
            message: "the account is managed through the group `{group}`",
            help: "change the license of the group instead",
        },
        local: ForeignAccountHint {
            message: "the account is managed at the vendor",
            help: "change its license in the vendor's own portal instead",
        },
    },
    states: &[],
    busy: &[],
    concurrency: ConcurrencyLimit { default: 8, max: 128 },
    rate_limits: &[],
    bulk: BulkSupport::One,
    no_seat_help: "buy more seats",
    administrator: AdministratorRules {
        roles: &["administrator who may change licenses"],
        remedy: &["check that the account's role includes permission to change licenses"],
    },
    procedure: ConsoleProcedure {
        before: &[],
        visit: VisitBy::Person,
        names: &[],
        open: &["In the vendor's console, open the licenses of {person}"],
        assign: ConsoleAction::each(&["Give **{license}**"]),
        change: ConsoleAction::each(&["Exchange **{old}** for **{license}**"]),
        remove: ConsoleAction::each(&["Take **{license}** away"]),
        cancel: ConsoleAction::each(&["Take the request for **{license}** back"]),
        restore: ConsoleAction::each(&["Make {person} a member again of {memberships}"]),
        release: ConsoleAction::each(&["Ask the vendor to stop billing {licenses}"]),
        save: &["Save"],
        verify: &["Read the person's licenses again"],
        export: ConsoleExport {
            how: &["Export the list of users with their licenses from the vendor's console, as CSV"],
            columns: COMMON_HEADERS,
            origins: &[],
        },
    },
    starter: StarterManifest { tenant: "wiki", licenses: &["editor", "reader"] },
};
