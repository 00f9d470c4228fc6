//! What a profile can say of a vendor.
//!
//! A profile is plain data, so that the planner, the simulator and the runbook follow the same rules and none of them
//! knows a vendor by name. What must hold: a new vendor is one file with one `static`, and one line in
//! [`PROFILES`](super::PROFILES); whatever no profile can say yet becomes a field here, never a branch elsewhere.

pub use super::console::{ConsoleAction, ConsoleExport, ConsoleProcedure, ExportColumn, ExportOrigin, VisitBy};
use crate::model::{ChangeKind, HoldingState, RateLimit};

/// The rules of one vendor.
#[derive(Debug)]
pub struct Profile {
    /// The name in a manifest's `vendor`.
    pub name: &'static str,
    /// The name that people know.
    pub title: &'static str,
    /// The pages that the rules were taken from.
    pub sources: &'static [SourcePage],
    /// Which licenses there are.
    pub licenses: LicenseCatalog,
    /// How many of them a person holds.
    pub cardinality: Cardinality,
    /// How a person moves between licenses that exclude each other.
    pub change: ChangeKind,
    /// The license that everybody holds who holds no other; it is unlimited.
    pub floor: Option<&'static str>,
    /// Transitions that the vendor refuses for ever.
    pub forbidden: &'static [ForbiddenTransition],
    /// What a removal destroys and leaves.
    pub removal: RemovalRules,
    /// What people should do after an assign of a main license.
    pub follow_ups: &'static [&'static str],
    /// When a request takes effect.
    pub effect: EffectTiming,
    /// Which requests can be taken back before they take effect.
    pub cancel: CancelRule,
    /// What an expired or switched-off pool means for those who want a seat of it, or have one.
    pub closed_pool: ClosedPoolRule,
    /// Why accounts of foreign origin cannot be changed here.
    pub foreign_accounts: ForeignAccountRules,
    /// The vendor's spellings of states that are not our words.
    pub states: &'static [(&'static str, HoldingState)],
    /// When the vendor takes no changes.
    pub busy: &'static [&'static str],
    /// Operations in flight.
    pub concurrency: ConcurrencyLimit,
    /// How often the vendor may be asked; all of them hold at once.
    pub rate_limits: &'static [RateLimit],
    /// How many people one request can serve.
    pub bulk: BulkSupport,
    /// What to do when no seat is free.
    pub no_seat_help: &'static str,
    /// Who may do it, and what to do where somebody may not.
    pub administrator: AdministratorRules,
    /// The console's steps, for people.
    pub procedure: ConsoleProcedure,
    /// What a starter manifest shows.
    pub starter: StarterManifest,
}

/// A page that rules were taken from.
#[derive(Debug)]
pub struct SourcePage {
    /// Its title.
    pub title: &'static str,
    /// Who publishes it, and its date where it has one.
    pub publisher: &'static str,
}

/// Which licenses a vendor has.
#[derive(Debug)]
pub enum LicenseCatalog {
    /// Exactly these.
    Closed(&'static [&'static str]),
    /// Whatever was bought; the text says what the names look like.
    Open(&'static str),
}

/// How many licenses a person holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// One of all there are.
    One,
    /// One main license, and any number of those that the tenant marks as `add_on`.
    OneMain,
    /// Any number; none excludes another.
    Set,
    /// What the tenant says in `exclusive`, `change` and `floor`.
    TenantDefined,
}

/// A transition that the vendor refuses for ever.
#[derive(Debug)]
pub struct ForbiddenTransition {
    /// Whether it is meant for holders of a trial.
    pub trial: bool,
    /// The license that cannot be reached.
    pub to: &'static str,
    /// What is wrong, in lower case.
    pub message: &'static str,
    /// What to do instead.
    pub help: &'static str,
}

/// What a removal destroys and leaves.
#[derive(Debug)]
pub struct RemovalRules {
    /// What is destroyed.
    pub loses: &'static [DataLoss],
    /// What stays although one might fear for it.
    pub keeps: &'static [&'static str],
    /// Whether the memberships of the account go with its main license.
    pub takes_memberships: bool,
    /// How to end the bill for a freed seat, where it goes on until somebody asks.
    pub release: Option<&'static str>,
}

/// One thing that a removal destroys.
#[derive(Debug)]
pub struct DataLoss {
    /// What it is.
    pub what: &'static str,
    /// Whether it goes only with a main license, not with an add-on.
    pub main_only: bool,
}

/// When a request takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffectTiming {
    /// With the answer.
    Immediate,
    /// Some time after the answer.
    Later,
}

/// Which requests can be taken back before they take effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelRule {
    /// None.
    Never,
    /// All.
    Always,
    /// Requests for one of `to` by who holds one of `from`, or a trial of anything.
    Upgrade {
        /// The licenses that one may come from.
        from: &'static [&'static str],
        /// The licenses that are asked for.
        to: &'static [&'static str],
    },
}

/// What an expired or switched-off pool means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosedPoolRule {
    /// Nobody gets a seat of it.
    RefusesSeats,
    /// Nobody gets a seat of it, and nobody who has one can give it up.
    RefusesChanges,
    /// Who asks for a seat of an expired one gets the floor license, without a word.
    GivesFloor,
}

/// Why an account cannot be changed here.
#[derive(Debug)]
pub struct ForeignAccountRules {
    /// Accounts that belong to a group; `{group}` stands for its name.
    pub group: ForeignAccountHint,
    /// Accounts that were made at the vendor.
    pub local: ForeignAccountHint,
}

/// A reason, and what to do instead.
#[derive(Debug)]
pub struct ForeignAccountHint {
    /// What is wrong, in lower case.
    pub message: &'static str,
    /// What to do instead.
    pub help: &'static str,
}

/// Operations in flight at one tenant.
#[derive(Debug)]
pub struct ConcurrencyLimit {
    /// Where the tenant says nothing.
    pub default: u32,
    /// Never more than these.
    pub max: u32,
}

/// How many people one request can serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkSupport {
    /// One person a request.
    One,
    /// Many people in one update: one license for all of them, or each their own.
    Many,
}

/// Who may change licenses.
#[derive(Debug)]
pub struct AdministratorRules {
    /// The roles of which one is needed.
    pub roles: &'static [&'static str],
    /// What to try where the role is there and the change is refused all the same.
    pub remedy: &'static [&'static str],
}

impl AdministratorRules {
    /// Returns what to do if access is denied.
    pub(crate) fn help(&self) -> String {
        format!("the account of the key needs one of `{}`; {}", self.roles.join("`, `"), self.remedy.join("; "))
    }
}

/// What a starter manifest shows.
#[derive(Debug)]
pub struct StarterManifest {
    /// A name for the tenant.
    pub tenant: &'static str,
    /// Licenses as they are usually called, the most wanted first.
    pub licenses: &'static [&'static str],
}
