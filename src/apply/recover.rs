//! Recovery of interrupted runs: unanswered operations are read back, and never sent again.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use smol_str::SmolStr;
use tokio::task::JoinSet;

use super::event::Event;
use super::operation::{Evidence, InFlight, ObservedEffect, OperationResult, ReadBack};
use super::options::RunOptions;
use super::stop::StopSignal;
use super::target::Target;
use super::tenant::{RunControl, TenantClients};
use super::usage;
use crate::adapter::OperationHandle;
use crate::model::{OperationKind, Outcome};
use crate::store::{JournalEntry, RunState, Store, StoreError, UnfinishedRun, UnresolvedOperation};

/// Ends every interrupted run with what can be read back of its unanswered operations.
pub(crate) async fn recover(
    control: &RunControl,
    tenants: &Arc<TenantClients>,
    store: &Arc<Store>,
    stop: &StopSignal,
) -> Result<(), StoreError> {
    let stopping = async {
        stop.stopped().await;
        control.stop.stop();
        std::future::pending::<Infallible>().await
    };
    tokio::select! {
        biased;
        recovered = recover_all(control, tenants, store) => recovered,
        never = stopping => match never {},
    }
}

async fn recover_all(control: &RunControl, tenants: &Arc<TenantClients>, store: &Arc<Store>) -> Result<(), StoreError> {
    for UnfinishedRun { journal, unresolved } in store.unfinished_runs().await? {
        let run = journal.id();
        if !unresolved.is_empty() {
            control.events.emit(&Event::Recovering { run: run.clone(), operations: unresolved.len() });
        }
        // They were in flight together, so they are awaited together.
        let mut tasks = JoinSet::new();
        for operation in unresolved {
            let tenants = Arc::clone(tenants);
            tasks.spawn(async move {
                let result = recover_operation(&tenants, &operation).await;
                (operation, result)
            });
        }
        let mut is_complete = true;
        while let Some(joined) = tasks.join_next().await {
            let Ok((UnresolvedOperation { operation, is_rollback, .. }, result)) = joined else {
                // An adapter panicked; the next run recovers the operation.
                is_complete = false;
                continue;
            };
            let (outcome, message) = (result.outcome, result.message.as_deref());
            let counts = if is_rollback { Vec::new() } else { usage::actual_usage(tenants, &operation, outcome) };
            let entry = JournalEntry::Outcome { operation: &operation.id, outcome, message, usage: &counts };
            let at = control.clock.time();
            if is_rollback {
                journal.record_rollback(entry, at).await?
            } else {
                journal.record(entry, at).await?
            }
            control.events.emit(&Event::Recovered {
                run: run.clone(),
                operation: operation.id,
                person: operation.person,
                outcome,
                message: result.message,
            });
        }
        if is_complete {
            let summary = store.run(run).await?.map(|record| record.run.summary).unwrap_or_default();
            journal.finish(RunState::Interrupted, &summary, control.clock.time()).await?;
        }
    }
    Ok(())
}

/// Ends every interrupted run with what can be read back of its unanswered operations. Sends nothing.
///
/// # Errors
/// The store cannot be read or written; the next run recovers the rest.
pub async fn recover_unfinished(
    store: &Arc<Store>,
    tenants: BTreeMap<SmolStr, Target>,
    options: &RunOptions,
) -> Result<(), StoreError> {
    let control = RunControl::new(options);
    let tenants = control.clients(tenants);
    recover(&control, &tenants, store, &options.stop).await
}

async fn recover_operation(tenants: &TenantClients, unresolved: &UnresolvedOperation) -> OperationResult {
    let UnresolvedOperation { operation, refusal, handle, .. } = unresolved;
    if let Some(why) = refusal {
        return OperationResult::new(Outcome::Failed, why.clone());
    }
    let handle = handle.as_deref().and_then(OperationHandle::new);
    if operation.kind == OperationKind::Release && handle.is_none() {
        return OperationResult::new(Outcome::Unknown, "sent, but a release cannot be read back".to_owned());
    }
    let Some(client) = tenants.get(&operation.tenant) else {
        let message = format!("the manifest has no tenant `{}` to read it back from", operation.tenant);
        return OperationResult::new(Outcome::Unknown, message);
    };
    let why = format!("the run ended before `{}` was answered", operation.id);
    let in_flight = InFlight { holdings_before: None, evidence: Evidence::Uncertain(why), handle };
    let read = client.read_back(&mut client.acquire_for_polling().await, operation, &in_flight).await;
    match read {
        ReadBack::Certain(result, _) => result,
        // The vendor is processing it; a run that continues the plan waits for it.
        ReadBack::Undecided(ObservedEffect::InProgress) => {
            OperationResult::new(Outcome::Pending, "accepted, but not in effect yet".to_owned())
        }
        // The person who was shown the step may have done it, or not.
        ReadBack::Undecided(_) | ReadBack::Unreadable(_) if client.target.is_manual => {
            OperationResult::new(Outcome::Unknown, "shown as a manual step, without an answer".to_owned())
        }
        ReadBack::Undecided(_) | ReadBack::Unreadable(_) => client.await_effect(operation, &in_flight, false).await,
    }
}
