//! What runs of other plans handed over at a tenant, and what of it is still to be done.

use smol_str::SmolStr;

use crate::model::{Digest, Observation, Operation, Outcome};
use crate::store::{Store, StoreError};

use crate::apply::operation::verify::{ObservedEffect, observe_effect};
use crate::apply::target::Target;

/// What the last run that handed something over at a tenant left to be done.
#[derive(Clone, Debug)]
pub(super) struct PreviousHandover {
    /// The run.
    pub(super) run: SmolStr,
    /// The document that it stands in, if it is one.
    pub(super) document: Option<SmolStr>,
    /// The operations.
    pub(super) operations: Vec<Operation>,
    /// The digest of what the tenant looked like when their plan was made, and when that was read.
    observed: Option<crate::model::ObservationInput>,
}

impl PreviousHandover {
    /// The last that was handed over at that tenant by a run of another plan.
    pub(super) async fn last(store: &Store, tenant: &str, plan: &Digest) -> Result<Option<Self>, StoreError> {
        for (run, digest) in store.recent_incomplete_runs().await? {
            if digest == *plan {
                continue;
            }
            let Some(before) = store.plan(&digest).await? else { continue };
            let earlier = store.previous_attempts(&digest).await?;
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
                return Ok(Some(Self { run, document, operations, observed: seen }));
            }
        }
        Ok(None)
    }

    /// Whether the tenant looks exactly as it did when this was planned.
    pub(super) fn was_planned_from(&self, now: &Observation) -> bool {
        self.observed.as_ref().is_some_and(|seen| matches_observation(seen, now))
    }

    /// Keeps what a reading does not show yet.
    pub(super) fn retain_open(&mut self, target: &Target, now: &Observation) {
        self.operations.retain(|operation| {
            let account = now.accounts.iter().find(|account| account.id == operation.account);
            observe_effect(&target.rules, operation, None, account) == ObservedEffect::Absent
        });
    }
}

/// Whether a reading holds the same as one that a plan was made from, whenever it was taken.
pub(super) fn matches_observation(seen: &crate::model::ObservationInput, now: &Observation) -> bool {
    let then = Observation { observed_at: seen.observed_at, ..now.clone() };
    then.digest().is_ok_and(|digest| digest == seen.digest)
}
