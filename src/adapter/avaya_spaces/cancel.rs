//! Cancels: only a whole job can be cancelled, and each person's cancel is then confirmed or taken back.
//!
//! What must hold: whoever was in the job and was not meant is queued again before anything else is done; nobody is
//! called cancelled whose row was not.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use reqwest::Method;
use smol_str::SmolStr;
use tokio::time::sleep;

use super::Spaces;
use super::wire::{Begun, Job};
use crate::adapter::bridge::{JSON, refusal};
use crate::adapter::http::HttpResponse;
use crate::adapter::{AdapterError, ErrorKind, Receipt};
use crate::model::{HoldingState, Operation};

/// How often an audit is asked for, and the pause between.
const AUDIT_LOOKS: u32 = 120;
const AUDIT_PAUSE: Duration = Duration::from_millis(500);

/// Where a person stands who is to be cancelled.
enum Stand {
    /// In that job.
    In(SmolStr),
    /// Cancelled, and not confirmed.
    Cancelled,
    /// Nothing is requested.
    Nothing,
}

impl Spaces {
    /// Takes requests back; one answer for each, in their order.
    pub(super) async fn cancel(&self, operations: &[&Operation]) -> Vec<Result<Receipt, AdapterError>> {
        let meant: BTreeSet<&SmolStr> = operations.iter().map(|operation| &operation.account).collect();
        let mut jobs: BTreeMap<SmolStr, Result<(), AdapterError>> = BTreeMap::new();
        let mut answers = Vec::with_capacity(operations.len());
        for operation in operations {
            answers.push(self.cancel_one(operation, &meant, &mut jobs).await);
        }
        answers
    }

    async fn cancel_one(
        &self,
        operation: &Operation,
        meant: &BTreeSet<&SmolStr>,
        jobs: &mut BTreeMap<SmolStr, Result<(), AdapterError>>,
    ) -> Result<Receipt, AdapterError> {
        match self.stand(operation).await? {
            Stand::Nothing => return Ok(Receipt::Already),
            Stand::Cancelled => {}
            Stand::In(job) => {
                if !jobs.contains_key(&job) {
                    let done = self.cancel_job(&job, meant).await;
                    jobs.insert(job.clone(), done);
                }
                if let Some(Err(error)) = jobs.get(&job) {
                    return Err(error.clone());
                }
                if !matches!(self.stand(operation).await?, Stand::Cancelled) {
                    let message = format!("the request for `{}` was not cancelled with its job", operation.license);
                    return Err(AdapterError::new(ErrorKind::Forbidden, message).help("wait until it is done"));
                }
            }
        }
        self.settle(&operation.account, "confirm-cancel").await?;
        Ok(Receipt::Done)
    }

    async fn stand(&self, operation: &Operation) -> Result<Stand, AdapterError> {
        let Some(user) = self.user(&operation.account).await? else {
            let message = format!("there is no account `{}`", operation.account);
            return Err(AdapterError::new(ErrorKind::NotFound, message));
        };
        let mut state = HoldingState::Other(user.status);
        self.bridge.rules.normalize_state(&mut state);
        match (state, user.job_id) {
            (HoldingState::Cancelled, _) => Ok(Stand::Cancelled),
            (HoldingState::Pending, Some(job)) => Ok(Stand::In(job)),
            (HoldingState::Pending, None) => {
                let message = "the bridge does not say which job the request is in";
                Err(AdapterError::new(ErrorKind::Forbidden, message).help("wait until it is done"))
            }
            _ if user.license.to_lowercase() == operation.license && !user.trial => {
                let message = format!("no request for `{}` is open: it is in effect", operation.license);
                Err(AdapterError::new(ErrorKind::Conflict, message))
            }
            _ => Ok(Stand::Nothing),
        }
    }

    /// Cancels a job, and queues those again who were not meant.
    async fn cancel_job(&self, job: &str, meant: &BTreeSet<&SmolStr>) -> Result<(), AdapterError> {
        let path = ["spaces", "license-jobs", job];
        let before: Job = self.get(&path, &[]).await?;
        // Whatever becomes of the answer, bystanders whose request was cancelled are queued again.
        let mut cancelled = match self.post(&["spaces", "license-jobs", job, "cancel"]).await {
            Ok(reply) if !reply.is_success() => return Err(self.refused(&reply, true)),
            Ok(_) => Ok(()),
            Err(error) if error.maybe_in_effect => Err(error),
            Err(error) => return Err(error),
        };
        let after: Job = self.get(&path, &[]).await.map_err(begun)?;
        for row in after.rows.iter().filter(|row| row.status == "CANCELLED" && !meant.contains(&row.user_id)) {
            let was_cancelled = before.rows.iter().any(|old| old.user_id == row.user_id && old.status == "CANCELLED");
            if !was_cancelled && let Err(error) = self.settle(&row.user_id, "resume").await {
                cancelled = cancelled.and(Err(begun(error)));
            }
        }
        cancelled
    }

    /// Confirms a cancel, or takes it back; after an audit where the vendor wants one.
    async fn settle(&self, user: &str, word: &str) -> Result<(), AdapterError> {
        let path = ["spaces", "users", user, word];
        let mut reply = self.post(&path).await.map_err(begun)?;
        if reply.status == 409 && refusal(&reply).code == "AUDIT_REQUIRED" {
            self.audit().await.map_err(begun)?;
            reply = self.post(&path).await.map_err(begun)?;
        }
        if reply.is_success() { Ok(()) } else { Err(begun(self.refused(&reply, true))) }
    }

    /// Has the vendor compare its two databases, and waits until that is done.
    async fn audit(&self) -> Result<(), AdapterError> {
        let reply = self.post(&["spaces", "audit"]).await?;
        if !reply.is_success() {
            return Err(self.refused(&reply, true));
        }
        let Begun { audit_id, .. } = reply.json()?;
        let Some(id) = audit_id else {
            return Err(AdapterError::new(ErrorKind::Malformed, "the bridge does not say which audit it began"));
        };
        for _ in 0..AUDIT_LOOKS {
            let audit: Job = self.get(&["spaces", "audits", &id], &[]).await?;
            if audit.state == "DONE" {
                return Ok(());
            }
            sleep(AUDIT_PAUSE).await;
        }
        Err(AdapterError::new(ErrorKind::Busy, "the vendor's audit after a cancel is not done yet"))
    }

    async fn post(&self, path: &[&str]) -> Result<HttpResponse, AdapterError> {
        self.bridge.client.send(Method::POST, path, JSON, JSON, b"{}".to_vec()).await
    }
}

/// The cancel of the job is in effect, whatever went wrong after it.
fn begun(error: AdapterError) -> AdapterError {
    AdapterError { maybe_in_effect: true, ..error }
}
