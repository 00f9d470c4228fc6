//! People whom the runs before left between two licenses.
//!
//! Who resumes that run closes their gaps. Who begins another plan instead has planned with what these people hold now,
//! which is nothing; where that plan has no seat for them, nobody else would say so.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::model::{Digest, OnFailure, Operation, OperationId, OperationKind, Outcome, Plan};
use crate::store::{PreviousAttempt, Store, StoreError};

/// Somebody who gave up a license and was to get another one.
#[derive(Debug)]
pub(crate) struct UnfinishedMove {
    /// The run that left it open.
    pub(crate) run: SmolStr,
    /// What took the old license.
    pub(crate) removal: Operation,
    /// What was to give the new one.
    pub(crate) wanted: Operation,
}

/// Memberships that a run took along with a license, and did not give back.
#[derive(Debug)]
pub(crate) struct LostMemberships {
    /// The run that took them.
    pub(crate) run: SmolStr,
    /// What was to give them back.
    pub(crate) restore: Operation,
}

/// What earlier runs left open.
#[derive(Debug, Default)]
pub(crate) struct UnfinishedWork {
    pub(crate) moves: Vec<UnfinishedMove>,
    /// No plan but theirs knows of these, for nobody sees any more what was taken.
    pub(crate) memberships: Vec<LostMemberships>,
}

/// What the last runs left open, back to the last one that brought about everything. Those of this very plan count as
/// well: whoever goes on with it may be stopped before anything is sent.
pub(crate) async fn unfinished_work(store: &Store, plan: &Digest) -> Result<UnfinishedWork, StoreError> {
    let mut open = UnfinishedWork::default();
    for (run, digest) in store.recent_incomplete_runs().await? {
        if let Some(before) = store.plan(&digest).await? {
            let earlier = store.previous_attempts(&digest).await?;
            open.moves.extend(unfinished_moves(&run, &before, &earlier));
            // The plan itself gives back what is its own.
            let lost = lost_memberships(&before, &earlier).filter(|_| digest != *plan).cloned();
            open.memberships.extend(lost.map(|restore| LostMemberships { run: run.clone(), restore }));
        }
    }
    Ok(open)
}

fn unfinished_moves(
    run: &SmolStr,
    plan: &Plan,
    earlier: &BTreeMap<OperationId, PreviousAttempt>,
) -> Vec<UnfinishedMove> {
    // Nothing where it was never sent, or was refused.
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

/// What of a plan was to give back memberships that it took, and did not.
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
