//! What vendors are at work on: operations that they accepted under a name, and whose end no run has seen.
//!
//! A vendor need not show them, and so whoever plans anew has to hear of them from the journal, or would ask for them again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::history::{RunStart, operation_at};
use super::record_line::{RecordKind, RecordLine};
use super::select::RecordQuery;
use super::{Store, StoreError};
use crate::model::{Digest, Operation, OperationId, Outcome, Plan};

/// How many runs are looked at.
const RUNS_MAX: u32 = 16;

/// An operation that a vendor is at work on, as far as the journal knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedOperation {
    /// The run that sent it.
    pub run: SmolStr,
    /// The operation.
    pub operation: Operation,
    /// What the vendor calls it.
    pub handle: SmolStr,
}

/// What the records of one run say of an operation.
struct SentOperation {
    operation: Operation,
    handle: Option<SmolStr>,
    is_open: bool,
}

impl Store {
    /// What vendors may be at work on since that moment, the newest run first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn pending_operations(&self, since: Timestamp) -> Result<Vec<AcceptedOperation>, StoreError> {
        let mut at_work = Vec::new();
        let mut newer: Vec<(Digest, u64)> = Vec::new();
        for batch in self.batches(RecordQuery::BegunBefore(i64::MAX.unsigned_abs()), RUNS_MAX).await? {
            let RunStart { number, at, began } = RunStart::read(&batch)?;
            if at < since {
                break;
            }
            // The records of a large run are many, and most runs leave nothing open.
            if self.may_be_open(number).await? {
                let mut sent = self.sent(number, &began.plan).await?;
                sent.retain(|_, sent| sent.is_open && sent.handle.is_some());
                let is_none_open = sent.is_empty();
                // A later run of the plan may know more.
                let later_ones = newer.iter().filter(|(plan, _)| *plan == began.plan);
                for (_, later) in later_ones.filter(|_| !is_none_open) {
                    for id in self.resolved_operations(*later, &began.plan).await? {
                        sent.remove(&id);
                    }
                }
                let open = sent.into_values().filter_map(|SentOperation { operation, handle, is_open: _ }| {
                    Some(AcceptedOperation { run: began.run.clone(), operation, handle: handle? })
                });
                at_work.extend(open);
            }
            newer.push((began.plan, number));
        }
        Ok(at_work)
    }

    /// Whether a run has not ended, or ended with something of which it did not see the end.
    async fn may_be_open(&self, run: u64) -> Result<bool, StoreError> {
        let ends = self.batches(RecordQuery::EndOf(run), 1).await?;
        let Some((_, line)) = ends.first().and_then(|end| end.lines().next()) else { return Ok(true) };
        let summary = RecordLine::read(line)?.summary.unwrap_or_default();
        Ok(summary.pending + summary.unknown > 0)
    }

    /// What a run sent.
    async fn sent(&self, run: u64, plan: &Digest) -> Result<BTreeMap<OperationId, SentOperation>, StoreError> {
        let plan = self.required_plan(plan).await?;
        let mut sent: BTreeMap<OperationId, SentOperation> = BTreeMap::new();
        self.each_line(run, |_, mut line| {
            let Some(id) = operation_of(&line, &plan)? else { return Ok(()) };
            match line.event {
                RecordKind::Sent => {
                    let operation = match (line.op, line.operation.take()) {
                        (Some(place), _) => operation_at(&plan, place)?.clone(),
                        (None, Some(operation)) => operation.into_owned(),
                        (None, None) => return Ok(()),
                    };
                    sent.insert(id, SentOperation { operation, handle: None, is_open: true });
                }
                RecordKind::Answered => {
                    if let Some(sent) = sent.get_mut(&id) {
                        sent.handle = line.handle.as_deref().map(SmolStr::new);
                    }
                }
                RecordKind::Outcome => {
                    if let Some(sent) = sent.get_mut(&id) {
                        sent.is_open = is_open(&line)?;
                    }
                }
                RecordKind::Began | RecordKind::Ended | RecordKind::Lock => {}
            }
            Ok(())
        })
        .await?;
        Ok(sent)
    }

    /// The operations of which a run saw the end.
    async fn resolved_operations(&self, run: u64, plan: &Digest) -> Result<Vec<OperationId>, StoreError> {
        let plan = self.required_plan(plan).await?;
        let mut known = Vec::new();
        self.each_line(run, |_, line| {
            if line.event == RecordKind::Outcome
                && !is_open(&line)?
                && let Some(id) = operation_of(&line, &plan)?
            {
                known.push(id);
            }
            Ok(())
        })
        .await?;
        Ok(known)
    }
}

/// The operation that a record is about.
fn operation_of(line: &RecordLine<'_>, plan: &Plan) -> Result<Option<OperationId>, StoreError> {
    match (line.op, &line.remedy) {
        (Some(place), _) => Ok(Some(operation_at(plan, place)?.id.clone())),
        (None, Some(remedy)) => Ok(Some(OperationId(SmolStr::new(remedy)))),
        (None, None) => Ok(None),
    }
}

/// Whether an outcome leaves open what came of what was sent. A run that skips an operation says nothing of it.
fn is_open(line: &RecordLine<'_>) -> Result<bool, StoreError> {
    let outcome = line.word("outcome", Outcome::parse)?;
    Ok(matches!(outcome, Outcome::Pending | Outcome::Unknown | Outcome::Skipped))
}
