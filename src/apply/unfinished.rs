//! People whom earlier runs left between two licenses.
//!
//! Resuming such a run closes their gaps. Another plan starts from what these people hold now, which is nothing; if it has
//! no seat for them, only this module reports them.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::model::{Digest, OnFailure, Operation, OperationId, OperationKind, Outcome, Plan};
use crate::store::{PreviousAttempt, Store, StoreError};

/// A person who gave up a license and did not get the new one.
#[derive(Debug)]
pub(crate) struct UnfinishedMove {
    /// The run that did not finish the move.
    pub(crate) run: SmolStr,
    /// The removal of the old license.
    pub(crate) removal: Operation,
    /// The assignment of the new one.
    pub(crate) wanted: Operation,
}

/// Memberships that a run removed along with a license, and did not restore.
#[derive(Debug)]
pub(crate) struct LostMemberships {
    /// The run that removed them.
    pub(crate) run: SmolStr,
    /// The operation that restores them.
    pub(crate) restore: Operation,
}

/// What earlier runs did not finish.
#[derive(Debug, Default)]
pub(crate) struct UnfinishedWork {
    pub(crate) moves: Vec<UnfinishedMove>,
    /// Only the plan that removed them lists them, because no reading shows them any more.
    pub(crate) memberships: Vec<LostMemberships>,
}

/// Returns what the runs since the last complete one did not finish. Runs of this plan count too, because the run that
/// continues it may be stopped before it sends anything.
pub(crate) async fn unfinished_work(store: &Store, plan: &Digest) -> Result<UnfinishedWork, StoreError> {
    let mut work = UnfinishedWork::default();
    for (run, digest) in store.recent_incomplete_runs().await? {
        if let Some(before) = store.plan(&digest).await? {
            let earlier = store.previous_attempts(&digest).await?;
            work.moves.extend(unfinished_moves(&run, &before, &earlier));
            // The plan restores its own memberships.
            let lost = lost_memberships(&before, &earlier).filter(|_| digest != *plan).cloned();
            work.memberships.extend(lost.map(|restore| LostMemberships { run: run.clone(), restore }));
        }
    }
    Ok(work)
}

fn unfinished_moves(
    run: &SmolStr,
    plan: &Plan,
    earlier: &BTreeMap<OperationId, PreviousAttempt>,
) -> Vec<UnfinishedMove> {
    // `None` if it was never sent.
    let sent = |operation: &Operation| earlier.get(&operation.id).map(|earlier| earlier.outcome);
    let may_be_gone = |operation: &&Operation| {
        operation.kind == OperationKind::Remove && !matches!(sent(operation), None | Some(Some(Outcome::Failed)))
    };
    let gone: BTreeMap<&OperationId, &Operation> =
        plan.operations.iter().filter(may_be_gone).map(|operation| (&operation.id, operation)).collect();
    let is_there = |operation: &Operation| matches!(sent(operation), Some(Some(outcome)) if outcome.is_success());
    plan.operations
        .iter()
        .filter(|wanted| wanted.on_failure == Some(OnFailure::RollBack) && !is_there(wanted))
        .filter_map(|wanted| {
            let own = |removal: &&&Operation| removal.account == wanted.account && removal.tenant == wanted.tenant;
            let removal = wanted.after.iter().filter_map(|id| gone.get(id)).find(own)?;
            Some(UnfinishedMove { run: run.clone(), removal: (*removal).clone(), wanted: wanted.clone() })
        })
        .collect()
}

/// Returns the operations of a plan that were to restore memberships it removed, and did not.
pub fn lost_memberships<'p>(
    plan: &'p Plan,
    earlier: &BTreeMap<OperationId, PreviousAttempt>,
) -> impl Iterator<Item = &'p Operation> {
    let sent = |operation: &Operation| earlier.get(&operation.id).map(|earlier| earlier.outcome);
    let mut taken: BTreeSet<(&SmolStr, &SmolStr)> = BTreeSet::new();
    // A plan lists an operation after those that it follows.
    plan.operations.iter().filter(move |operation| {
        let account = (&operation.tenant, &operation.account);
        let known = sent(operation);
        if operation.kind == OperationKind::Remove && known.is_some_and(|outcome| outcome != Some(Outcome::Failed)) {
            taken.insert(account);
        }
        let is_back = known.is_some_and(|outcome| outcome.is_none_or(Outcome::is_success));
        operation.kind == OperationKind::Restore && taken.contains(&account) && !is_back
    })
}
