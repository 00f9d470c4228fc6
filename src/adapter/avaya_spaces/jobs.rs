//! Changes as jobs: one request for many people, and one question for what came of it.

use reqwest::Method;
use serde_json::{Value, json};

use super::Spaces;
use super::wire::{Begun, Job};
use crate::adapter::bridge::{JSON, refusal};
use crate::adapter::{AdapterError, ErrorKind, OperationHandle, Receipt};
use crate::model::{HoldingState, Operation, OperationKind};

impl Spaces {
    /// Sends operations of one kind; one answer for each, in their order.
    pub(super) async fn change(&self, operations: &[&Operation]) -> Vec<Result<Receipt, AdapterError>> {
        let is = |kind| operations.iter().all(|operation| operation.kind == kind);
        if is(OperationKind::Cancel) {
            return self.cancel(operations).await;
        }
        // Those who fall back to the floor and those who do not are two requests.
        let (mut down, mut up) = (Vec::new(), Vec::new());
        let mut answers: Vec<Result<Receipt, AdapterError>> = Vec::with_capacity(operations.len());
        for (index, operation) in operations.iter().enumerate() {
            let to = match operation.kind {
                OperationKind::Assign => Some(&operation.license),
                OperationKind::Change => operation.to.as_ref(),
                OperationKind::Remove => None,
                OperationKind::Cancel | OperationKind::Restore | OperationKind::Release => {
                    let message = format!("the vendor cannot `{}` a license in a job", operation.kind.as_str());
                    answers.push(Err(AdapterError::new(ErrorKind::Unsupported, message)));
                    continue;
                }
            };
            match to.filter(|to| !self.bridge.rules.is_floor(to)) {
                Some(to) => up.push((index, json!({ "userId": operation.account, "to": self.theirs(to) }))),
                None => down.push((index, json!(operation.account))),
            }
            answers.push(Ok(Receipt::Accepted(None)));
        }
        for (list, path, key) in [(up, "license-jobs", "changes"), (down, "deallocate", "userIds")] {
            if list.is_empty() {
                continue;
            }
            let (indices, entries): (Vec<usize>, Vec<Value>) = list.into_iter().unzip();
            let begun = self.begin(&["spaces", path], &json!({ key: entries })).await;
            for index in indices {
                answers[index] = begun.clone();
            }
        }
        answers
    }

    /// The console's name of a license.
    fn theirs(&self, license: &smol_str::SmolStr) -> String {
        let name = self.bridge.theirs(license);
        let mut letters = name.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    /// Begins a job.
    async fn begin(&self, path: &[&str], body: &Value) -> Result<Receipt, AdapterError> {
        let reply = self.bridge.client.send(Method::POST, path, JSON, JSON, body.to_string().into_bytes()).await?;
        if !reply.is_success() {
            return Err(self.refused(&reply, true));
        }
        // It was accepted, whatever the answer holds; without a name it is read until it shows.
        let begun: Option<Begun> = reply.maybe_json();
        Ok(Receipt::Accepted(begun.and_then(|begun| OperationHandle::new(&begun.job_id?))))
    }

    /// What became of a person's row.
    pub(super) async fn ask_for(
        &self,
        operation: &Operation,
        handle: &OperationHandle,
    ) -> Result<Receipt, AdapterError> {
        let still = || Ok(Receipt::Accepted(Some(handle.clone())));
        let reply = self.bridge.client.get_once(&["spaces", "license-jobs", handle.as_str()], &[], JSON).await?;
        if reply.status == 404 && refusal(&reply).code == "UNKNOWN_JOB" {
            return self.forgotten(operation, handle).await;
        }
        if !reply.is_success() {
            return Err(self.refused(&reply, false));
        }
        let job: Job = reply.json()?;
        let Some(row) = job.rows.iter().find(|row| row.user_id == operation.account) else {
            let message = format!("the job `{handle}` does not tell of the account `{}`", operation.account);
            return Err(AdapterError::new(ErrorKind::Malformed, message));
        };
        let mut state = HoldingState::Other(row.status.clone());
        if !self.bridge.rules.normalize_state(&mut state) {
            // A word that nobody knows says neither that it is done nor that it failed.
            return still();
        }
        match state {
            HoldingState::Active => Ok(Receipt::Done),
            HoldingState::Error => Err(self.failed(&reply, &row.code, &row.message)),
            HoldingState::Cancelled => {
                let message = format!("the job `{handle}` was cancelled at the vendor");
                Err(AdapterError::new(ErrorKind::Conflict, message).help("plan again"))
            }
            HoldingState::Pending
            | HoldingState::Removing
            | HoldingState::Waiting
            | HoldingState::Suspended
            | HoldingState::Other(_) => still(),
        }
    }

    /// What became of a row whose job nobody knows any more: what the person's own page tells.
    async fn forgotten(&self, operation: &Operation, handle: &OperationHandle) -> Result<Receipt, AdapterError> {
        let Some(account) = self.read_account(&operation.account).await? else {
            let message = format!("there is no account `{}`", operation.account);
            return Err(AdapterError::new(ErrorKind::NotFound, message));
        };
        let is_open = |state: &HoldingState| matches!(state, HoldingState::Pending | HoldingState::Removing);
        if account.holdings.iter().any(|holding| is_open(&holding.state)) {
            return Ok(Receipt::Accepted(Some(handle.clone())));
        }
        // Whether that is what was asked for is read back in any case.
        Ok(Receipt::Done)
    }
}
