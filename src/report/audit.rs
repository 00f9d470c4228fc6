//! What `audit verify` found, as text and data.

use schemars::JsonSchema;
use serde::Serialize;

use super::format::pluralize;

/// An audit trail that is whole.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuditTrail {
    /// How many records it has.
    pub records: u64,
    /// How many runs they are of.
    pub runs: u64,
    /// The last record and its hash, to keep elsewhere; null where nothing was written yet.
    pub head: Option<String>,
}

/// What was found, and what to do with the head.
pub fn text(trail: &AuditTrail) -> String {
    let Some(head) = &trail.head else { return "nothing was written yet\n".to_owned() };
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    format!(
        "the audit trail is whole: {}, {}\n\
         head {head}\n\n\
         Keep the head where nobody who writes to the store can change it. With `reseat audit verify --expect\n\
         {head}`\n\
         nothing up to it can be missing or different.\n",
        pluralize(number(trail.records), "record", "records"),
        pluralize(number(trail.runs), "run", "runs"),
    )
}
