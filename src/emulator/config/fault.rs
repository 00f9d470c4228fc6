//! What goes wrong with which request.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RetryHint, TenantAction};

/// Something that goes wrong with some requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which requests it is about: a method and a path as `PUT /users/*`, where `*` stands for any text; either may be
    /// left out.
    #[serde(default)]
    pub on: String,
    /// It begins with that one of those requests, counted from 1.
    #[serde(default = "one")]
    pub nth: u64,
    /// With how many of them it happens; 0: with all from there on.
    #[serde(default = "one")]
    pub times: u64,
    /// Of a hundred of those, with how many; the seed decides with which.
    #[serde(default = "always")]
    pub percent: u8,
    /// What happens.
    pub then: FaultEffect,
}

fn one() -> u64 {
    1
}

fn always() -> u8 {
    100
}

/// What happens to a request or its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FaultEffect {
    /// The request is refused in the vendor's own form, and has no effect.
    Refuse {
        /// The status, from 400 on.
        status: u16,
        /// The vendor's code; null: the usual one for the status.
        #[serde(default)]
        code: Option<String>,
        /// After how many seconds to come back; null: nothing is said.
        #[serde(default)]
        wait: Option<u32>,
        /// How that is said; null: as the vendor does.
        #[serde(default)]
        dialect: Option<RetryHint>,
    },
    /// The connection ends without an answer, before the request had its effect or after.
    Drop(DropPoint),
    /// The connection ends after so many bytes of the answer, its head included; the request had its effect.
    Truncate {
        /// How many bytes arrive.
        bytes: u64,
    },
    /// The answer is no JSON; the request had its effect.
    Garble,
    /// The answer has that text in place of its body; the request had its effect.
    Body(String),
    /// The answer has a body of so many bytes; the request had its effect.
    Huge {
        /// How many bytes, at most 1 GiB.
        bytes: u64,
    },
    /// The answer arrives slowly; the request had its effect.
    Drip {
        /// How fast.
        bytes_per_second: u64,
    },
    /// The answer comes later; the request had its effect.
    Delay {
        /// By how many milliseconds, at most ten minutes.
        ms: u64,
    },
    /// The request is sent elsewhere, and has no effect.
    Redirect {
        /// Where to.
        to: String,
        /// The status.
        #[serde(default = "found")]
        status: u16,
    },
    /// Something happens at the tenant before the request is looked at.
    Before(Vec<TenantAction>),
    /// Something happens at the tenant after the request had its effect.
    After(Vec<TenantAction>),
    /// The operation that the request begins ends otherwise.
    End(OperationFailure),
}

fn found() -> u16 {
    302
}

/// When a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DropPoint {
    /// Before the request had its effect.
    Before,
    /// After it.
    After,
}

/// How an operation ends that does not end well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OperationFailure {
    /// It fails for want of a seat.
    NoSeat,
    /// It fails for an unknown reason.
    Failed,
    /// It is never done.
    Stuck,
    /// It is done, and nobody can tell what came of it.
    Unknown,
    /// It is forgotten: it takes effect, and whoever asks for it is told that there is none.
    Forgotten,
}
