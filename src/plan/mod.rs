//! The planner: which changes fit, in which order, and why the rest has to wait.
//!
//! It is pure: the same inputs give the same bytes. Data flows one way, tenant by tenant: [`crate::diff`] says what
//! differs, policy holds losses, [`admission`] says what fits (law 4), [`trails`] in which order it goes (law 3),
//! [`draft`] makes operations of it (law 2), [`tokens`] says who waits for whose seat (law 1), and [`document`]
//! seals the plan.
//! What must hold: the nine laws of a plan. Nothing here knows how a tenant is reached.

mod admission;
mod cost;
mod document;
mod draft;
mod flow;
#[cfg(test)]
pub(crate) mod laws;
mod moves;
mod order;
mod overfull;
mod seats;
mod tenant;
mod tokens;
mod trails;
mod writing;

use std::collections::BTreeMap;

use smol_str::SmolStr;

pub use document::{TamperedPlan, seal, to_bytes, verify};

use crate::diagnostic::{self, Finding};
use crate::env::Now;
use crate::model::{Desired, Inputs, Observation, OperationKind, Plan, Summary};
use crate::policy::{self, Lifts, PlanFacts, Policy};
use crate::vendor::Rules;

/// Losses within the window before this plan, by tenant and license.
pub type PastLosses = BTreeMap<(SmolStr, SmolStr), u64>;

/// Everything that a plan is made from.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The manifest resolved.
    pub desired: &'a Desired,
    /// The rules of each tenant.
    pub rules: &'a BTreeMap<SmolStr, Rules>,
    /// What was observed, by tenant; nothing is planned for the others.
    pub observations: &'a BTreeMap<SmolStr, Observation>,
    /// The policy in force.
    pub policy: &'a Policy,
    /// Losses that the store remembers within the window.
    pub past_losses: &'a PastLosses,
    /// What the manifest says of tenants and policy that is not in force; the plan shows it.
    pub differences: &'a [Finding],
    /// The moment, and the day in force.
    pub now: Now,
}

/// Makes the plan; `inputs` gives the digests of everything that it is made from, when the plan is to be sealed.
///
/// # Errors
/// When a digest cannot be computed, which no plan should meet.
pub fn make(
    request: &Request<'_>,
    inputs: impl FnOnce() -> Result<Inputs, serde_json::Error>,
) -> Result<Plan, serde_json::Error> {
    let mut lifts = Lifts::new(request.policy, request.now.day);
    let mut pools = Vec::new();
    let mut summary = Summary::default();
    let mut plan = document::empty(request);
    for (name, desired) in &request.desired.tenants {
        let Some(rules) = request.rules.get(name) else { continue };
        let Some(observation) = request.observations.get(name) else {
            plan.findings.push(tenant::not_observed(request, desired));
            continue;
        };
        let tenant = tenant::Tenant { request, desired, rules, observation };
        tenant.plan(&mut plan, &mut summary, &mut pools, &mut lifts);
    }
    summary.cost = cost::write(request, &mut plan);
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
        desired: request.desired,
        observations: request.observations,
        plan: &plan,
        pools: &pools,
        now: request.now,
    };
    let judged = policy::judge_plan(&facts, lifts);
    plan.findings.extend(judged);
    plan.findings.extend_from_slice(request.differences);
    diagnostic::sort(&mut plan.findings);
    plan.inputs = inputs()?;
    seal(&mut plan)?;
    Ok(plan)
}
