//! People whom the runs before left between two licenses.
//!
//! Who resumes that run closes their gaps. Who begins another plan instead has planned with what these people hold now,
//! which is nothing; where that plan has no seat for them, nobody else would say so.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::model::{Digest, OnFailure, Operation, OperationId, OperationKind, Outcome, Plan};
use crate::store::{Earlier, Store, StoreError};

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

/// What the last runs left open, save those of this plan, which goes on with it: those that died, back to the last one
/// that ended by itself, and that one.
pub(super) async fn left_open(store: &Store, plan: &Digest) -> Result<Vec<LeftOpen>, StoreError> {
    let mut open = Vec::new();
    for (run, digest) in store.last_incomplete().await? {
        if digest == *plan {
            continue;
        }
        if let Some(before) = store.plan(&digest).await? {
            open.extend(of_run(&run, &before, &store.earlier(&digest).await?));
        }
    }
    Ok(open)
}

fn of_run(run: &SmolStr, plan: &Plan, earlier: &BTreeMap<OperationId, Earlier>) -> Vec<LeftOpen> {
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
        .filter(|wanted| wanted.on_failure == Some(OnFailure::GiveBack) && !is_there(wanted))
        .filter_map(|wanted| {
            let own = |removal: &&&Operation| removal.account == wanted.account && removal.tenant == wanted.tenant;
            let removal = wanted.after.iter().filter_map(|id| gone.get(id)).find(own)?;
            Some(LeftOpen { run: run.clone(), removal: (*removal).clone(), wanted: wanted.clone() })
        })
        .collect()
}
