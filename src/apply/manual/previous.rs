//! Steps that runs of other plans handed over, and which of them are still open.

use smol_str::SmolStr;

use crate::apply::operation::{ObservedEffect, observe_effect};
use crate::apply::target::Target;
use crate::model::{Digest, Observation, ObservationInput, Operation, Outcome};
use crate::store::{Store, StoreError};

/// The open steps of the last handover at a tenant.
#[derive(Clone, Debug)]
pub(super) struct PreviousHandover {
    /// The run that handed them over.
    pub(super) run: SmolStr,
    /// The document that lists them, if any.
    pub(super) document: Option<SmolStr>,
    /// The operations.
    pub(super) operations: Vec<Operation>,
    /// The observation that they were planned from.
    planned_from: Option<ObservationInput>,
}

impl PreviousHandover {
    /// Returns the last handover at the tenant by a run of another plan.
    pub(super) async fn last(store: &Store, tenant: &str, plan: &Digest) -> Result<Option<Self>, StoreError> {
        for (run, digest) in store.recent_incomplete_runs().await? {
            if digest == *plan {
                continue;
            }
            let Some(before) = store.plan(&digest).await? else { continue };
            let attempts = store.previous_attempts(&digest).await?;
            let mut document = None;
            let is_open = |outcome| matches!(outcome, None | Some(Outcome::Pending | Outcome::Unknown));
            let operations: Vec<Operation> = before
                .operations
                .iter()
                .filter(|operation| operation.tenant == tenant)
                .filter(|operation| {
                    let Some(attempt) = attempts.get(&operation.id).filter(|attempt| is_open(attempt.outcome)) else {
                        return false;
                    };
                    document = attempt.handle.clone().or(document.take());
                    true
                })
                .cloned()
                .collect();
            if !operations.is_empty() {
                let planned_from = before.inputs.observations.get(tenant).cloned();
                return Ok(Some(Self { run, document, operations, planned_from }));
            }
        }
        Ok(None)
    }

    /// Whether the tenant is exactly as it was when the steps were planned.
    pub(super) fn was_planned_from(&self, now: &Observation) -> bool {
        self.planned_from.as_ref().is_some_and(|input| matches_observation(input, now))
    }

    /// Keeps the steps whose effect a reading does not show.
    pub(super) fn retain_open(&mut self, target: &Target, now: &Observation) {
        self.operations.retain(|operation| {
            let account = now.accounts.iter().find(|account| account.id == operation.account);
            observe_effect(&target.rules, operation, None, account) == ObservedEffect::Absent
        });
    }
}

/// Whether a reading equals the input of a plan, apart from its time.
pub(super) fn matches_observation(input: &ObservationInput, now: &Observation) -> bool {
    let then = Observation { observed_at: input.observed_at, ..now.clone() };
    then.digest().is_ok_and(|digest| digest == input.digest)
}
