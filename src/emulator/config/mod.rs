//! The knobs of an emulator: how it is to behave, as data.
//!
//! One type, read from a file and from the control path, with a schema. What every vendor's emulator knows stands
//! here; what only some know is named after the manner and not after a vendor ([`manners`]).
//! What must hold: without any knob the emulator behaves as the vendor's pages say; with the same knobs, the same
//! state and the same requests it gives the same answers.

mod action;
mod fault;
mod quirks;
pub(super) mod validate;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

pub use action::TenantAction;
pub use fault::{DropPoint, FaultEffect, FaultRule, OperationFailure};
pub use quirks::{Jobs, LicenseReference, NumberHandling, OperationQuirks, Sets};

use crate::model::RateLimit;

/// How an emulator behaves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EmulatorConfig {
    /// Decides everything that looks like chance: jitter, and how long operations take.
    pub seed: u64,
    /// The key that requests have to bear; null: any key will do.
    pub key: Option<String>,
    /// How long an answer takes.
    pub latency: Latency,
    /// How often may be asked, and how a refusal says when to come back.
    pub rates: RateConfig,
    /// The most entries of a page, whatever a request asks for; null: what the vendor gives.
    pub page_size: Option<u32>,
    /// How many milliseconds a change remains invisible to those who read.
    pub visible_after_ms: u64,
    /// After so many requests the key has expired: every later one is answered with 401; null: never. Setting the knobs
    /// anew begins to count anew.
    pub key_requests: Option<u64>,
    /// The key's role may read and not write: every write is answered with 403.
    pub wrong_role: bool,
    /// The key is another customer's: every request is answered with 403.
    pub wrong_account: bool,
    /// Answers hold words that no page of the vendor lists.
    pub unknown_words: bool,
    /// Answers hold fields that no page of the vendor lists.
    pub extra_fields: bool,
    /// Licenses that are held beside the main license.
    pub add_ons: Vec<SmolStr>,
    /// Where writes are operations that are polled.
    pub operations: Option<OperationQuirks>,
    /// Where writes are jobs with a row for each person.
    pub jobs: Option<Jobs>,
    /// Where a write replaces a set of licenses.
    pub sets: Option<Sets>,
    /// What goes wrong, and when. All that match a request happen.
    pub faults: Vec<FaultRule>,
}

/// How long an answer takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Latency {
    /// Milliseconds, at most a minute.
    pub base_ms: u64,
    /// Up to so many milliseconds more, at most a minute.
    pub jitter_ms: u64,
}

/// How often may be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RateConfig {
    /// All of them hold at once; null: what the vendor's pages say; an empty list: as often as anybody likes.
    pub limits: Option<Vec<RateLimit>>,
    /// How a refusal says when to come back; null: as the vendor does.
    pub dialect: Option<RetryHint>,
    /// Whether the refusal has the other of two spellings that the vendor's pages give for its code.
    pub other_spelling: bool,
}

/// How a refusal for want of a rest says when to come back.
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
