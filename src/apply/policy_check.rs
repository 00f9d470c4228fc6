//! The policy check under the lock, after earlier runs are recovered and counted.
//!
//! Since the plan was made, other plans may have been applied, each within the limits, and a freeze may have begun.

use std::collections::BTreeMap;

use jiff::Timestamp;
use smol_str::SmolStr;

use crate::apply::tenant::TenantClients;
use crate::apply::usage::{expected_usage, vendor_name};
use crate::diagnostic::catalog::policy as codes;
use crate::diagnostic::{Finding, Severity};
use crate::env::clock::day_of;
use crate::model::{Effect, LimitUsage, Operation, Plan, Policy, UsageHistory};
use crate::policy::{self, WaiverUsage};
use crate::store::{Store, StoreError};

/// Why a run ended early.
#[derive(Debug)]
pub enum RunError {
    /// The store failed; the next run recovers what was sent.
    Store(StoreError),
    /// Policy now denies the plan; nothing was sent.
    Denied(Vec<Finding>),
}

impl From<StoreError> for RunError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Checks a plan against freezes and rolling limits.
pub(crate) async fn check_policy(
    store: &Store,
    policy: &Policy,
    plan: &Plan,
    tenants: &TenantClients,
    at: Timestamp,
) -> Result<(), RunError> {
    let today = day_of(at);
    let mut findings: Vec<Finding> = policy::check_apply_freeze(policy, &plan.operations, at).into_iter().collect();
    if let Some(days) = policy.longest_window_days() {
        // The plan's own usage in earlier runs counts as part of the plan.
        let past = store.usage_since(UsageHistory::first_day(today, days), Some(&plan.digest)).await?;
        findings.extend(exceeded_limits(policy, plan, tenants, &past, at));
    }
    if findings.is_empty() { Ok(()) } else { Err(RunError::Denied(findings)) }
}

/// Returns the licenses whose rolling limits the plan exceeds, together with other plans.
fn exceeded_limits(
    policy: &Policy,
    plan: &Plan,
    tenants: &TenantClients,
    past: &UsageHistory,
    at: Timestamp,
) -> Vec<Finding> {
    // The user allowed the exact number of removals when the plan was made.
    if plan.inputs.allow_removals.is_some()
        && plan.findings.iter().any(|finding| finding.code == codes::REMOVALS_ALLOWED.id)
    {
        return Vec::new();
    }
    let today = day_of(at);
    let mut waivers = WaiverUsage::new(policy, today);
    let mut findings = Vec::new();
    for ((tenant, license), planned) in planned_usage(plan, tenants) {
        let name = vendor_name(tenants, tenant, license);
        let before = |days| past.within(tenant, name, today, days);
        let layer = policy.layer_of(tenant);
        if let Some(exceeded) = policy::check_windows(layer, tenant, license, planned, before, &mut waivers) {
            let losing = plan.operations.iter().filter(|operation| is_loss(operation, tenant, license));
            let help = format!("plan again: these losses are held, and everything else proceeds; {}", exceeded.help);
            let mut finding = exceeded.finding(losing.map(|operation| operation.person.clone()));
            finding.severity = Severity::Error;
            // Holders are not counted here.
            finding.values.remove("holders");
            findings.push(finding.help(help));
        }
    }
    findings
}

fn is_loss(operation: &Operation, tenant: &str, license: &str) -> bool {
    operation.effect == Effect::Loss && operation.tenant == tenant && operation.license == license
}

/// Returns what a plan counts per license, by the manifest's names.
fn planned_usage<'p>(plan: &'p Plan, tenants: &TenantClients) -> BTreeMap<(&'p SmolStr, &'p SmolStr), LimitUsage> {
    let mut planned: BTreeMap<(&SmolStr, &SmolStr), LimitUsage> = BTreeMap::new();
    for operation in &plan.operations {
        let expected = expected_usage(tenants, operation);
        for license in std::iter::once(&operation.license).chain(&operation.to) {
            let name = vendor_name(tenants, &operation.tenant, license);
            for usage in expected.iter().filter(|usage| usage.license == *name) {
                let own = planned.entry((&operation.tenant, license)).or_default();
                *own = own.plus(usage.counts);
            }
        }
    }
    planned
}
