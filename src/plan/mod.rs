//! The planner: which changes fit, in which order, and why the rest has to wait.
//!
//! It is pure: the same inputs give the same bytes. Data flows one way, tenant by tenant: [`crate::diff`] says what
//! differs, policy holds losses, [`admission`] says what fits (law 4), [`trails`] in which order it goes (law 3),
//! [`draft`] makes operations of it (law 2), [`tokens`] says who waits for whose seat (law 1), and [`document`]
//! seals the plan.
//! What must hold: the nine laws of a plan. Nothing here knows how a tenant is reached.

mod admission;
pub(crate) mod consistency;
mod cost;
mod document;
mod draft;
mod emit;
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
use crate::model::{Desired, Inputs, Observation, OperationKind, Plan, Policy, Summary, UsageHistory};
use crate::policy::{self, ApprovalContext, PlanFacts, WaiverUsage};
use crate::profile::Rules;

/// Everything that a plan is made from.
#[derive(Clone, Copy)]
pub struct PlanRequest<'a> {
    /// What is wished: the manifest resolved, or what a run that is undone found.
    pub desired: &'a Desired,
    /// The manifest resolved, which policy looks at.
    pub manifest: &'a Desired,
    /// The rules of each tenant.
    pub rules: &'a BTreeMap<SmolStr, Rules>,
    /// What was observed, by tenant; nothing is planned for the others.
    pub observations: &'a BTreeMap<SmolStr, Observation>,
    /// The policy in force.
    pub policy: &'a Policy,
    /// What the manifest says of tenants and policy that is not in force; the plan shows it.
    pub differences: &'a [Finding],
    /// What the store remembers of the days of the rolling windows.
    pub usage_history: &'a UsageHistory,
    /// Approvals that were given, and who asks for the changes.
    pub consent: &'a ApprovalContext,
    /// How many held removals are allowed by somebody who gave the exact number.
    pub allow_removals: Option<u64>,
    /// Whether no limit holds anything; set by [`make`] where that number fits.
    pub unlimited: bool,
    /// The moment, and the day in force.
    pub now: Now,
}

/// Makes the plan; `inputs` gives the digests of everything that it is made from, when the plan is to be sealed.
///
/// # Errors
/// When a digest cannot be computed, which no plan should meet.
pub fn make(
    request: &PlanRequest<'_>,
    inputs: impl FnOnce() -> Result<Inputs, serde_json::Error>,
) -> Result<Plan, serde_json::Error> {
    let mut lifts = WaiverUsage::new(request.policy, waiver_day(request.now));
    let (mut pools, mut accounts) = (Vec::new(), Vec::new());
    let mut summary = Summary::default();
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
        let tenant = TenantPlanner { request, desired, rules, observation };
        tenant.plan(&mut plan, &mut summary, &mut pools, &mut accounts, &mut lifts);
    }
    summary.cost = cost::add_costs(request, &mut plan);
    for operation in &plan.operations {
        *match operation.kind {
            OperationKind::Cancel => &mut summary.cancel,
            OperationKind::Remove => &mut summary.remove,
            OperationKind::Change => &mut summary.change,
            OperationKind::Assign => &mut summary.assign,
            OperationKind::Restore => &mut summary.restore,
            OperationKind::Release => &mut summary.release,
        } += 1;
    }
    summary.blocked = plan.blocked.len() as u64;
    summary.waiting = plan.waiting.len() as u64;
    summary.held = plan.held.len() as u64;
    plan.summary = summary;
    let facts = PlanFacts {
        policy: request.policy,
        desired: request.manifest,
        observations: request.observations,
        plan: &plan,
        pool_facts: &pools,
        account_indexes: &accounts,
        consent: request.consent,
        now: request.now,
    };
    let judged = policy::evaluate_plan(&facts, lifts);
    plan.findings.extend(judged);
    plan.findings.extend_from_slice(request.differences);
    diagnostic::sort(&mut plan.findings);
    plan.inputs = inputs()?;
    seal(&mut plan)?;
    Ok(plan)
}

/// The day that exceptions have to be in force on: a plan for a day in the past does not bring back one that has ended.
fn waiver_day(now: Now) -> Date {
    now.day.max(day_of(now.time))
}

/// A number of removals that somebody allows, and how many there are.
#[derive(Clone, Copy)]
struct RemovalAllowance {
    number: u64,
    held: u64,
}

impl RemovalAllowance {
    /// Whether it is the exact number: only then did somebody count.
    fn is_exact(self) -> bool {
        self.number == self.held && self.held > 0
    }
}

/// How many losses the limits hold, at all tenants together.
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
