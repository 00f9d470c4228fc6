//! Preconditions of executing a plan: it is unaltered, its inputs are unchanged, and policy allows it now.
//!
//! A plan file is not trusted: anyone may have written it, and waivers or acknowledgements may have expired. Policy is
//! therefore evaluated again.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::error::WorkflowError;
use super::exit::Exit;
use super::manifest::Manifest;
use super::plan::PlanInputs;
use crate::apply::preflight::{self, PreflightError};
use crate::diagnostic::catalog::apply as codes;
use crate::diagnostic::{Finding, Level, Severity};
use crate::env::{Clock, Now};
use crate::model::{Account, AccountOrigin, Ensure, Observation, Plan, PlanPool};
use crate::policy::{self, ApprovalContext, PlanFacts, PoolFacts, WaiverUsage};

/// Checks all preconditions of a plan.
///
/// # Errors
/// If the plan must not be executed.
pub(super) fn check(manifest: &Manifest, plan: &Plan, inputs: &PlanInputs, clock: Clock) -> Result<(), WorkflowError> {
    check_freeze(manifest, plan, clock)?;
    check_age(manifest, plan, clock)?;
    let policy = manifest.policy.digest().map_err(|error| {
        let message = format!("serializing the policy failed: {error}");
        WorkflowError::from_finding(Exit::Internal, Finding::error(&codes::PLAN_MALFORMED, message))
    })?;
    preflight::check(plan, &manifest.digest, &policy).map_err(refusal_error)?;
    let consent = inputs.consent(manifest, Some(plan), plan.at.max(Now::at(clock.time()).day));
    preflight::check_findings(plan, |finding| consent.is_approved(&manifest.policy, finding)).map_err(|refusal| {
        // Also explains why an approval does not count.
        let digests: Vec<_> = plan.findings.iter().filter_map(|finding| finding.approval.clone()).collect();
        let mut findings = vec![refusal.finding().clone()];
        findings.extend(consent.findings(&manifest.policy, &digests));
        WorkflowError::Findings { exit: refusal_exit(&refusal), findings, files: Box::default() }
    })?;
    let denied = current_denials(manifest, plan, &consent, clock);
    if denied.is_empty() { Ok(()) } else { Err(WorkflowError::new(Exit::Denied, denied, manifest.files.clone())) }
}

/// Checks the freeze windows by the clock.
///
/// # Errors
/// If the plan falls into a freeze window.
pub(super) fn check_freeze(manifest: &Manifest, plan: &Plan, clock: Clock) -> Result<(), WorkflowError> {
    match policy::check_apply_freeze(&manifest.policy, &plan.operations, clock.time()) {
        None => Ok(()),
        Some(finding) => Err(WorkflowError::new(Exit::Denied, vec![finding], manifest.files.clone())),
    }
}

/// Checks the age of the plan and its observations by the clock.
///
/// # Errors
/// If the plan is too old.
pub(super) fn check_age(manifest: &Manifest, plan: &Plan, clock: Clock) -> Result<(), WorkflowError> {
    let findings = policy::check_apply_age(&manifest.policy, plan, clock.time());
    if findings.is_empty() { Ok(()) } else { Err(WorkflowError::new(Exit::Stale, findings, manifest.files.clone())) }
}

/// Converts a failed preflight check.
pub(super) fn refusal_error(refusal: PreflightError) -> WorkflowError {
    WorkflowError::from_finding(refusal_exit(&refusal), refusal.finding().clone())
}

fn refusal_exit(refusal: &PreflightError) -> Exit {
    match refusal {
        PreflightError::Altered(_) => Exit::Input,
        PreflightError::Stale(_) => Exit::Stale,
        PreflightError::Denied(_) => Exit::Denied,
    }
}

/// Returns the findings of policy that deny the plan now. Nothing is observed again: rules see the accounts of the plan.
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
    let findings = policy::evaluate_plan(&facts, WaiverUsage::new(&manifest.policy, now.day));
    // An approval may refer to a finding of the plan with the same digest.
    let is_approved_in_plan = |digest: &str| {
        let of_plan = plan.findings.iter().find(|finding| finding.approval.as_deref() == Some(digest));
        of_plan.is_some_and(|finding| consent.is_approved(&manifest.policy, finding))
    };
    let denies = |finding: &Finding| {
        finding.severity == Severity::Error
            && !(finding.level == Some(Level::Approve) && finding.approval.as_deref().is_some_and(is_approved_in_plan))
    };
    findings.into_iter().filter(denies).collect()
}

/// Returns incomplete observations with the accounts of the plan, and the index of each operation's account.
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

/// Returns what the manifest states about a pool.
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
