//! Rule `age`: plans and observations that are too old to apply.
//!
//! Execution checks every operation again, but nobody reviews the plan as a whole again. The plan warns about an old observation;
//! `apply` enforces the rule by its own clock.

use std::collections::BTreeSet;

use jiff::Timestamp;
use smol_str::SmolStr;

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::env::clock::day_of;
use crate::model::{Age, Plan, Policy};
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};
use crate::policy::waiver_usage::WaiverUsage;

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "age",
    codes: &[&code::PLAN_TOO_OLD],
    level: None,
    stage: Stage::Apply,
    checks: "`apply` refuses a plan that is older than `plan`, or that is based on an observation older than \
             `observations`, by its own clock: nothing is sent, and the exit code is 5. `plan` warns about an old \
             observation.",
    rationale: "A plan that was right when it was reviewed may be wrong a week later.",
    remedy: "Plan again from the current state. In an emergency, add a waiver of `age`.",
    example: "age: { plan: 7d, observations: 24h }",
};

/// Reports observations that are too old while the plan is made.
pub(in crate::policy) fn check(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    for (tenant, observation) in facts.observations {
        violations.extend(observation_violation(facts.policy, tenant, observation.observed_at, facts.now.time));
    }
}

/// Returns findings if a plan or its observations are too old to be applied at that time. Its day decides which waivers count.
pub fn check_apply_age(policy: &Policy, plan: &Plan, at: Timestamp) -> Vec<Finding> {
    let tenants: BTreeSet<&SmolStr> = plan.operations.iter().map(|operation| &operation.tenant).collect();
    let mut violations = Vec::new();
    for tenant in tenants {
        violations.extend(plan_violation(policy, tenant, plan.created_at, at));
        if let Some(input) = plan.inputs.observations.get(tenant) {
            violations.extend(observation_violation(policy, tenant, input.observed_at, at));
        }
    }
    let lifted = WaiverUsage::new(policy, day_of(at)).match_violations(&violations, false);
    let mut findings: Vec<Finding> = Vec::new();
    for (violation, _) in violations.into_iter().zip(lifted).filter(|(_, waiver)| waiver.is_none()) {
        let mut finding = violation.finding;
        finding.rule = Some(SmolStr::new_static(RULE.slug));
        finding.level = Some(Level::Deny);
        // The age of the plan is the same for each of its tenants.
        if findings.iter().all(|said| said.message != finding.message) {
            findings.push(finding);
        }
    }
    findings
}

fn plan_violation(policy: &Policy, tenant: &SmolStr, created_at: Timestamp, at: Timestamp) -> Option<Violation> {
    let (limit, age) = exceeded_limit(policy.layer_of(tenant).age.plan, created_at, at)?;
    let message = format!("the plan is {age} old; the policy allows {limit}");
    let finding = Finding::error(&code::PLAN_TOO_OLD, message).help("plan again: `reseat plan --out plan.json`");
    Some(violation(finding, tenant, created_at, limit))
}

fn observation_violation(
    policy: &Policy,
    tenant: &SmolStr,
    observed_at: Timestamp,
    at: Timestamp,
) -> Option<Violation> {
    let (limit, age) = exceeded_limit(policy.layer_of(tenant).age.observations, observed_at, at)?;
    let message = format!("the observation of `{tenant}` is {age} old; the policy allows {limit}");
    let finding = Finding::error(&code::PLAN_TOO_OLD, message).help(format!(
        "plan again from the current state: `reseat plan` without `--state`, or run `reseat observe {tenant}` first"
    ));
    Some(violation(finding, tenant, observed_at, limit))
}

/// Returns the limit and the age if the age exceeds the limit.
fn exceeded_limit(limit: Option<Age>, from: Timestamp, at: Timestamp) -> Option<(Age, Age)> {
    let age = Age::between(from, at);
    limit.filter(|limit| age > *limit).map(|limit| (limit, age))
}

fn violation(finding: Finding, tenant: &SmolStr, from: Timestamp, limit: Age) -> Violation {
    let finding = finding.value("since", from.to_string()).value("limit", limit.to_string());
    let violation = Violation::new(&RULE, Level::Deny, finding).scoped_to(tenant, None);
    Violation { deferred: true, ..violation }
}
