//! The planner: which changes fit, in which order, and why others wait.
//!
//! It is pure: the same inputs yield the same bytes. For each tenant, [`crate::diff`] finds the differences, policy
//! holds losses, [`admission`] selects what fits (law 4), [`move_order`] orders the moves (law 3), [`draft`] turns
//! them into operations (law 2), [`seat_tokens`] makes operations wait for seats (law 1), and [`document`] seals the
//! plan. The nine laws of a plan hold. Nothing here depends on how a tenant is reached.

mod admission;
pub(crate) mod consistency;
mod cost;
mod document;
mod draft;
mod emit;
mod findings;
#[cfg(test)]
pub(crate) mod laws;
mod limits;
mod move_order;
mod moves;
mod operation_order;
mod overfull_pools;
mod pool_flow;
mod seat_flows;
mod seat_tokens;
mod tenant;
pub mod undo;

use std::collections::BTreeMap;

use jiff::civil::Date;
use smol_str::SmolStr;

use tenant::TenantPlanner;

pub use document::{PlanIntegrityError, seal, to_bytes, verify};

use crate::diagnostic::{self, Finding};
use crate::env::Now;
use crate::env::clock::day_of;
use crate::model::{Desired, Inputs, Observation, Plan, Policy, UsageHistory};
use crate::policy::{self, ApprovalContext, PlanFacts, WaiverUsage};
use crate::profile::Rules;

/// The inputs of a plan.
#[derive(Clone, Copy)]
pub struct PlanRequest<'a> {
    /// The desired state: the manifest resolved, or the state before a run to undo.
    pub desired: &'a Desired,
    /// The resolved manifest, for policy.
    pub manifest: &'a Desired,
    /// The rules of each tenant.
    pub rules: &'a BTreeMap<SmolStr, Rules>,
    /// Observations by tenant; other tenants are not planned.
    pub observations: &'a BTreeMap<SmolStr, Observation>,
    /// The policy in force.
    pub policy: &'a Policy,
    /// Differences in tenants and policy from the trusted checkout, which the plan shows.
    pub differences: &'a [Finding],
    /// Usage in the rolling windows of limits.
    pub usage_history: &'a UsageHistory,
    /// Approvals, and the author of the changes.
    pub consent: &'a ApprovalContext,
    /// The exact number of held removals to allow.
    pub allow_removals: Option<u64>,
    /// Whether limits hold nothing; set by [`make`] if that number is exact.
    pub unlimited: bool,
    /// The time and the day of the plan.
    pub now: Now,
}

/// Makes the plan. `inputs` returns the digests of its inputs when the plan is sealed.
///
/// # Errors
/// If a digest cannot be computed, which is a bug.
pub fn make(
    request: &PlanRequest<'_>,
    inputs: impl FnOnce() -> Result<Inputs, serde_json::Error>,
) -> Result<Plan, serde_json::Error> {
    let mut waivers = WaiverUsage::new(request.policy, waiver_day(request.now));
    let (mut pool_facts, mut account_indexes) = (Vec::new(), Vec::new());
    let mut plan = document::empty(request);
    let allowance = request.allow_removals.map(|number| RemovalAllowance { number, held: count_held(request) });
    let request = &PlanRequest { unlimited: allowance.is_some_and(|allowance| allowance.is_exact()), ..*request };
    plan.findings
        .extend(allowance.map(|allowance| policy::removal_allowance_finding(allowance.number, allowance.held)));
    for (name, desired) in &request.desired.tenants {
        let Some(rules) = request.rules.get(name) else { continue };
        let Some(observation) = request.observations.get(name) else {
            plan.findings.push(tenant::not_observed(request, desired));
            continue;
        };
        let tenant = TenantPlanner { request, desired, rules, observation }.plan(&plan, &mut waivers);
        plan.changes.extend(tenant.changes);
        plan.operations.extend(tenant.operations);
        plan.blocked.extend(tenant.blocked);
        plan.held.extend(tenant.held);
        plan.waiting.extend(tenant.waiting);
        plan.pools.extend(tenant.pools);
        plan.findings.extend(tenant.findings);
        plan.summary.unmanaged += tenant.unmanaged;
        pool_facts.extend(tenant.pool_facts);
        account_indexes.extend(tenant.account_indexes);
    }
    plan.summary.cost = cost::add_costs(request, &mut plan);
    document::count(&mut plan);
    let facts = PlanFacts {
        policy: request.policy,
        desired: request.manifest,
        observations: request.observations,
        plan: &plan,
        pool_facts: &pool_facts,
        account_indexes: &account_indexes,
        consent: request.consent,
        now: request.now,
    };
    let findings = policy::evaluate_plan(&facts, waivers);
    plan.findings.extend(findings);
    plan.findings.extend_from_slice(request.differences);
    diagnostic::sort(&mut plan.findings);
    plan.inputs = inputs()?;
    seal(&mut plan)?;
    Ok(plan)
}

/// Returns the day on which waivers must be in force: a plan for a past day does not revive an expired one.
fn waiver_day(now: Now) -> Date {
    now.day.max(day_of(now.time))
}

/// An allowed number of removals, and the actual number.
#[derive(Clone, Copy)]
struct RemovalAllowance {
    number: u64,
    held: u64,
}

impl RemovalAllowance {
    /// Whether the numbers are equal.
    fn is_exact(self) -> bool {
        self.number == self.held && self.held > 0
    }
}

/// Counts the losses that limits hold in all tenants.
fn count_held(request: &PlanRequest<'_>) -> u64 {
    let request = &PlanRequest { unlimited: false, ..*request };
    let mut held = 0;
    for (name, desired) in &request.desired.tenants {
        let Some((rules, observation)) = request.rules.get(name).zip(request.observations.get(name)) else { continue };
        let tenant = TenantPlanner { request, desired, rules, observation };
        let mut lifts = WaiverUsage::new(request.policy, waiver_day(request.now));
        held += tenant.admit_within_limits(&mut tenant.diff(), &mut lifts).held.len() as u64;
    }
    held
}
