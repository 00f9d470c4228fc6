//! Requests that reseat sends to a program or a bridge.
//!
//! The types are the protocol: the schema is generated from them. Messages are compact, with their fields in the order
//! declared here, so that a shell script can parse them. A new field requires a new version of the protocol.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::model::{Operation, OperationKind, TenantSettings};

/// The supported versions of the protocol, the preferred one first.
pub const PROTOCOL_VERSIONS: &[u32] = &[1];

/// One request: a line on the program's standard input, or the body of a POST to the bridge.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct RequestLine {
    /// The number that the response must carry; unique for each process or connection.
    pub id: u64,
    /// The request.
    #[serde(flatten)]
    pub request: ProtocolRequest,
}

/// A request. reseat sends only requests that `can` lists, and `describe` first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum ProtocolRequest {
    /// Describe yourself and what you can do.
    Describe {
        /// The protocol versions that reseat supports; choose one.
        protocols: Vec<u32>,
        /// The tenant's name in the manifest.
        tenant: SmolStr,
        /// The vendor whose rules apply.
        vendor: SmolStr,
        /// Whether reseat may send `execute`; if false, read-only credentials suffice.
        writes: bool,
    },
    /// Return a page of all accounts and pools.
    Observe {
        /// The `next` of the previous page; null for the first page.
        cursor: Option<String>,
    },
    /// Return the current state of one account.
    Account {
        /// Its id.
        account: String,
    },
    /// Return the current pools.
    Pools,
    /// Execute one operation, once.
    Execute {
        /// The operation.
        operation: OperationOrder,
    },
    /// Return the progress of an accepted operation.
    Poll {
        /// The operation.
        operation: OperationOrder,
        /// The handle that `execute` returned.
        handle: String,
    },
    /// Report whether the vendor currently refuses changes.
    Busy,
    /// Report the vendor's time, the role of the credentials and the remaining quota.
    Health,
}

impl ProtocolRequest {
    /// Returns the first request to every peer.
    pub(in crate::adapter) fn describe(settings: &TenantSettings, writes: bool) -> Self {
        Self::Describe {
            protocols: PROTOCOL_VERSIONS.to_vec(),
            tenant: settings.name.clone(),
            vendor: settings.vendor.clone(),
            writes,
        }
    }

    /// Returns its name in the protocol.
    pub(crate) fn name(&self) -> &'static str {
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

    /// Returns whether it may change something at the vendor.
    pub(crate) fn is_write(&self) -> bool {
        matches!(self, Self::Execute { .. })
    }
}

/// An operation of a plan. Licenses have the vendor's names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperationOrder {
    /// Its id in the plan, such as `op-1`.
    pub name: SmolStr,
    /// The kind of operation.
    pub kind: OperationKind,
    /// The id of the account.
    pub account: SmolStr,
    /// The person's address in the manifest.
    pub person: SmolStr,
    /// The license; for `change` the old one.
    pub license: SmolStr,
    /// For `change` the new license, otherwise null.
    pub to: Option<SmolStr>,
    /// For `restore`: the memberships to restore.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<SmolStr>,
}

impl OperationOrder {
    /// Returns the order for an operation at that tenant.
    pub(in crate::adapter) fn for_operation(operation: &Operation, settings: &TenantSettings) -> Self {
        let vendor_name = |license: &SmolStr| {
            settings.pools.get(license).and_then(|pool| pool.name.clone()).unwrap_or_else(|| license.clone())
        };
        Self {
            name: operation.id.0.clone(),
            kind: operation.kind,
            account: operation.account.clone(),
            person: operation.person.clone(),
            license: vendor_name(&operation.license),
            to: operation.to.as_ref().map(vendor_name),
            memberships: operation.memberships.clone(),
        }
    }
}

/// The remaining part of a rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemainingQuota {
    /// The number of requests left.
    pub left: u64,
    /// The limit.
    #[serde(default)]
    pub of: Option<u64>,
    /// The time of the next reset.
    #[serde(default)]
    pub resets: Option<Timestamp>,
}
