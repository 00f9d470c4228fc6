//! From a plan to outcomes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::consents;
use super::error::{WorkflowError, WorkflowErrorKind};
use super::manifest::Manifest;
use super::observe;
use super::plan::PlanInputs;
use super::preconditions::{self, refusal_error};
use super::runbook;
use crate::adapter::AccessOptions;
use crate::apply::manual::ManualExecutor;
use crate::apply::{self, preflight};
use crate::apply::{RunError, RunOptions, RunReport, RunRequest, Target};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::reference;
use crate::model::Plan;
use crate::store::{Store, StoreUrl};

/// How a plan is to be carried out.
pub struct ApplyRequest<'a> {
    /// The manifest as it is now.
    pub manifest: &'a Manifest,
    /// The plan.
    pub plan: Arc<Plan>,
    /// Where every operation is written down.
    pub store: &'a StoreUrl,
    /// What is said to the plan beside the manifest.
    pub inputs: PlanInputs,
    /// The run that it goes on with.
    pub resumes: Option<SmolStr>,
    /// What may be done, and the clock.
    pub access: AccessOptions,
    /// How the run waits, reports and stops.
    pub options: RunOptions,
    /// Hands manual steps to people.
    pub manual: Option<Arc<dyn ManualExecutor>>,
}

/// Carries the plan out: nothing is sent when it was altered, is stale, or holds errors.
///
/// # Errors
/// Why it cannot be carried out, or that the store failed on the way.
pub async fn apply(order: ApplyRequest<'_>) -> Result<RunReport, WorkflowError> {
    let ApplyRequest { manifest, plan, store, inputs: terms, resumes, access, options, manual: hands } = order;
    let clock = access.clock;
    preflight::check_document(&plan).map_err(refusal_error)?;
    if !is_already_applied(&plan, store).await? {
        preconditions::check(manifest, &plan, &terms, clock)?;
    }
    let consents = consents::collect(manifest, &plan, &terms, clock.time());
    let policy = Arc::new(manifest.policy.clone());
    let tenants = targets(manifest, Some(&plan), access, hands.as_ref())?;
    let store = Arc::new(Store::open(store, clock.time()).await?);
    let path = manifest.path.display().to_string();
    let held = Arc::clone(&store);
    let request = RunRequest { plan, resumes, tenants, store, manifest: path, policy, consents, options };
    let conclusion = request.run().await;
    // Whatever came of it, nobody else has to wait for the lock.
    let closed = held.close().await;
    let conclusion = conclusion.map_err(|halt| match halt {
        RunError::Store(error) => error.into(),
        RunError::Denied(findings) => WorkflowError::new(WorkflowErrorKind::Denied, findings, manifest.files.clone()),
    })?;
    closed?;
    Ok(conclusion)
}

/// Settles what runs that died left open, by reading; the name of the newest of them.
///
/// # Errors
/// When another run holds the lock, or the store fails.
pub async fn recover(
    manifest: &Manifest,
    url: &StoreUrl,
    access: AccessOptions,
    options: &RunOptions,
) -> Result<Option<SmolStr>, WorkflowError> {
    let tenants = targets(manifest, None, access, None)?;
    let clock = access.clock;
    let store = Arc::new(Store::open(url, clock.time()).await?);
    let settled = async {
        let died = store.unfinished_runs().await?.last().map(|unfinished| unfinished.journal.id().clone());
        apply::recover_unfinished(&store, tenants, options).await?;
        Ok::<_, WorkflowError>(died)
    };
    let settled = settled.await;
    // Whatever came of it, the run that follows has to take the lock again.
    let closed = store.close().await;
    let died = settled?;
    closed?;
    Ok(died)
}

/// Whether an earlier run died and left something open, which the next one settles even if it has nothing else to do.
///
/// # Errors
/// When there is a store that cannot be read.
pub async fn has_unfinished_run(store: &StoreUrl) -> Result<bool, WorkflowError> {
    match Store::open_existing(store).await? {
        Some(store) => Ok(!Arc::new(store).unfinished_runs().await?.is_empty()),
        None => Ok(false),
    }
}

/// Whether an earlier run carried out this very plan; then it does not matter what changed since.
async fn is_already_applied(plan: &Plan, store: &StoreUrl) -> Result<bool, WorkflowError> {
    match Store::open_existing(store).await? {
        Some(store) => Ok(store.has_completed(&plan.digest).await?),
        None => Ok(false),
    }
}

/// The tenants that can be reached; all that the plan needs must be among them.
fn targets(
    manifest: &Manifest,
    plan: Option<&Plan>,
    access: AccessOptions,
    hands: Option<&Arc<dyn ManualExecutor>>,
) -> Result<BTreeMap<SmolStr, Target>, WorkflowError> {
    let operations = plan.into_iter().flat_map(|plan| &plan.operations);
    let needed: BTreeSet<_> = operations.map(|operation| &operation.tenant).collect();
    for name in &needed {
        manifest.tenant(name)?;
    }
    let mut targets = BTreeMap::new();
    for (name, tenant) in &manifest.desired.tenants {
        // The others are there to settle what an interrupted run left open.
        match observe::connect(manifest, name, access) {
            Ok(connection) => {
                let mut target = Target::new(connection, &tenant.settings).map_err(|error| {
                    let finding = Finding::error(&reference::UNKNOWN_VENDOR, error.to_string());
                    WorkflowError::from_finding(WorkflowErrorKind::Input, finding)
                })?;
                target.is_manual = runbook::is_manual(&tenant.settings);
                target.manual_executor = hands.filter(|_| target.is_manual).cloned();
                targets.insert(name.clone(), target);
            }
            Err(problem) if needed.contains(name) => return Err(problem),
            Err(_) => {}
        }
    }
    Ok(targets)
}
