//! The fields of a vendor profile.
//!
//! A profile is plain data, so that the planner, the simulator and the runbook follow the same rules without knowing any
//! vendor. A rule that no field expresses becomes a new field, never a branch elsewhere.

pub use super::console::{ConsoleAction, ConsoleExport, ConsoleProcedure, ExportColumn, ExportOrigin, VisitBy};
use crate::model::{ChangeKind, HoldingState, RateLimit};

/// The rules of one vendor.
#[derive(Debug)]
pub struct Profile {
    /// The name in manifests.
    pub name: &'static str,
    /// The product name.
    pub title: &'static str,
    /// The pages that document the rules.
    pub sources: &'static [SourcePage],
    /// The licenses.
    pub licenses: LicenseCatalog,
    /// How many licenses a person holds.
    pub cardinality: Cardinality,
    /// How a person moves between licenses that exclude each other.
    pub change: ChangeKind,
    /// The unlimited license of everyone who holds no other.
    pub floor: Option<&'static str>,
    /// Transitions that the vendor never allows.
    pub forbidden: &'static [ForbiddenTransition],
    /// What a removal destroys and keeps.
    pub removal: RemovalRules,
    /// Manual steps after a main license is assigned.
    pub follow_ups: &'static [&'static str],
    /// When a request takes effect.
    pub effect: EffectTiming,
    /// Which pending requests can be cancelled.
    pub cancel: CancelRule,
    /// The effect of an expired or inactive pool.
    pub closed_pool: ClosedPoolRule,
    /// Why accounts of foreign origin cannot be changed.
    pub foreign_accounts: ForeignAccountRules,
    /// The vendor's spellings of holding states.
    pub states: &'static [(&'static str, HoldingState)],
    /// The periods in which the vendor accepts no changes.
    pub busy: &'static [&'static str],
    /// The number of operations in flight.
    pub concurrency: ConcurrencyLimit,
    /// The rate limits of the vendor's API, all of which apply.
    pub rate_limits: &'static [RateLimit],
    /// How many people one request can change.
    pub bulk: BulkSupport,
    /// What to do if no seat is free.
    pub no_seat_help: &'static str,
    /// The required roles, and what to do if access is denied.
    pub administrator: AdministratorRules,
    /// The steps in the vendor's console.
    pub procedure: ConsoleProcedure,
    /// The content of a starter manifest.
    pub starter: StarterManifest,
}

/// A page that documents rules.
#[derive(Debug)]
pub struct SourcePage {
    /// Its title.
    pub title: &'static str,
    /// Its publisher, and its date if it has one.
    pub publisher: &'static str,
}

/// The licenses of a vendor.
#[derive(Debug)]
pub enum LicenseCatalog {
    /// Exactly these.
    Closed(&'static [&'static str]),
    /// Any license; the text describes the names.
    Open(&'static str),
}

/// How many licenses a person holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// Exactly one.
    One,
    /// One main license, and any number of licenses that the tenant marks as `add_on`.
    OneMain,
    /// Any number.
    Set,
    /// As the tenant states in `exclusive`, `change` and `floor`.
    TenantDefined,
}

/// A transition that the vendor never allows.
#[derive(Debug)]
pub struct ForbiddenTransition {
    /// Whether it applies to holders of a trial.
    pub trial: bool,
    /// The target license.
    pub to: &'static str,
    /// The message, in lower case.
    pub message: &'static str,
    /// What to do instead.
    pub help: &'static str,
}

/// What a removal destroys and keeps.
#[derive(Debug)]
pub struct RemovalRules {
    /// What is destroyed.
    pub loses: &'static [DataLoss],
    /// Data that is kept, although one might expect otherwise.
    pub keeps: &'static [&'static str],
    /// Whether the account loses its memberships with its main license.
    pub takes_memberships: bool,
    /// How to stop the billing of a freed seat, if the vendor continues it until asked.
    pub release: Option<&'static str>,
}

/// One thing that a removal destroys.
#[derive(Debug)]
pub struct DataLoss {
    /// The name of the data.
    pub what: &'static str,
    /// Whether only the removal of a main license destroys it.
    pub main_only: bool,
}

/// When a request takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectTiming {
    /// Immediately.
    Immediate,
    /// Some time after it is accepted.
    Later,
}

/// Which pending requests can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelRule {
    /// None.
    Never,
    /// All.
    Always,
    /// Requests for a license in `to` by holders of a license in `from` or of any trial.
    Upgrade {
        /// The old licenses.
        from: &'static [&'static str],
        /// The requested licenses.
        to: &'static [&'static str],
    },
}

/// The effect of an expired or inactive pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedPoolRule {
    /// No seat can be assigned.
    RefusesSeats,
    /// No seat can be assigned or removed.
    RefusesChanges,
    /// The vendor silently assigns the floor license instead of an expired one.
    GivesFloor,
}

/// Why accounts of foreign origin cannot be changed.
#[derive(Debug)]
pub struct ForeignAccountRules {
    /// Accounts of a group; `{group}` is replaced by its name.
    pub group: ForeignAccountHint,
    /// Accounts that were created at the vendor.
    pub local: ForeignAccountHint,
}

/// A reason, and what to do instead.
#[derive(Debug)]
pub struct ForeignAccountHint {
    /// The message, in lower case.
    pub message: &'static str,
    /// What to do instead.
    pub help: &'static str,
}

/// The number of operations in flight at one tenant.
#[derive(Debug)]
pub struct ConcurrencyLimit {
    /// The default.
    pub default: u32,
    /// The maximum.
    pub max: u32,
}

/// How many people one request can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkSupport {
    /// One person.
    One,
    /// Many people, with one license for all or an individual one for each.
    Many,
}

/// Who may change licenses.
#[derive(Debug)]
pub struct AdministratorRules {
    /// The roles, one of which is required.
    pub roles: &'static [&'static str],
    /// What to try if access is denied although the role is present.
    pub remedy: &'static [&'static str],
}

impl AdministratorRules {
    /// Returns what to do if access is denied.
    pub(crate) fn help(&self) -> String {
        format!("the account of the key needs one of `{}`; {}", self.roles.join("`, `"), self.remedy.join("; "))
    }
}

/// The content of a starter manifest.
#[derive(Debug)]
pub struct StarterManifest {
    /// The name of the tenant.
    pub tenant: &'static str,
    /// Usual licenses, the most wanted first.
    pub licenses: &'static [&'static str],
}
