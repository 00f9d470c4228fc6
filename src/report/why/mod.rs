//! Why a person gains, keeps, loses or does not get a license: from the manifest line to the operation, or to the
//! reason why none exists.

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

/// The explanation for one person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Why {
    /// The person's key.
    pub person: SmolStr,
    /// One chain for each license related to the person.
    pub licenses: Vec<LicenseChain>,
}

/// The chain from the manifest to the result, for one license.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LicenseChain {
    /// The tenant.
    pub tenant: SmolStr,
    /// The license.
    pub license: SmolStr,
    /// The entries that name the person for the license.
    pub entries: Vec<NamingEntry>,
    /// The entries for the license that exclude the person.
    pub left_out: Vec<ExcludingEntry>,
    /// Whether any entry names the license.
    pub managed: bool,
    /// The person's holding of the license, such as `pending` or `active, from group:sales`.
    pub holds: Option<String>,
    /// The license's pool before and after the plan.
    pub pool: Option<PlanPool>,
    /// The rank among all desired assignments that compete for a seat; null without a desired assignment or
    /// competition.
    pub rank: Option<QueueRank>,
    /// Policy findings about the license.
    pub policy: Vec<Finding>,
    /// The result.
    pub answer: WhyAnswer,
}

/// One entry that names the person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NamingEntry {
    /// The location of the entry.
    pub source: Source,
    /// `present` or `absent`.
    pub ensure: &'static str,
    /// The text in the manifest that names the person, such as `group:sales`.
    pub named_by: String,
    /// The location of that text.
    pub named_at: Source,
    /// The membership path: the named group first, the group that names the person last.
    pub through: Vec<GroupLink>,
    /// The reason of the entry.
    pub reason: Option<String>,
    /// The priority for scarce seats; higher first.
    pub priority: i64,
    /// The first day of the entry.
    pub starts: Option<Date>,
    /// The day from which on the entry does not count.
    pub expires: Option<Date>,
    /// Whether the entry counts on the day of the plan.
    pub in_force: bool,
}

/// One entry that excludes the person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExcludingEntry {
    /// The location of the entry.
    pub source: Source,
    /// The text in the manifest that excludes the person, such as `group:sales`.
    pub by: String,
    /// The location of that text.
    pub at: Source,
}

/// The rank of a desired assignment among others for the same license: higher priority first, then by address.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct QueueRank {
    /// From 1.
    pub place: usize,
    /// The number of desired assignments.
    pub of: usize,
    /// The priority of the desired assignment.
    pub priority: i64,
    /// The people directly before, the nearest last; at most five.
    pub ahead: Vec<Competitor>,
}

/// Another person with a desired assignment of the same license.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Competitor {
    /// The person's key.
    pub person: SmolStr,
    /// Their priority.
    pub priority: i64,
    /// The operation that assigns it to them; null if they wait.
    pub operation: Option<OperationId>,
}

/// The result for the person's license.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum WhyAnswer {
    /// The plan changes it.
    Operations {
        /// The operations.
        operations: Vec<WhyStep>,
    },
    /// The plan blocks it.
    Blocked {
        /// The code of the reason.
        code: SmolStr,
        /// The reason.
        message: String,
        /// The remedy.
        help: Option<String>,
    },
    /// No seat is free.
    Waiting {
        /// The position in the pool's queue, from 1.
        position: u64,
        /// The number of missing seats.
        missing: u64,
    },
    /// A limit holds the loss.
    Held {
        /// The code of the limit.
        code: SmolStr,
        /// The limit and the number that exceeds it.
        message: String,
        /// The remedy.
        help: Option<String>,
    },
    /// The plan does not change it.
    Nothing {
        /// The reason.
        because: String,
    },
}

/// One operation of the result.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhyStep {
    /// The id in the plan.
    pub id: OperationId,
    /// The kind of operation.
    #[serde(rename = "operation")]
    pub kind: OperationKind,
    /// The license; the old license of a change.
    pub license: SmolStr,
    /// The new license of a change.
    pub to: Option<SmolStr>,
    /// The operations that must succeed before.
    pub after: Vec<OperationId>,
    /// The reason in one line.
    pub why: String,
}
