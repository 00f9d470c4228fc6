//! Configuration of operations that take effect later.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Operations that take effect later. The bridge protocol uses the first three settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OperationConfig {
    /// The shortest duration of an operation, in milliseconds.
    pub min_ms: u64,
    /// The longest duration of an operation, in milliseconds.
    pub max_ms: u64,
    /// How many operations may be in flight; more are throttled.
    pub in_flight: u32,
    /// Whether users can be updated at all; if not, a PUT gets status 501.
    pub update_supported: bool,
    /// Whether a PUT itself fails with status 400 if no seat is free, instead of its operation.
    pub seat_error_at_once: bool,
    /// What a license record must contain.
    pub licenses_by: LicenseReference,
    /// What happens to number licenses that a PUT sends back.
    pub numbers: NumberHandling,
    /// After how many seconds a list cannot be continued.
    pub scroll_seconds: u32,
    /// Whether a list omits the extensions and assignments that a single read shows.
    pub thin_list: bool,
}

impl Default for OperationConfig {
    fn default() -> Self {
        Self {
            min_ms: 2_000,
            max_ms: 5_000,
            in_flight: 10,
            update_supported: true,
            seat_error_at_once: false,
            licenses_by: LicenseReference::Either,
            numbers: NumberHandling::Rejected,
            scroll_seconds: 60,
            thin_list: false,
        }
    }
}

/// What a license record must contain to assign the license.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LicenseReference {
    /// The id of a free unit, or the name of the type.
    Either,
    /// The id of a free unit.
    Id,
}

/// What happens to number licenses that a write sends back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NumberHandling {
    /// The write fails with status 400.
    Rejected,
    /// The user has them twice afterwards.
    Duplicated,
    /// Nothing.
    Ignored,
}
