//! What a run that died left open is settled by reading, and never by sending again.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::task::JoinSet;

use super::fate::Fate;
use super::sight::Sight;
use super::target::Target;
use super::touch;
use super::world::{Coming, Look, Reliance, World};
use super::{Event, Stop, Watch};
use crate::adapter::Handle;
use crate::env::Clock;
use crate::model::{Operation, OperationKind, Outcome};
use crate::store::{Entry, RunState, Store, StoreError, Unanswered, Unfinished};

/// Ends every run that died, with what can be read of its unanswered operations.
pub(super) async fn settle(world: &Arc<World>, store: &Arc<Store>, stop: &Stop) -> Result<(), StoreError> {
    let stopping = async {
        stop.stopped().await;
        world.stop.stop();
        std::future::pending::<Infallible>().await
    };
    tokio::select! {
        biased;
        settled = settle_all(world, store) => settled,
        never = stopping => match never {},
    }
}

async fn settle_all(world: &Arc<World>, store: &Arc<Store>) -> Result<(), StoreError> {
    for Unfinished { journal, unanswered } in store.unfinished().await? {
        // They were in flight together, and so they are waited for together.
        if !unanswered.is_empty() {
            world.watch.tell(&Event::Settling { run: journal.id().clone(), operations: unanswered.len() });
        }
        let mut looks = JoinSet::new();
        for open in unanswered {
            let world = Arc::clone(world);
            looks.spawn(async move {
                let fate = fate(&world, &open).await;
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
            let Unanswered { operation, remedy, refused: _, handle: _ } = open;
            let message = fate.message.as_deref();
            let touches = if remedy { Vec::new() } else { touch::done(&world.tenants, &operation, fate.outcome) };
            let entry = Entry::Outcome { operation: &operation.id, outcome: fate.outcome, message, touches: &touches };
            let at = world.clock.time();
            if remedy {
                journal.record_remedy(entry, at).await?
            } else {
                journal.record(entry, at).await?
            }
            world.watch.tell(&Event::Settled {
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
pub async fn settle_open(
    store: &Arc<Store>,
    tenants: BTreeMap<SmolStr, Target>,
    clock: Clock,
    wait: Duration,
    watch: Watch,
    stop: Stop,
) -> Result<(), StoreError> {
    // Nothing is tried twice here, and so chance has no part in it.
    settle(&Arc::new(World::new(tenants, clock, wait, 0, watch)), store, &stop).await
}

async fn fate(world: &World, open: &Unanswered) -> Fate {
    let Unanswered { operation, remedy: _, refused, handle } = open;
    if let Some(why) = refused {
        return Fate::new(Outcome::Failed, why.clone());
    }
    let handle = handle.as_deref().and_then(Handle::new);
    if operation.kind == OperationKind::Release && handle.is_none() {
        return Fate::new(Outcome::Unknown, "sent, and nobody can look it up".to_owned());
    }
    let coming = Coming { before: None, reliance: Reliance::Doubtful(interrupted(operation)), handle };
    let Some((target, stile)) = world.tenant(&operation.tenant) else {
        return world.follow(operation, &coming, false).await;
    };
    // The turn ends with the look, for whoever follows takes one of their own.
    let look = world.look(&mut stile.look().await, target, operation, &coming).await;
    match look {
        Look::Certain(fate, _) => fate,
        // The vendor is at it, and so it is sent; whoever goes on with that plan waits for it there.
        Look::Open(Sight::Coming) => Fate::new(Outcome::Pending, "accepted, and not in effect yet".to_owned()),
        // Whoever was shown it may be at it, or may not have begun.
        Look::Open(_) | Look::Blind(_) if target.by_hand => {
            let message = "shown to somebody, and nobody said what became of it".to_owned();
            Fate::new(Outcome::Unknown, message)
        }
        Look::Open(_) | Look::Blind(_) => world.follow(operation, &coming, false).await,
    }
}

fn interrupted(operation: &Operation) -> String {
    format!("the run ended before `{}` was answered", operation.id)
}
