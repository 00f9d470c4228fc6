//! Fault rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RetryHint, TenantAction};

/// A fault of some requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// The requests: a method and a path, as in `PUT /users/*`, where `*` stands for any text. Both are optional.
    #[serde(default)]
    pub on: String,
    /// The first of these requests that is affected, counted from 1.
    #[serde(default = "one")]
    pub nth: u64,
    /// How many of them are affected; 0 for all.
    #[serde(default = "one")]
    pub times: u64,
    /// The percentage of these that is affected, selected by the seed.
    #[serde(default = "always")]
    pub percent: u8,
    /// The effect.
    pub then: FaultEffect,
}

fn one() -> u64 {
    1
}

fn always() -> u8 {
    100
}

/// The effect of a fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FaultEffect {
    /// The request fails with an error in the vendor's format and has no effect.
    Refuse {
        /// The status, from 400 to 599.
        status: u16,
        /// The vendor's code; null for the usual one.
        #[serde(default)]
        code: Option<String>,
        /// The seconds until the next attempt; null to name none.
        #[serde(default)]
        wait: Option<u32>,
        /// How the response names them; null for the vendor's way.
        #[serde(default)]
        dialect: Option<RetryHint>,
    },
    /// The connection ends without a response, before or after the request took effect.
    Drop(DropPoint),
    /// The connection ends after that many bytes of the response, headers included. The request took effect.
    Truncate {
        /// The number of bytes.
        bytes: u64,
    },
    /// The response is invalid JSON. The request took effect.
    Garble,
    /// The response has this body. The request took effect.
    Body(String),
    /// The response has a body of that size. The request took effect.
    Huge {
        /// The number of bytes, at most 1 GiB.
        bytes: u64,
    },
    /// The response arrives slowly. The request took effect.
    Drip {
        /// The speed.
        bytes_per_second: u64,
    },
    /// The response is delayed. The request took effect.
    Delay {
        /// The delay in milliseconds, at most ten minutes.
        ms: u64,
    },
    /// The request is redirected and has no effect.
    Redirect {
        /// The URL.
        to: String,
        /// The status.
        #[serde(default = "found")]
        status: u16,
    },
    /// Actions apply to the tenant before the request is handled.
    Before(Vec<TenantAction>),
    /// Actions apply to the tenant after the request took effect.
    After(Vec<TenantAction>),
    /// The operation that the request starts fails.
    End(OperationFailure),
}

fn found() -> u16 {
    302
}

/// When a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DropPoint {
    /// Before the request takes effect.
    Before,
    /// After the request took effect.
    After,
}

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OperationFailure {
    /// No seat is free.
    NoSeat,
    /// It fails for an unknown reason.
    Failed,
    /// It never completes.
    Stuck,
    /// It takes effect, but its result is unknown.
    Unknown,
    /// It takes effect, but the vendor no longer knows it.
    Forgotten,
}
