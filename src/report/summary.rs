//! The content of a manifest in one line.

use super::format::pluralize;
use crate::model::Desired;

/// Returns `3 tenants, 24 people, 12 assignments`.
pub fn summarize_manifest(desired: &Desired) -> String {
    let entries = desired.tenants.values().map(|tenant| tenant.entries.len()).sum();
    [
        pluralize(desired.tenants.len(), "tenant", "tenants"),
        pluralize(desired.people.len(), "person", "people"),
        pluralize(entries, "assignment", "assignments"),
    ]
    .join(", ")
}
