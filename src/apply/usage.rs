//! What operations count toward the rolling limits.
//!
//! Invariant: everything that took a seat from a person counts, also if its result is uncertain.

use smol_str::SmolStr;

use crate::apply::tenant::TenantClients;
use crate::model::{Effect, LimitUsage, Operation, OperationKind, Outcome};
use crate::store::LicenseUsage;

/// Returns what an operation counts if it succeeds.
pub(crate) fn expected_usage(tenants: &TenantClients, operation: &Operation) -> Vec<LicenseUsage> {
    let loses = u64::from(operation.effect == Effect::Loss);
    let one = |license: &SmolStr, losses| usage_of(tenants, operation, license, LimitUsage { losses, changes: 1 });
    match operation.kind {
        OperationKind::Remove => one(&operation.license, loses).into_iter().collect(),
        OperationKind::Change => {
            let gained = operation.to.as_ref().and_then(|to| one(to, 0));
            one(&operation.license, loses).into_iter().chain(gained).collect()
        }
        OperationKind::Assign => one(&operation.license, 0).into_iter().collect(),
        OperationKind::Cancel | OperationKind::Restore | OperationKind::Release => Vec::new(),
    }
}

/// Returns what an operation counts, given its outcome. Accepted operations will take effect and are counted by no later
/// run; unknown ones may have taken effect.
pub(crate) fn actual_usage(tenants: &TenantClients, operation: &Operation, outcome: Outcome) -> Vec<LicenseUsage> {
    match outcome {
        Outcome::Applied | Outcome::Pending | Outcome::Unknown => expected_usage(tenants, operation),
        Outcome::Already | Outcome::Skipped | Outcome::Failed => Vec::new(),
    }
}

/// Returns the loss of a person who gave up a license with `removal`, without a replacement or a rollback.
pub(crate) fn stranded_usage(tenants: &TenantClients, removal: &Operation) -> Option<LicenseUsage> {
    usage_of(tenants, removal, &removal.license, LimitUsage { losses: 1, changes: 0 })
}

/// Counts a license under the vendor's name; the floor license does not count.
fn usage_of(
    tenants: &TenantClients,
    operation: &Operation,
    license: &SmolStr,
    counts: LimitUsage,
) -> Option<LicenseUsage> {
    if tenants.get(&operation.tenant).is_some_and(|client| client.target.rules.is_floor(license)) {
        return None;
    }
    let name = vendor_name(tenants, &operation.tenant, license);
    Some(LicenseUsage { tenant: operation.tenant.clone(), license: name.clone(), counts })
}

/// Returns the vendor's name of a license.
pub(crate) fn vendor_name<'a>(tenants: &'a TenantClients, tenant: &str, license: &'a SmolStr) -> &'a SmolStr {
    tenants.get(tenant).and_then(|client| client.target.names.get(license)).unwrap_or(license)
}
