//! The configuration of an emulator, read from a file (`--knobs`) and from the control API.
//!
//! By default an emulator behaves as the vendor's documentation says. The same configuration, state and requests give the
//! same responses.

mod action;
mod fault;
mod operations;
mod validate;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub use action::TenantAction;
pub use fault::{DropPoint, FaultEffect, FaultRule, OperationFailure};
pub use operations::{LicenseReference, NumberHandling, OperationConfig};

use crate::model::{ChangeKind, RateLimit};

/// The behavior of an emulator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EmulatorConfig {
    /// The seed of everything random: jitter, durations of operations, faults.
    pub seed: u64,
    /// The key that requests must carry; null accepts any key.
    pub key: Option<String>,
    /// How long a response takes.
    pub latency: Latency,
    /// Rate limits.
    pub rates: RateConfig,
    /// The most entries of a page, whatever a request asks for; null for the vendor's maximum.
    pub page_size: Option<u32>,
    /// For how many milliseconds a change stays invisible to readers.
    pub visible_after_ms: u64,
    /// After that many requests the key is expired, and every request gets status 401; null for never. A new configuration
    /// resets the count.
    pub key_requests: Option<u64>,
    /// The key's role cannot write: every write gets status 403.
    pub wrong_role: bool,
    /// The key belongs to another customer: every request gets status 403.
    pub wrong_account: bool,
    /// Responses contain undocumented words. Not for the bridge protocol.
    pub unknown_words: bool,
    /// Responses contain undocumented fields. Not for the bridge protocol.
    pub extra_fields: bool,
    /// Licenses that are held in addition to the main license.
    pub add_ons: Vec<SmolStr>,
    /// `exclusive` of a `generic` tenant: lists of licenses that exclude each other.
    pub exclusive: Vec<Vec<SmolStr>>,
    /// `change` of a `generic` tenant.
    pub change: Option<ChangeKind>,
    /// `floor` of a `generic` tenant.
    pub floor: Option<SmolStr>,
    /// Operations that take effect later.
    pub operations: Option<OperationConfig>,
    /// Faults. All rules that match a request apply.
    pub faults: Vec<FaultRule>,
}

/// How long a response takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Latency {
    /// Milliseconds, at most a minute.
    pub base_ms: u64,
    /// Up to that many additional milliseconds, at most a minute.
    pub jitter_ms: u64,
}

/// Rate limits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RateConfig {
    /// The limits, all of which apply; null for the documented ones, an empty list for none.
    pub limits: Option<Vec<RateLimit>>,
    /// How a throttled response names the time of the next attempt; null for the vendor's way.
    pub dialect: Option<RetryHint>,
    /// Whether the error code has the other of its two documented spellings. Not for the bridge protocol.
    pub other_spelling: bool,
}

/// How a throttled response names the time of the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RetryHint {
    /// `Retry-After` in seconds.
    Seconds,
    /// `Retry-After` as a date.
    Date,
    /// `x-ratelimit-reset` in seconds since 1970.
    Epoch,
    /// Not at all.
    None,
}
