//! What operations do to the holders of licenses, as the rolling windows of the limits count it.
//!
//! What must hold: whatever took a seat from somebody counts, in whatever way it came about; when in doubt it counts.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::apply::target::Target;
use crate::model::{Effect, LimitUsage, Operation, OperationKind, Outcome};
use crate::store::LicenseUsage;

/// What an operation does when it succeeds.
pub(crate) fn expected_usage(tenants: &BTreeMap<SmolStr, Target>, operation: &Operation) -> Vec<LicenseUsage> {
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

/// What an operation did, if its outcome says that it did something. What was accepted will take effect, and no later
/// run would count it; what nobody knows may have.
pub(crate) fn actual_usage(
    tenants: &BTreeMap<SmolStr, Target>,
    operation: &Operation,
    outcome: Outcome,
) -> Vec<LicenseUsage> {
    match outcome {
        Outcome::Applied | Outcome::Pending | Outcome::Unknown => expected_usage(tenants, operation),
        Outcome::Already | Outcome::Skipped | Outcome::Failed => Vec::new(),
    }
}

/// The loss of somebody whose old license was taken for a new one that did not come, and who was not given the old
/// one back: `taken` is the operation that took it.
pub(crate) fn stranded_usage(tenants: &BTreeMap<SmolStr, Target>, taken: &Operation) -> Option<LicenseUsage> {
    usage_of(tenants, taken, &taken.license, LimitUsage { losses: 1, changes: 0 })
}

/// A license of the operation's tenant by its vendor's name; nothing for the floor, which comes and goes by itself.
fn usage_of(
    tenants: &BTreeMap<SmolStr, Target>,
    operation: &Operation,
    license: &SmolStr,
    touched: LimitUsage,
) -> Option<LicenseUsage> {
    if tenants.get(&operation.tenant).is_some_and(|target| target.rules.is_floor(license)) {
        return None;
    }
    let name = vendor_name(tenants, &operation.tenant, license);
    Some(LicenseUsage { tenant: operation.tenant.clone(), license: name.clone(), counts: touched })
}

/// What the vendor calls a license.
pub(crate) fn vendor_name<'a>(
    tenants: &'a BTreeMap<SmolStr, Target>,
    tenant: &str,
    license: &'a SmolStr,
) -> &'a SmolStr {
    tenants.get(tenant).and_then(|target| target.names.get(license)).unwrap_or(license)
}
