//! People whom the run before left between two licenses.
//!
//! Who resumes that run closes their gaps. Who begins another plan instead has planned with what these people hold now,
//! which is nothing; where that plan has no seat for them, nobody else would say so.

use smol_str::SmolStr;

use crate::model::{Digest, OnFailure, Operation, OperationKind, Outcome, RunState};
use crate::store::{Store, StoreError};

/// Somebody who gave up a license and was to get another one.
#[derive(Debug)]
pub(super) struct LeftOpen {
    /// The run that left it open.
    pub(super) run: SmolStr,
    /// What took the old license.
    pub(super) removal: Operation,
    /// What was to give the new one.
    pub(super) wanted: Operation,
}

/// What the last run left open, if it was of another plan.
pub(super) async fn left_open(store: &Store, plan: &Digest) -> Result<Vec<LeftOpen>, StoreError> {
    let Some(last) = store.runs(1).await?.pop() else { return Ok(Vec::new()) };
    if last.run.plan == *plan || last.state == RunState::Complete {
        return Ok(Vec::new());
    }
    let Some(before) = store.plan(&last.run.plan).await? else { return Ok(Vec::new()) };
    let earlier = store.earlier(&before.digest).await?;
    let came_of = |operation: &Operation| earlier.get(&operation.id).and_then(|earlier| earlier.outcome);
    let is_there = |operation: &Operation| came_of(operation).is_some_and(Outcome::is_success);
    let taken =
        before.operations.iter().filter(|operation| operation.kind == OperationKind::Remove && is_there(operation));
    let taken: std::collections::BTreeMap<_, _> = taken.map(|operation| (&operation.id, operation)).collect();
    let mut open = Vec::new();
    for wanted in &before.operations {
        if wanted.on_failure != Some(OnFailure::GiveBack) || is_there(wanted) {
            continue;
        }
        let own = |removal: &&&Operation| removal.account == wanted.account && removal.tenant == wanted.tenant;
        if let Some(removal) = wanted.after.iter().filter_map(|id| taken.get(id)).find(own) {
            let (run, removal) = (last.run.run.clone(), (*removal).clone());
            open.push(LeftOpen { run, removal, wanted: wanted.clone() });
        }
    }
    Ok(open)
}
