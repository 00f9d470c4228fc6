//! What vendors are at work on, laid over what was read of them.
//!
//! Some vendors accept a change, give it a name, and show nothing of it until it is done. What earlier runs have in flight
//! there is held all the same: it counts as pending, so that no plan asks for it again.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::timeout;

use super::error::WorkflowError;
use super::manifest::Manifest;
use super::observe;
use super::plan::Observations;
use super::runbook;
use crate::adapter::{AccessOptions, OperationHandle, Receipt};
use crate::model::{Account, Holding, HoldingOrigin, HoldingState, Operation, OperationKind};
use crate::store::{Store, StoreUrl};

/// Nothing is at work for longer: what vendors document are minutes.
const PENDING_MAX_AGE: SignedDuration = SignedDuration::from_hours(24);

/// How long one answer may take.
const POLL_TIMEOUT: Duration = Duration::from_secs(60);

/// Asks each tenant what became of what the journal knows to be in flight there, and lays over what still is.
///
/// # Errors
/// When there is a store that cannot be read.
pub async fn overlay(
    manifest: &Manifest,
    store: &StoreUrl,
    access: AccessOptions,
    observations: &mut Observations,
) -> Result<(), WorkflowError> {
    let Some(store) = Store::open_existing(store).await? else { return Ok(()) };
    for found in store.pending_operations(access.clock.time() - PENDING_MAX_AGE).await? {
        let operation = &found.operation;
        let Some(observation) = observations.get_mut(&operation.tenant) else { continue };
        // What people were asked to do is in flight nowhere: a later export shows it, or it was not done.
        if manifest.tenant(&operation.tenant).is_ok_and(|(settings, _)| runbook::is_manual(settings)) {
            continue;
        }
        let Some(account) = observation.accounts.iter_mut().find(|account| account.id == operation.account) else {
            continue;
        };
        let Some(handle) = OperationHandle::new(&found.handle) else { continue };
        let connection = observe::connect(manifest, &operation.tenant, access.without_writes())?;
        match timeout(POLL_TIMEOUT, connection.observe.poll(operation, &handle)).await {
            Ok(Ok(Receipt::Done | Receipt::Already)) => {}
            // Who cannot be asked may be at work on it as well.
            Ok(Ok(Receipt::Accepted(_))) | Err(_) => overlay_operation(account, operation),
            Ok(Err(error)) if error.is_transient() => overlay_operation(account, operation),
            Ok(Err(_)) => {}
        }
    }
    Ok(())
}

/// Shows an operation as a vendor would that shows what it is at work on.
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
        // They change no holding, or are not left open.
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
