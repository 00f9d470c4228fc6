//! Why a person gets, keeps, loses or lacks a license: from the line in the manifest to the operation, or to the
//! reason why there is none.

mod group_link;
mod pool;
mod text;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

pub use self::group_link::{GroupLink, MembershipCause};
pub use self::pool::{PoolArrival, PoolHolder, PoolWaiter, PoolWhy, ReleaseCause, SeatRelease, pool_text};
pub use self::text::text;
use crate::diagnostic::{Finding, Source};
use crate::model::{OperationId, OperationKind, PlanPool};

/// The answer for one person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Why {
    /// The person's key.
    pub person: SmolStr,
    /// One chain for each license that has to do with the person.
    pub licenses: Vec<LicenseChain>,
}

/// From the manifest to what happens, for one license.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LicenseChain {
    /// The tenant.
    pub tenant: SmolStr,
    /// The license.
    pub license: SmolStr,
    /// The entries that name the person for it.
    pub entries: Vec<NamingEntry>,
    /// The entries that name the license and leave the person out.
    pub left_out: Vec<ExcludingEntry>,
    /// Whether any entry names the license at all.
    pub managed: bool,
    /// What the person holds of it, such as `pending` or `active, from group:sales`.
    pub holds: Option<String>,
    /// The license's pool before and after the plan.
    pub pool: Option<PlanPool>,
    /// Where the wish stands among all wishes for a seat of it that this plan had to choose from; null where there is no
    /// such wish, or seats for everybody.
    pub rank: Option<QueueRank>,
    /// What policy says of it.
    pub policy: Vec<Finding>,
    /// What happens.
    pub answer: WhyAnswer,
}

/// One entry that names the person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NamingEntry {
    /// Where the entry is.
    pub source: Source,
    /// `present` or `absent`.
    pub ensure: &'static str,
    /// How the person comes into it: the text in the manifest, such as `group:sales`.
    pub named_by: String,
    /// Where that stands.
    pub named_at: Source,
    /// The way into the group, where it is one: that group first, and last the one that names the person.
    pub through: Vec<GroupLink>,
    /// Why the entry is there.
    pub reason: Option<String>,
    /// Who gets a scarce seat; higher first.
    pub priority: i64,
    /// The first day on which it counts.
    pub starts: Option<Date>,
    /// The day from which on it counts no more.
    pub expires: Option<Date>,
    /// Whether it counts on the day of the plan.
    pub in_force: bool,
}

/// One entry that leaves the person out.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExcludingEntry {
    /// Where the entry is.
    pub source: Source,
    /// What leaves the person out: the text in the manifest, such as `group:sales`.
    pub by: String,
    /// Where that stands.
    pub at: Source,
}

/// Where a wish stands among others for the same license: higher priority first, then by address.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct QueueRank {
    /// From 1.
    pub place: usize,
    /// How many wishes there are.
    pub of: usize,
    /// The priority of the wish.
    pub priority: i64,
    /// Who stands just before, the nearest last; at most five.
    pub ahead: Vec<Competitor>,
}

/// Somebody who wishes for the same license.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Competitor {
    /// The person's key.
    pub person: SmolStr,
    /// The priority of their wish.
    pub priority: i64,
    /// The operation that gives it to them; null where they wait.
    pub operation: Option<OperationId>,
}

/// What happens to the person's license.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum WhyAnswer {
    /// Something is done.
    Operations {
        /// By which operations.
        operations: Vec<WhyStep>,
    },
    /// It cannot be.
    Blocked {
        /// The reason's code.
        code: SmolStr,
        /// The reason.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// There is no seat.
    Waiting {
        /// The place in the pool's line, from 1.
        position: u64,
        /// Seats to buy, so that nobody has to wait.
        missing: u64,
    },
    /// A limit keeps it back.
    Held {
        /// The limit's code.
        code: SmolStr,
        /// The limit and the number over it.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// Nothing is to be done.
    Nothing {
        /// Because of this.
        because: String,
    },
}

/// One operation of the answer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhyStep {
    /// Its name in the plan.
    pub id: OperationId,
    /// What it does.
    #[serde(rename = "operation")]
    pub kind: OperationKind,
    /// The license; for a change the old one.
    pub license: SmolStr,
    /// For a change the new license.
    pub to: Option<SmolStr>,
    /// What must have succeeded before.
    pub after: Vec<OperationId>,
    /// One line for the reader.
    pub why: String,
}
