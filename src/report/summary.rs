//! What is in a manifest, in one line.

use super::words::count;
use crate::model::Desired;

/// `3 tenants, 24 people, 12 assignments`.
pub fn manifest(desired: &Desired) -> String {
    let entries = desired.tenants.values().map(|tenant| tenant.entries.len()).sum();
    [
        count(desired.tenants.len(), "tenant", "tenants"),
        count(desired.people.len(), "person", "people"),
        count(entries, "assignment", "assignments"),
    ]
    .join(", ")
}
