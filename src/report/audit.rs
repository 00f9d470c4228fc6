//! The result of `audit verify` as text and data.

use schemars::JsonSchema;
use serde::Serialize;

use super::format::pluralize;

/// A verified audit trail.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditTrail {
    /// The number of records.
    pub records: u64,
    /// The number of runs.
    pub runs: u64,
    /// The last record and its hash, to keep elsewhere; null if nothing was written yet.
    pub head: Option<String>,
}

/// Renders the result, and what to do with the head.
pub fn text(trail: &AuditTrail) -> String {
    let Some(head) = &trail.head else { return "the audit trail is empty\n".to_owned() };
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    format!(
        "the audit trail is intact: {}, {}\n\
         head {head}\n\n\
         Keep the head outside the store. To detect a missing or changed record, run\n\
         `reseat audit verify --expect {head}`\n",
        pluralize(number(trail.records), "record", "records"),
        pluralize(number(trail.runs), "run", "runs"),
    )
}
