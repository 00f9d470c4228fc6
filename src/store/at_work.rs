//! What vendors are at work on: operations that they accepted under a name, and whose end no run has seen.
//!
//! A vendor need not show them, and so whoever plans anew has to hear of them from the journal, or would ask for them again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::history::{Beginning, operation_at};
use super::line::{Kind, Line};
use super::select::Select;
use super::{Store, StoreError};
use crate::model::{Digest, Operation, OperationId, Outcome, Plan};

/// How many runs are looked at.
const RUNS_MOST: u32 = 16;

/// An operation that a vendor is at work on, as far as the journal knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtWork {
    /// The run that sent it.
    pub run: SmolStr,
    /// The operation.
    pub operation: Operation,
    /// What the vendor calls it.
    pub handle: SmolStr,
}

/// What the records of one run say of an operation.
struct Sent {
    operation: Operation,
    handle: Option<SmolStr>,
    is_open: bool,
}

impl Store {
    /// What vendors may be at work on since that moment, the newest run first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn at_work(&self, since: Timestamp) -> Result<Vec<AtWork>, StoreError> {
        let mut at_work = Vec::new();
        let mut newer: Vec<(Digest, u64)> = Vec::new();
        for batch in self.batches(Select::BegunBefore(i64::MAX.unsigned_abs()), RUNS_MOST).await? {
            let Beginning { number, at, began } = Beginning::read(&batch)?;
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
                    for id in self.known_fates(*later, &began.plan).await? {
                        sent.remove(&id);
                    }
                }
                let open = sent.into_values().filter_map(|Sent { operation, handle, is_open: _ }| {
                    Some(AtWork { run: began.run.clone(), operation, handle: handle? })
                });
                at_work.extend(open);
            }
            newer.push((began.plan, number));
        }
        Ok(at_work)
    }

    /// Whether a run has not ended, or ended with something of which it did not see the end.
    async fn may_be_open(&self, run: u64) -> Result<bool, StoreError> {
        let ends = self.batches(Select::EndOf(run), 1).await?;
        let Some((_, line)) = ends.first().and_then(|end| end.lines().next()) else { return Ok(true) };
        let summary = Line::read(line)?.summary.unwrap_or_default();
        Ok(summary.pending + summary.unknown > 0)
    }

    /// What a run sent.
    async fn sent(&self, run: u64, plan: &Digest) -> Result<BTreeMap<OperationId, Sent>, StoreError> {
        let plan = self.known_plan(plan).await?;
        let mut sent: BTreeMap<OperationId, Sent> = BTreeMap::new();
        self.each_line(run, |_, mut line| {
            let Some(id) = operation_of(&line, &plan)? else { return Ok(()) };
            match line.event {
                Kind::Sent => {
                    let operation = match (line.op, line.operation.take()) {
                        (Some(place), _) => operation_at(&plan, place)?.clone(),
                        (None, Some(operation)) => operation.into_owned(),
                        (None, None) => return Ok(()),
                    };
                    sent.insert(id, Sent { operation, handle: None, is_open: true });
                }
                Kind::Answered => {
                    if let Some(sent) = sent.get_mut(&id) {
                        sent.handle = line.handle.as_deref().map(SmolStr::new);
                    }
                }
                Kind::Outcome => {
                    if let Some(sent) = sent.get_mut(&id) {
                        sent.is_open = is_open(&line)?;
                    }
                }
                Kind::Began | Kind::Ended | Kind::Lock => {}
            }
            Ok(())
        })
        .await?;
        Ok(sent)
    }

    /// The operations of which a run saw the end.
    async fn known_fates(&self, run: u64, plan: &Digest) -> Result<Vec<OperationId>, StoreError> {
        let plan = self.known_plan(plan).await?;
        let mut known = Vec::new();
        self.each_line(run, |_, line| {
            if line.event == Kind::Outcome
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
fn operation_of(line: &Line<'_>, plan: &Plan) -> Result<Option<OperationId>, StoreError> {
    match (line.op, &line.remedy) {
        (Some(place), _) => Ok(Some(operation_at(plan, place)?.id.clone())),
        (None, Some(remedy)) => Ok(Some(OperationId(SmolStr::new(remedy)))),
        (None, None) => Ok(None),
    }
}

/// Whether an outcome leaves open what came of what was sent. A run that skips an operation says nothing of it.
fn is_open(line: &Line<'_>) -> Result<bool, StoreError> {
    let outcome = line.word("outcome", Outcome::parse)?;
    Ok(matches!(outcome, Outcome::Pending | Outcome::Unknown | Outcome::Skipped))
}
