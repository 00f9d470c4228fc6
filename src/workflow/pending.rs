//! Pending operations of earlier runs, added to an observation.
//!
//! Some vendors accept a change and show nothing of it until it is done. Its seat counts as held and pending, so that no
//! plan requests it again.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::timeout;

use super::connection::connect;
use super::error::WorkflowError;
use super::manifest::Manifest;
use super::runbook::is_manual;
use super::state_files::Observations;
use crate::adapter::{AccessOptions, OperationHandle, Receipt};
use crate::model::{Account, Holding, HoldingOrigin, HoldingState, Operation, OperationKind};
use crate::store::{Store, StoreUrl};

/// An operation is not pending for longer; vendors document minutes.
const PENDING_MAX_AGE: SignedDuration = SignedDuration::from_hours(24);

/// Longest time for one answer.
const POLL_TIMEOUT: Duration = Duration::from_secs(60);

/// Polls the operations that the journal has in flight, and adds those that are still pending.
///
/// # Errors
/// If the store cannot be read.
pub(super) async fn overlay(
    manifest: &Manifest,
    store: &StoreUrl,
    access: AccessOptions,
    observations: &mut Observations,
) -> Result<(), WorkflowError> {
    let Some(store) = Store::open_existing(store).await? else { return Ok(()) };
    for found in store.pending_operations(access.clock.time() - PENDING_MAX_AGE).await? {
        let operation = &found.operation;
        let Some(observation) = observations.get_mut(&operation.tenant) else { continue };
        // A manual step is never in flight: a later export shows it, or it was not done.
        if manifest.tenant(&operation.tenant).is_ok_and(|(settings, _)| is_manual(settings)) {
            continue;
        }
        let Some(account) = observation.accounts.iter_mut().find(|account| account.id == operation.account) else {
            continue;
        };
        let Some(handle) = OperationHandle::new(&found.handle) else { continue };
        let connection = connect(manifest, &operation.tenant, access.without_writes())?;
        match timeout(POLL_TIMEOUT, connection.observe.poll(operation, &handle)).await {
            Ok(Ok(Receipt::Done | Receipt::Already)) => {}
            // A tenant that does not answer may still be processing it.
            Ok(Ok(Receipt::Accepted(_))) | Err(_) => overlay_operation(account, operation),
            Ok(Err(error)) if error.is_transient() => overlay_operation(account, operation),
            Ok(Err(_)) => {}
        }
    }
    Ok(())
}

/// Adds a pending operation to an account, as a vendor that shows pending requests would.
fn overlay_operation(account: &mut Account, operation: &Operation) {
    match operation.kind {
        OperationKind::Assign => add_pending_holding(account, &operation.license),
        OperationKind::Change => add_pending_holding(account, operation.to.as_deref().unwrap_or(&operation.license)),
        OperationKind::Remove => {
            let held = account.holdings.iter_mut().find(|held| held.license == operation.license && is_direct(held));
            if let Some(held) = held {
                held.state = HoldingState::Removing;
            }
        }
        // They change no holding, or are never pending.
        OperationKind::Cancel | OperationKind::Restore | OperationKind::Release => {}
    }
}

fn add_pending_holding(account: &mut Account, license: &str) {
    if account.holdings.iter().any(|held| held.license == license && is_direct(held) && held.state.is_held()) {
        return;
    }
    account.holdings.retain(|held| !(held.license == license && is_direct(held)));
    account.holdings.push(Holding {
        license: license.into(),
        state: HoldingState::Pending,
        origin: HoldingOrigin::Direct,
        trial: false,
        expires: None,
        due: None,
    });
}

fn is_direct(held: &Holding) -> bool {
    held.origin == HoldingOrigin::Direct && !held.trial
}
