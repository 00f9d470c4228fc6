//! The knobs of manners that only some vendors have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Writes are operations that are polled, and a write replaces the whole person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OperationQuirks {
    /// The fewest milliseconds that an operation takes.
    pub min_ms: u64,
    /// The most milliseconds that an operation takes.
    pub max_ms: u64,
    /// How many may be in flight; more are answered with 429.
    pub in_flight: u32,
    /// Whether people can be updated at all; if not, a PUT is answered with 501.
    pub update_supported: bool,
    /// Whether want of a seat is told by the PUT itself, with 400, and not by an operation that fails.
    pub seat_error_at_once: bool,
    /// What a license record has to say.
    pub licenses_by: LicenseReference,
    /// What becomes of number licenses that a PUT sends back.
    pub numbers: NumberHandling,
    /// After so many seconds a list cannot be continued.
    pub scroll_seconds: u32,
    /// Whether the list tells less of a person than a single read does: no extensions and no assignments.
    pub thin_list: bool,
}

impl Default for OperationQuirks {
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

/// What a license record has to say, so that the person gets the license.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LicenseReference {
    /// The id of a free unit, or the type's name.
    Either,
    /// The id of a free unit.
    Id,
}

/// What becomes of number licenses that a write sends back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NumberHandling {
    /// The write is answered with 400.
    Rejected,
    /// The person has them twice afterwards.
    Duplicated,
    /// Nothing.
    Ignored,
}

/// Writes are jobs with a row for each person, and only a whole job can be cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Jobs {
    /// How many milliseconds a row takes; the rows of a job go one after the other.
    pub row_ms: u64,
    /// How many milliseconds an audit takes; no change is taken meanwhile.
    pub audit_ms: u64,
    /// Whether a job is refused while another one runs.
    pub one_at_a_time: bool,
    /// Whether a cancelled upgrade has the misspelled state that one of the vendor's pages shows.
    pub misspelled: bool,
    /// Whether a cancelled upgrade can be confirmed or resumed only after an audit.
    pub audit_after_cancel: bool,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { row_ms: 500, audit_ms: 2_000, one_at_a_time: false, misspelled: false, audit_after_cancel: false }
    }
}

/// A write replaces a person's set of licenses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sets {
    /// Whether a write without `If-Match` is refused with 428.
    pub match_required: bool,
}

impl Default for Sets {
    fn default() -> Self {
        Self { match_required: true }
    }
}
