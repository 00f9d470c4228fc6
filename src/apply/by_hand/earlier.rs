//! What runs of other plans handed over at a tenant, and what of it is still to be done.

use smol_str::SmolStr;

use crate::model::{Digest, Observation, Operation, Outcome};
use crate::store::{Store, StoreError};

use super::super::sight::{Sight, see};
use super::super::target::Target;

/// What the last run that handed something over at a tenant left to be done.
#[derive(Clone, Debug)]
pub(super) struct HandedOver {
    /// The run.
    pub(super) run: SmolStr,
    /// The document that it stands in, if it is one.
    pub(super) document: Option<SmolStr>,
    /// The operations.
    pub(super) operations: Vec<Operation>,
    /// The digest of what the tenant looked like when their plan was made, and when that was read.
    seen: Option<crate::model::ObservationInput>,
}

impl HandedOver {
    /// The last that was handed over at that tenant by a run of another plan.
    pub(super) async fn last(store: &Store, tenant: &str, plan: &Digest) -> Result<Option<Self>, StoreError> {
        for (run, digest) in store.last_incomplete().await? {
            if digest == *plan {
                continue;
            }
            let Some(before) = store.plan(&digest).await? else { continue };
            let earlier = store.earlier(&digest).await?;
            let mut document = None;
            let waits = |outcome| matches!(outcome, None | Some(Outcome::Pending | Outcome::Unknown));
            let operations: Vec<Operation> = before
                .operations
                .iter()
                .filter(|operation| operation.tenant == tenant)
                .filter(|operation| {
                    let Some(known) = earlier.get(&operation.id).filter(|known| waits(known.outcome)) else {
                        return false;
                    };
                    document = known.handle.clone().or(document.take());
                    true
                })
                .cloned()
                .collect();
            if !operations.is_empty() {
                let seen = before.inputs.observations.get(tenant).cloned();
                return Ok(Some(Self { run, document, operations, seen }));
            }
        }
        Ok(None)
    }

    /// Whether the tenant looks exactly as it did when this was planned.
    pub(super) fn saw(&self, now: &Observation) -> bool {
        self.seen.as_ref().is_some_and(|seen| is_the_same(seen, now))
    }

    /// Keeps what a reading does not show yet.
    pub(super) fn keep_open(&mut self, target: &Target, now: &Observation) {
        self.operations.retain(|operation| {
            let account = now.accounts.iter().find(|account| account.id == operation.account);
            see(&target.rules, operation, None, account) == Sight::Absent
        });
    }
}

/// Whether a reading holds the same as one that a plan was made from, whenever it was taken.
pub(super) fn is_the_same(seen: &crate::model::ObservationInput, now: &Observation) -> bool {
    let then = Observation { observed_at: seen.observed_at, ..now.clone() };
    then.digest().is_ok_and(|digest| digest == seen.digest)
}
