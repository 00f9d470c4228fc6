//! Whether a plan may be carried out now: it is what was planned, nothing that it was made from changed, and policy has
//! nothing against it.
//!
//! What a plan says of itself is not enough. A waiver or an acknowledgement may have ended since, and a file may have
//! been written by anybody; so the rules are asked again about its operations.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::error::{WorkflowError, WorkflowErrorKind};
use super::manifest::Manifest;
use super::plan::PlanInputs;
use crate::apply::preflight::{self, PreflightError};
use crate::diagnostic::catalog::apply as codes;
use crate::diagnostic::{Finding, Level, Severity};
use crate::env::{Clock, Now};
use crate::model::{Account, AccountOrigin, Ensure, Observation, Plan, PlanPool};
use crate::policy::{self, ApprovalContext, PlanFacts, PoolFacts, WaiverUsage};

/// Checks everything that has to hold before a plan is carried out.
///
/// # Errors
/// The first reason for which nothing may be sent.
pub(super) fn check(manifest: &Manifest, plan: &Plan, terms: &PlanInputs, clock: Clock) -> Result<(), WorkflowError> {
    check_freeze(manifest, plan, clock)?;
    check_age(manifest, plan, clock)?;
    let policy = manifest.policy.digest().map_err(|error| {
        let message = format!("the policy has no JSON form: {error}");
        WorkflowError::from_finding(WorkflowErrorKind::Internal, Finding::error(&codes::PLAN_MALFORMED, message))
    })?;
    preflight::check(plan, &manifest.digest, &policy).map_err(refusal_error)?;
    let consent = terms.consent(manifest, Some(plan), plan.at.max(Now::at(clock.time()).day));
    preflight::check_findings(plan, |finding| consent.is_approved(&manifest.policy, finding)).map_err(|refusal| {
        // Somebody approved, and wonders why it does not count.
        let digests: Vec<_> = plan.findings.iter().filter_map(|finding| finding.approval.clone()).collect();
        let mut problem = refusal_error(refusal);
        problem.findings.extend(consent.findings(&manifest.policy, &digests));
        problem
    })?;
    let denied = current_denials(manifest, plan, &consent, clock);
    if denied.is_empty() {
        Ok(())
    } else {
        Err(WorkflowError::new(WorkflowErrorKind::Denied, denied, manifest.files.clone()))
    }
}

/// Refuses where a freeze holds, by the clock of the run.
///
/// # Errors
/// Which freeze holds, and when the plan may be applied.
pub fn check_freeze(manifest: &Manifest, plan: &Plan, clock: Clock) -> Result<(), WorkflowError> {
    match policy::check_apply_freeze(&manifest.policy, &plan.operations, clock.time()) {
        None => Ok(()),
        Some(finding) => Err(WorkflowError::new(WorkflowErrorKind::Denied, vec![finding], manifest.files.clone())),
    }
}

/// Refuses a plan that is too old, or was made from what was observed too long ago, by the clock of the run.
///
/// # Errors
/// How old it is, and what to type.
pub fn check_age(manifest: &Manifest, plan: &Plan, clock: Clock) -> Result<(), WorkflowError> {
    let findings = policy::check_apply_age(&manifest.policy, plan, clock.time());
    if findings.is_empty() {
        Ok(())
    } else {
        Err(WorkflowError::new(WorkflowErrorKind::Stale, findings, manifest.files.clone()))
    }
}

/// The exit that a refusal means.
pub(super) fn refusal_error(refusal: PreflightError) -> WorkflowError {
    let kind = match refusal {
        PreflightError::Altered(_) => WorkflowErrorKind::Input,
        PreflightError::Stale(_) => WorkflowErrorKind::Stale,
        PreflightError::Denied(_) => WorkflowErrorKind::Denied,
    };
    WorkflowError::from_finding(kind, refusal.finding().clone())
}

/// What the rules have against the plan now. Nobody was observed again: of accounts they see what the plan says.
fn current_denials(manifest: &Manifest, plan: &Plan, consent: &ApprovalContext, clock: Clock) -> Vec<Finding> {
    let clock = Now::at(clock.time());
    let now = clock.with_day(plan.at.max(clock.day));
    let pools: Vec<PoolFacts> = plan.pools.iter().map(|pool| pool_facts(manifest, plan, pool)).collect();
    let (observations, accounts) = planned_accounts(plan);
    let facts = PlanFacts {
        policy: &manifest.policy,
        desired: &manifest.desired,
        observations: &observations,
        plan,
        pool_facts: &pools,
        account_indexes: &accounts,
        consent,
        now,
    };
    let judged = policy::evaluate_plan(&facts, WaiverUsage::new(&manifest.policy, now.day));
    // An approval that the plan shows was given for the same digest.
    let shown = |digest: &str| {
        let of_plan = plan.findings.iter().find(|finding| finding.approval.as_deref() == Some(digest));
        of_plan.is_some_and(|finding| consent.is_approved(&manifest.policy, finding))
    };
    let stands = |finding: &Finding| {
        finding.severity == Severity::Error
            && !(finding.level == Some(Level::Approve) && finding.approval.as_deref().is_some_and(shown))
    };
    judged.into_iter().filter(stands).collect()
}

/// The accounts of the operations, as far as the plan knows them: by their ids and people.
fn planned_accounts(plan: &Plan) -> (BTreeMap<SmolStr, Observation>, Vec<u32>) {
    let mut observations: BTreeMap<SmolStr, Observation> = BTreeMap::new();
    let mut accounts = Vec::with_capacity(plan.operations.len());
    for operation in &plan.operations {
        let observation = observations.entry(operation.tenant.clone()).or_insert_with(|| Observation {
            api_version: SmolStr::default(),
            kind: SmolStr::default(),
            tenant: operation.tenant.clone(),
            vendor: SmolStr::default(),
            observed_at: plan.created_at,
            // These are not all accounts.
            complete: false,
            busy: None,
            pools: Vec::new(),
            accounts: Vec::new(),
        });
        accounts.push(u32::try_from(observation.accounts.len()).unwrap_or(u32::MAX));
        observation.accounts.push(Account {
            id: operation.account.clone(),
            email: operation.person.clone(),
            login: None,
            origin: AccountOrigin::default(),
            memberships: Vec::new(),
            holdings: Vec::new(),
        });
    }
    (observations, accounts)
}

/// What the manifest knows of a pool.
fn pool_facts(manifest: &Manifest, plan: &Plan, pool: &PlanPool) -> PoolFacts {
    let desired = manifest.desired.tenants.get(&pool.tenant);
    let entries = desired.map(|tenant| tenant.entries.as_slice()).unwrap_or_default();
    PoolFacts {
        managed: entries.iter().any(|entry| entry.ensure == Ensure::Present && entry.license == pool.license),
        floor: manifest.rules.get(&pool.tenant).is_some_and(|rules| rules.is_floor(&pool.license)),
        expires: desired.and_then(|tenant| tenant.settings.pools.get(&pool.license)?.expires),
        waiting: plan.waiting.iter().filter(|one| one.tenant == pool.tenant && one.license == pool.license).count()
            as u64,
    }
}
