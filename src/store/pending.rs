//! Operations in progress at vendors: accepted under a handle, with an end that no run has seen.
//!
//! A vendor may not show them, so a new plan learns of them from the journal and does not request them again.

use jiff::Timestamp;
use smol_str::SmolStr;

use super::history::{find_operation, parse_digest};
use super::query::AcceptedRow;
use super::record::parse_detail;
use super::{Store, StoreError};
use crate::model::Operation;

/// An operation that a vendor accepted, and that may be in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedOperation {
    /// The run that sent it.
    pub run: SmolStr,
    /// The operation.
    pub operation: Operation,
    /// The vendor's name for it.
    pub handle: SmolStr,
}

impl Store {
    /// Returns the operations of runs since that time that may be in progress at vendors, newest run first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn pending_operations(&self, since: Timestamp) -> Result<Vec<AcceptedOperation>, StoreError> {
        self.flush_pending_writes().await;
        let rows = self.queue.backend.lock().await.accepted(since.as_microsecond()).await?;
        let mut accepted = Vec::with_capacity(rows.len());
        for AcceptedRow { run, name, plan, operation, rollback, handle } in rows {
            let operation = if rollback {
                let detail = self.queue.backend.lock().await.sent_rollback(run, &operation).await?;
                parse_detail(detail.as_deref())?
            } else {
                find_operation(&*self.required_plan(&parse_digest(&plan)?).await?, &operation)?.clone()
            };
            accepted.push(AcceptedOperation { run: name.into(), operation, handle: handle.into() });
        }
        Ok(accepted)
    }
}
