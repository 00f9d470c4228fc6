//! Responses of a program or a bridge.
//!
//! The types are the protocol: the schema is generated from them. Unknown keys are errors, because a misspelled `origin`
//! would turn an inherited license into a direct one.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::request::RemainingQuota;
use crate::adapter::throttle_headers::MAX_PAUSE;
use crate::adapter::{AdapterError, ErrorKind};
use crate::model::{Account, Pool};

/// The most bytes of a cursor.
pub(super) const CURSOR_MAX_BYTES: usize = 4096;

/// One response: a line on the program's standard output, or the body of the bridge's response. It has `id` and exactly
/// one other key: the name of the request, or `error`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 2, "maxProperties" = 2))]
pub struct ResponseLine {
    /// The number of the request.
    pub id: u64,
    /// The response to `describe`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Description")]
    pub describe: Option<Description>,
    /// The response to `observe`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AccountPage")]
    pub observe: Option<AccountPage>,
    /// The response to `account`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AccountResponse")]
    pub account: Option<AccountResponse>,
    /// The response to `pools`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "PoolsResponse")]
    pub pools: Option<PoolsResponse>,
    /// The response to `execute`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OperationProgress")]
    pub execute: Option<OperationProgress>,
    /// The response to `poll`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OperationProgress")]
    pub poll: Option<OperationProgress>,
    /// The response to `busy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "BusyResponse")]
    pub busy: Option<BusyResponse>,
    /// The response to `health`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "HealthResponse")]
    pub health: Option<HealthResponse>,
    /// The error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ProtocolFailure")]
    pub error: Option<ProtocolFailure>,
}

impl ResponseLine {
    /// Checks that this is a response to the request of that name.
    ///
    /// # Errors
    /// The error that the peer reports, or [`ErrorKind::Malformed`] for anything but one response to the request.
    pub(in crate::adapter) fn check(self, name: &'static str, is_write: bool) -> Result<Self, AdapterError> {
        let fields = [
            ("describe", self.describe.is_some()),
            ("observe", self.observe.is_some()),
            ("account", self.account.is_some()),
            ("pools", self.pools.is_some()),
            ("execute", self.execute.is_some()),
            ("poll", self.poll.is_some()),
            ("busy", self.busy.is_some()),
            ("health", self.health.is_some()),
        ];
        let present: Vec<&str> = fields.iter().filter(|(_, is_present)| *is_present).map(|(field, _)| *field).collect();
        match (self.error, &*present) {
            (Some(failure), []) => Err(failure.into_error(is_write)),
            (None, [field]) if *field == name => Ok(Self { error: None, ..self }),
            _ => {
                let message = format!("the response to `{name}` needs exactly one of `{name}` and `error` beside `id`");
                Err(AdapterError { maybe_in_effect: is_write, ..AdapterError::new(ErrorKind::Malformed, message) })
            }
        }
    }
}

/// What the program or bridge is and what it can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The protocol version that it chose among the offered ones.
    pub protocol: u32,
    /// Its name.
    pub name: SmolStr,
    /// Its own version.
    #[serde(default)]
    pub version: Option<SmolStr>,
    /// The vendor that it serves, as the manifest names it; the tenant must be of that vendor.
    #[serde(default)]
    pub vendor: Option<SmolStr>,
    /// The supported requests besides `describe`; `observe` is required.
    pub can: Vec<ProtocolAbility>,
    /// How many requests may wait for a response at the same time; 1 by default.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 64))]
    pub concurrency: u32,
}

fn one() -> u32 {
    1
}

impl Description {
    /// Returns whether the request is supported.
    pub(super) fn can(&self, ability: ProtocolAbility) -> bool {
        self.can.contains(&ability)
    }
}

/// A supported request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProtocolAbility {
    /// Pages of all accounts and pools; required.
    Observe,
    /// One account. Without it, reseat reads all accounts instead.
    Account,
    /// Pools. Without it, reseat reads all accounts and pools instead.
    Pools,
    /// One operation. Without it, the tenant is read-only.
    Execute,
    /// The progress of an accepted operation. Without it, reseat reads the account until the effect shows.
    Poll,
    /// Whether the vendor refuses changes. Without it, reseat assumes that the vendor never does.
    Busy,
    /// Time, role and quota.
    Health,
}

/// A page of all accounts and pools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPage {
    /// Accounts, each on one page only.
    #[serde(default)]
    pub accounts: Vec<Account>,
    /// Pools, on any page.
    #[serde(default)]
    pub pools: Vec<Pool>,
    /// False if part of this page could not be read: then absence proves nothing.
    #[serde(default = "yes")]
    pub complete: bool,
    /// Why the vendor currently refuses changes, if it does.
    #[serde(default)]
    pub busy: Option<String>,
    /// The cursor of the next page; null or missing on the last page. Each cursor is unique.
    #[serde(default)]
    pub next: Option<String>,
}

fn yes() -> bool {
    true
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountResponse {
    /// The account; null if it certainly does not exist.
    #[serde(deserialize_with = "Option::deserialize")]
    pub account: Option<Account>,
}

/// All pools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolsResponse {
    /// The pools.
    pub pools: Vec<Pool>,
}

/// The progress of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationProgress {
    /// The state.
    pub state: ProgressState,
    /// With `accepted`: the handle that `poll` sends.
    #[serde(default)]
    #[schemars(length(min = 1, max = 512))]
    pub handle: Option<String>,
}

/// The state of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProgressState {
    /// Done. reseat reads the effect back.
    Done,
    /// Accepted or in progress; the effect comes later.
    Accepted,
    /// Nothing to do.
    Already,
}

/// Whether the vendor refuses changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BusyResponse {
    /// The reason, such as `directory synchronization`; null if the vendor accepts changes.
    #[serde(deserialize_with = "Option::deserialize")]
    pub reason: Option<String>,
}

/// Time, role, quota and notes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthResponse {
    /// The vendor's time.
    #[serde(default)]
    pub time: Option<Timestamp>,
    /// The role of the credentials.
    #[serde(default)]
    pub role: Option<String>,
    /// The remaining part of the vendor's rate limit.
    #[serde(default)]
    pub quota: Option<RemainingQuota>,
    /// Notes for administrators, one sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProtocolFailure {
    /// The kind of failure.
    pub kind: FailureKind,
    /// One sentence.
    pub message: String,
    /// How to fix it.
    #[serde(default)]
    pub help: Option<String>,
    /// For `execute`: whether the operation may have taken effect anyway. By default only for `unavailable`.
    #[serde(default)]
    pub maybe_in_effect: Option<bool>,
    /// For how many seconds reseat must not send anything.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub retry_after: Option<f64>,
    /// The HTTP status of the vendor's response.
    #[serde(default)]
    pub status: Option<u16>,
}

/// The kinds of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// No such account or license.
    NotFound,
    /// The person or pool is not as expected.
    Conflict,
    /// No seat is free.
    NoSeat,
    /// The vendor does not allow this change for this person.
    Forbidden,
    /// The credentials are missing, wrong or insufficient.
    Denied,
    /// The vendor currently accepts no changes.
    Busy,
    /// Too many requests.
    Throttled,
    /// Not supported by the vendor or by this peer.
    Unsupported,
    /// The vendor cannot be reached, or did not respond in time.
    Unavailable,
}

impl ProtocolFailure {
    /// Returns a failure without details.
    pub(crate) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message, help: None, maybe_in_effect: None, retry_after: None, status: None }
    }

    fn into_error(self, is_write: bool) -> AdapterError {
        let kind = match self.kind {
            FailureKind::NotFound => ErrorKind::NotFound,
            FailureKind::Conflict => ErrorKind::Conflict,
            FailureKind::NoSeat => ErrorKind::NoSeat,
            FailureKind::Forbidden => ErrorKind::Forbidden,
            FailureKind::Denied => ErrorKind::AccessDenied,
            FailureKind::Busy => ErrorKind::Busy,
            FailureKind::Throttled => ErrorKind::Throttled,
            FailureKind::Unsupported => ErrorKind::Unsupported,
            FailureKind::Unavailable => ErrorKind::Unavailable,
        };
        let pause = self.retry_after.filter(|seconds| *seconds > 0.0);
        let pause = pause.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(MAX_PAUSE).min(MAX_PAUSE));
        AdapterError {
            help: self.help,
            maybe_in_effect: is_write && self.maybe_in_effect.unwrap_or(kind == ErrorKind::Unavailable),
            retry_after: pause,
            status: self.status,
            ..AdapterError::new(kind, self.message)
        }
    }
}
