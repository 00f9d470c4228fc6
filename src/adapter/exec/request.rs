//! What reseat writes to the program: one line of JSON a request.
//!
//! The types are the protocol: the schema is made from them. Fields stand in the order written here and lines are
//! compact, so that a program in a language without a JSON reader can find its way. A new field is a new version.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use crate::model::{Operation, OperationKind, TenantSettings};

/// The versions of the protocol that this program speaks, the best first.
pub const PROTOCOL_VERSIONS: &[u32] = &[1];

/// One request: a line on the program's standard input.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RequestLine {
    /// The number that the answer has to carry; no two requests to one process have the same.
    pub id: u64,
    /// What is asked.
    #[serde(flatten)]
    pub request: ProtocolRequest,
}

/// What is asked of a program. It is asked only for what it said it can do, and `describe` comes first.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum ProtocolRequest {
    /// Say who you are and what you can do.
    Describe {
        /// The versions of the protocol that reseat speaks; the program chooses one.
        protocols: Vec<u32>,
        /// The tenant's name in the manifest.
        tenant: SmolStr,
        /// The vendor whose rules hold.
        vendor: SmolStr,
        /// False when nothing will be written: credentials that can only read are enough.
        writes: bool,
    },
    /// Give a page of everything there is.
    Observe {
        /// What the page before gave as `next`; null for the first page.
        cursor: Option<String>,
    },
    /// Give one account as it is now.
    Account {
        /// Its id.
        account: String,
    },
    /// Give the bought quantities as they are now.
    Pools,
    /// Do one thing, once.
    Execute {
        /// What to do.
        operation: OperationOrder,
    },
    /// Say how far something is that was accepted.
    Poll {
        /// What was to be done.
        operation: OperationOrder,
        /// The handle that it was accepted with.
        handle: String,
    },
    /// Say whether the vendor refuses changes just now.
    Busy,
    /// Say how you are: the vendor's time, the role of the credentials, the quota that is left.
    Health,
}

impl ProtocolRequest {
    /// The word of the protocol.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Describe { .. } => "describe",
            Self::Observe { .. } => "observe",
            Self::Account { .. } => "account",
            Self::Pools => "pools",
            Self::Execute { .. } => "execute",
            Self::Poll { .. } => "poll",
            Self::Busy => "busy",
            Self::Health => "health",
        }
    }

    /// Whether it may change something at the vendor.
    pub fn is_write(&self) -> bool {
        matches!(self, Self::Execute { .. })
    }
}

/// One operation of a plan, as a program needs it. Licenses have the vendor's names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OperationOrder {
    /// Its name in the plan, such as `op-1`.
    pub name: SmolStr,
    /// What is to be done.
    pub kind: OperationKind,
    /// The id of the account.
    pub account: SmolStr,
    /// The person's address in the manifest.
    pub person: SmolStr,
    /// The license; for `change` the old one.
    pub license: SmolStr,
    /// For `change` the new license, else null.
    pub to: Option<SmolStr>,
    /// For `restore`: the memberships to give back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<SmolStr>,
}

impl OperationOrder {
    /// The order for an operation at that tenant.
    pub fn for_operation(operation: &Operation, settings: &TenantSettings) -> Self {
        let theirs = |ours: &SmolStr| {
            settings.pools.get(ours).and_then(|pool| pool.name.clone()).unwrap_or_else(|| ours.clone())
        };
        Self {
            name: operation.id.0.clone(),
            kind: operation.kind,
            account: operation.account.clone(),
            person: operation.person.clone(),
            license: theirs(&operation.license),
            to: operation.to.as_ref().map(theirs),
            memberships: operation.memberships.clone(),
        }
    }
}

/// What is left of the vendor's patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemainingQuota {
    /// Requests that may still be sent.
    pub left: u64,
    /// Of how many.
    #[serde(default)]
    pub of: Option<u64>,
    /// When they are as many again.
    #[serde(default)]
    pub resets: Option<Timestamp>,
}
