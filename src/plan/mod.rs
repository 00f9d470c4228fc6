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
mod hold;
#[cfg(test)]
pub(crate) mod laws;
mod moves;
mod order;
mod overfull;
mod seats;
mod tenant;
mod tokens;
mod trails;
pub mod undo;
mod writing;

use std::collections::BTreeMap;

use jiff::civil::Date;
use smol_str::SmolStr;

use tenant::Tenant;

pub use document::{TamperedPlan, seal, to_bytes, verify};

use crate::diagnostic::{self, Finding};
use crate::env::Now;
use crate::env::clock::day_of;
use crate::model::{Desired, Inputs, Observation, OperationKind, Past, Plan, Summary};
use crate::policy::{self, Consent, Lifts, PlanFacts, Policy};
use crate::profile::Rules;

/// Everything that a plan is made from.
#[derive(Clone, Copy)]
pub struct Request<'a> {
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
    pub past: &'a Past,
    /// Approvals that were given, and who asks for the changes.
    pub consent: &'a Consent,
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
    request: &Request<'_>,
    inputs: impl FnOnce() -> Result<Inputs, serde_json::Error>,
) -> Result<Plan, serde_json::Error> {
    let mut lifts = Lifts::new(request.policy, exception_day(request.now));
    let (mut pools, mut accounts) = (Vec::new(), Vec::new());
    let mut summary = Summary::default();
    let mut plan = document::empty(request);
    let allowance = request.allow_removals.map(|number| Allowance { number, held: held(request) });
    let request = &Request { unlimited: allowance.is_some_and(|allowance| allowance.fits()), ..*request };
    plan.findings.extend(allowance.map(|allowance| policy::allowed_removals(allowance.number, allowance.held)));
    for (name, desired) in &request.desired.tenants {
        let Some(rules) = request.rules.get(name) else { continue };
        let Some(observation) = request.observations.get(name) else {
            plan.findings.push(tenant::not_observed(request, desired));
            continue;
        };
        let tenant = Tenant { request, desired, rules, observation };
        tenant.plan(&mut plan, &mut summary, &mut pools, &mut accounts, &mut lifts);
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
        desired: request.manifest,
        observations: request.observations,
        plan: &plan,
        pools: &pools,
        accounts: &accounts,
        consent: request.consent,
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

/// The day that exceptions have to be in force on: a plan for a day in the past does not bring back one that has ended.
fn exception_day(now: Now) -> Date {
    now.day.max(day_of(now.time))
}

/// A number of removals that somebody allows, and how many there are.
#[derive(Clone, Copy)]
struct Allowance {
    number: u64,
    held: u64,
}

impl Allowance {
    /// Whether it is the exact number: only then did somebody count.
    fn fits(self) -> bool {
        self.number == self.held && self.held > 0
    }
}

/// How many losses the limits hold, at all tenants together.
fn held(request: &Request<'_>) -> u64 {
    let request = &Request { unlimited: false, ..*request };
    let mut held = 0;
    for (name, desired) in &request.desired.tenants {
        let Some((rules, observation)) = request.rules.get(name).zip(request.observations.get(name)) else { continue };
        let tenant = Tenant { request, desired, rules, observation };
        let mut lifts = Lifts::new(request.policy, exception_day(request.now));
        held += tenant.keep(&mut tenant.differences(), &mut lifts).held.len() as u64;
    }
    held
}
