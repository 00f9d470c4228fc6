//! What interrupted and incomplete runs left behind, as the store records it.

use std::sync::Arc;

use super::error::WorkflowError;
use crate::apply;
use crate::store::{Store, StoreUrl};

/// Returns whether an interrupted run has to be recovered.
///
/// # Errors
/// If the store cannot be read.
pub(super) async fn has_unfinished_run(url: &StoreUrl) -> Result<bool, WorkflowError> {
    match Store::open_existing(url).await? {
        Some(store) => Ok(!Arc::new(store).unfinished_runs().await?.is_empty()),
        None => Ok(false),
    }
}

/// Returns the memberships that a run's plan removed and did not restore, as `PERSON (TENANT: GROUPS)`. No other plan
/// contains them.
///
/// # Errors
/// If the store cannot be read.
pub(super) async fn lost_memberships(url: &StoreUrl, run: &str) -> Result<Vec<String>, WorkflowError> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(Vec::new()) };
    let Some(record) = store.run(run).await? else { return Ok(Vec::new()) };
    let Some(plan) = store.plan(&record.run.plan).await? else { return Ok(Vec::new()) };
    let attempts = store.previous_attempts(&plan.digest).await?;
    let lost = apply::lost_memberships(&plan, &attempts)
        .map(|operation| format!("{} ({}: {})", operation.person, operation.tenant, operation.memberships.join(", ")));
    Ok(lost.collect())
}

/// Returns whether an incomplete run has memberships to restore. The next run restores them, even if its plan is empty.
///
/// # Errors
/// If the store cannot be read.
pub(super) async fn has_lost_memberships(url: &StoreUrl) -> Result<bool, WorkflowError> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(false) };
    for (_, digest) in store.recent_incomplete_runs().await? {
        let Some(plan) = store.plan(&digest).await? else { continue };
        let attempts = store.previous_attempts(&digest).await?;
        if apply::lost_memberships(&plan, &attempts).next().is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
