//! What a run that died left open is settled by reading, and never by sending again.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::task::JoinSet;

use crate::adapter::OperationHandle;
use crate::apply::operation::result::OperationResult;
use crate::apply::operation::verify::ObservedEffect;
use crate::apply::run::tenants::{Evidence, InFlight, ReadBack, TenantClients};
use crate::apply::target::Target;
use crate::apply::usage;
use crate::apply::{Event, EventSink, StopSignal};
use crate::env::Clock;
use crate::model::{Operation, OperationKind, Outcome};
use crate::store::{JournalEntry, RunState, Store, StoreError, UnfinishedRun, UnresolvedOperation};

/// Ends every run that died, with what can be read of its unanswered operations.
pub(crate) async fn recover(
    world: &Arc<TenantClients>,
    store: &Arc<Store>,
    stop: &StopSignal,
) -> Result<(), StoreError> {
    let stopping = async {
        stop.stopped().await;
        world.stop.stop();
        std::future::pending::<Infallible>().await
    };
    tokio::select! {
        biased;
        settled = recover_all(world, store) => settled,
        never = stopping => match never {},
    }
}

async fn recover_all(world: &Arc<TenantClients>, store: &Arc<Store>) -> Result<(), StoreError> {
    for UnfinishedRun { journal, unresolved: unanswered } in store.unfinished_runs().await? {
        // They were in flight together, and so they are waited for together.
        if !unanswered.is_empty() {
            world.events.emit(&Event::Recovering { run: journal.id().clone(), operations: unanswered.len() });
        }
        let mut looks = JoinSet::new();
        for open in unanswered {
            let world = Arc::clone(world);
            looks.spawn(async move {
                let fate = recover_operation(&world, &open).await;
                (open, fate)
            });
        }
        let mut is_whole = true;
        while let Some(joined) = looks.join_next().await {
            let Ok((open, fate)) = joined else {
                // An adapter that breaks off leaves the operation, and so the run, open for the next run.
                is_whole = false;
                continue;
            };
            let UnresolvedOperation { operation, is_rollback: remedy, refusal: _, handle: _ } = open;
            let message = fate.message.as_deref();
            let touches =
                if remedy { Vec::new() } else { usage::actual_usage(&world.targets, &operation, fate.outcome) };
            let entry =
                JournalEntry::Outcome { operation: &operation.id, outcome: fate.outcome, message, usage: &touches };
            let at = world.clock.time();
            if remedy {
                journal.record_rollback(entry, at).await?
            } else {
                journal.record(entry, at).await?
            }
            world.events.emit(&Event::Recovered {
                run: journal.id().clone(),
                operation: operation.id,
                person: operation.person,
                outcome: fate.outcome,
                message: fate.message,
            });
        }
        if !is_whole {
            continue;
        }
        let summary = store.run(journal.id()).await?.map(|record| record.run.summary).unwrap_or_default();
        journal.finish(RunState::Interrupted, &summary, world.clock.time()).await?;
    }
    Ok(())
}

/// Ends every run that died, with what can be read of its unanswered operations, and sends nothing.
///
/// # Errors
/// When the store cannot be read or written; the next run settles the rest.
pub async fn recover_unfinished(
    store: &Arc<Store>,
    tenants: BTreeMap<SmolStr, Target>,
    clock: Clock,
    wait: Duration,
    watch: EventSink,
    stop: StopSignal,
) -> Result<(), StoreError> {
    // Nothing is tried twice here, and so chance has no part in it.
    recover(&Arc::new(TenantClients::new(tenants, clock, wait, 0, watch)), store, &stop).await
}

async fn recover_operation(world: &TenantClients, open: &UnresolvedOperation) -> OperationResult {
    let UnresolvedOperation { operation, is_rollback: _, refusal: refused, handle } = open;
    if let Some(why) = refused {
        return OperationResult::new(Outcome::Failed, why.clone());
    }
    let handle = handle.as_deref().and_then(OperationHandle::new);
    if operation.kind == OperationKind::Release && handle.is_none() {
        return OperationResult::new(Outcome::Unknown, "sent, and nobody can look it up".to_owned());
    }
    let coming =
        InFlight { holdings_before: None, evidence: Evidence::Uncertain(interruption_message(operation)), handle };
    let Some((target, stile)) = world.tenant(&operation.tenant) else {
        return world.await_effect(operation, &coming, false).await;
    };
    // The turn ends with the look, for whoever follows takes one of their own.
    let look = world.read_back(&mut stile.acquire_for_polling().await, target, operation, &coming).await;
    match look {
        ReadBack::Certain(fate, _) => fate,
        // The vendor is at it, and so it is sent; whoever goes on with that plan waits for it there.
        ReadBack::Undecided(ObservedEffect::InProgress) => {
            OperationResult::new(Outcome::Pending, "accepted, and not in effect yet".to_owned())
        }
        // Whoever was shown it may be at it, or may not have begun.
        ReadBack::Undecided(_) | ReadBack::Unreadable(_) if target.is_manual => {
            let message = "shown to somebody, and nobody said what became of it".to_owned();
            OperationResult::new(Outcome::Unknown, message)
        }
        ReadBack::Undecided(_) | ReadBack::Unreadable(_) => world.await_effect(operation, &coming, false).await,
    }
}

fn interruption_message(operation: &Operation) -> String {
    format!("the run ended before `{}` was answered", operation.id)
}
