//! Reading the journal: earlier runs, what they sent, and what they left unfinished.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::query::{OutcomeRow, RunFilter, RunRow};
use super::record::{RunStartDetail, parse_detail, parse_word, timestamp};
use super::usage::CountedUsage;
use super::{RunJournal, Store, StoreError};
use crate::model::{
    ConsentRecord, Digest, Operation, OperationId, OperationOutcome, Outcome, RecordedReply, Run, RunState,
};

/// How many of the latest runs are searched for incomplete ones.
const INCOMPLETE_MAX: u32 = 16;

/// A run in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// The run with its known outcomes.
    pub run: Run,
    /// The plan's `content`.
    pub content: Digest,
    /// Who began it.
    pub actor: String,
    /// The manifest's path as given.
    pub manifest: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended, or was recovered.
    pub finished: Option<Timestamp>,
    /// Its state.
    pub state: RunState,
    /// The run whose plan it continues.
    pub resumes: Option<SmolStr>,
    /// The run that it reverts.
    pub undoes: Option<SmolStr>,
    /// The exceptions that were allowed for it.
    pub consents: Vec<ConsentRecord>,
}

/// An operation that an earlier run of the same plan sent and that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousAttempt {
    /// The run that sent it last.
    pub run: SmolStr,
    /// The outcome that this run recorded, if any.
    pub outcome: Option<Outcome>,
    /// The vendor's name for the operation in progress.
    pub handle: Option<SmolStr>,
}

/// A run that did not end.
#[derive(Debug)]
pub struct UnfinishedRun {
    /// Its journal, to be ended.
    pub journal: RunJournal,
    /// The operations that it sent without a recorded outcome.
    pub unresolved: Vec<UnresolvedOperation>,
}

/// An operation that was sent and has no recorded outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnresolvedOperation {
    /// The operation.
    pub operation: Operation,
    /// Whether it rolls back another one.
    pub is_rollback: bool,
    /// The vendor's message if it refused the operation, which then had no effect.
    pub refusal: Option<String>,
    /// The vendor's name for the operation in progress.
    pub handle: Option<SmolStr>,
}

impl RunRow {
    /// Returns the state of the run.
    fn parse_state(&self) -> Result<RunState, StoreError> {
        self.state.as_deref().map_or(Ok(RunState::Running), |state| parse_word(state, RunState::parse))
    }

    /// Returns the digest of the plan.
    pub(super) fn digest(&self) -> Result<Digest, StoreError> {
        parse_digest(&self.plan)
    }
}

/// Parses the digest of a stored plan.
pub(super) fn parse_digest(text: &str) -> Result<Digest, StoreError> {
    Digest::parse(text).ok_or_else(|| StoreError::Corrupted(format!("invalid digest {text:?}")))
}

impl Store {
    /// Returns the last runs, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn runs(&self, limit: u32) -> Result<Vec<RunRecord>, StoreError> {
        let mut runs = Vec::new();
        for row in self.run_rows(RunFilter::Newest(limit)).await? {
            runs.push(self.run_record(row).await?);
        }
        Ok(runs)
    }

    /// Returns the run of a name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn run(&self, id: &str) -> Result<Option<RunRecord>, StoreError> {
        match self.run_rows(RunFilter::Named(id)).await?.pop() {
            None => Ok(None),
            Some(row) => self.run_record(row).await.map(Some),
        }
    }

    /// Whether a run of the plan completed it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn has_completed(&self, plan: &Digest) -> Result<bool, StoreError> {
        for run in self.run_rows(RunFilter::OfPlan(plan.as_str())).await? {
            if run.parse_state()? == RunState::Complete {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns the runs since the last complete one, newest first, with the digests of their plans.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recent_incomplete_runs(&self) -> Result<Vec<(SmolStr, Digest)>, StoreError> {
        let mut incomplete = Vec::new();
        for run in self.run_rows(RunFilter::Newest(INCOMPLETE_MAX)).await? {
            if run.parse_state()? == RunState::Complete {
                break;
            }
            incomplete.push((SmolStr::new(&run.name), run.digest()?));
        }
        Ok(incomplete)
    }

    /// Returns what earlier runs of the plan sent and the vendor did not refuse.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn previous_attempts(&self, plan: &Digest) -> Result<BTreeMap<OperationId, PreviousAttempt>, StoreError> {
        let names: BTreeMap<i64, SmolStr> = self
            .run_rows(RunFilter::OfPlan(plan.as_str()))
            .await?
            .into_iter()
            .map(|run| (run.number, SmolStr::from(run.name)))
            .collect();
        let mut previous = BTreeMap::new();
        for attempt in self.queue.backend.lock().await.attempts(plan.as_str()).await? {
            let Some(run) = names.get(&attempt.run).filter(|_| !attempt.rollback) else { continue };
            let operation = OperationId(attempt.operation.into());
            let reply = attempt.reply.as_deref().map(|reply| parse_word(reply, RecordedReply::parse)).transpose()?;
            if reply == Some(RecordedReply::Refused) {
                previous.remove(&operation);
                continue;
            }
            let outcome = attempt.outcome.as_deref().map(|word| parse_word(word, Outcome::parse)).transpose()?;
            let handle = attempt.handle.map(SmolStr::from);
            previous.insert(operation, PreviousAttempt { run: run.clone(), outcome, handle });
        }
        Ok(previous)
    }

    /// Returns the runs that did not end, with what they left unresolved. Only the holder of the lock knows that they died.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn unfinished_runs(self: &Arc<Self>) -> Result<Vec<UnfinishedRun>, StoreError> {
        let mut unfinished = Vec::new();
        for run in self.run_rows(RunFilter::Unended).await? {
            let plan = self.required_plan(&run.digest()?).await?;
            let (counted, attempts) = {
                let mut backend = self.queue.backend.lock().await;
                (CountedUsage::of_plan(&mut backend, &run.plan).await?, backend.attempts(&run.plan).await?)
            };
            let mut unresolved = Vec::new();
            for attempt in attempts {
                if attempt.run != run.number || attempt.outcome.is_some() {
                    continue;
                }
                let operation = if attempt.rollback {
                    parse_detail(attempt.detail.as_deref())?
                } else {
                    find_operation(&plan, &attempt.operation)?.clone()
                };
                let reply =
                    attempt.reply.as_deref().map(|reply| parse_word(reply, RecordedReply::parse)).transpose()?;
                let is_refused = reply == Some(RecordedReply::Refused);
                unresolved.push(UnresolvedOperation {
                    operation,
                    is_rollback: attempt.rollback,
                    refusal: is_refused.then(|| attempt.message.unwrap_or_default()),
                    handle: attempt.handle.filter(|_| !is_refused).map(SmolStr::from),
                });
            }
            let journal = RunJournal::new(Arc::clone(self), run.number, run.name.into(), plan, counted);
            unfinished.push(UnfinishedRun { journal, unresolved });
        }
        Ok(unfinished)
    }

    /// Reads runs after everything enqueued so far was written.
    pub(super) async fn run_rows(&self, filter: RunFilter<'_>) -> Result<Vec<RunRow>, StoreError> {
        self.flush_pending_writes().await;
        self.queue.backend.lock().await.runs(filter).await
    }

    async fn run_record(&self, row: RunRow) -> Result<RunRecord, StoreError> {
        let outcomes = self.queue.backend.lock().await.outcomes(&row).await?;
        // Ids are numbered in the order of the plan: `op-2` is before `op-10`. The last outcome of an operation counts.
        let mut last = BTreeMap::new();
        for OutcomeRow { operation, result, at, message } in outcomes {
            let outcome = OperationOutcome {
                id: OperationId(operation.into()),
                outcome: parse_word(&result, Outcome::parse)?,
                at: timestamp(at)?,
                message,
            };
            last.insert((outcome.id.0.len(), outcome.id.clone()), outcome);
        }
        let state = row.parse_state()?;
        let plan = row.digest()?;
        let RunStartDetail { actor, manifest, stored: _, content, operations: _, resumes, undoes, consents } =
            parse_detail(Some(&row.detail))?;
        Ok(RunRecord {
            run: Run::new(row.name.into(), plan, last.into_values().collect()),
            content,
            actor,
            manifest,
            started: timestamp(row.started)?,
            finished: row.finished.map(timestamp).transpose()?,
            state,
            resumes,
            undoes,
            consents,
        })
    }
}

/// Finds an operation in a plan, whose planner names operations `op-1`, `op-2` and so on.
pub(super) fn find_operation<'p>(plan: &'p crate::model::Plan, id: &str) -> Result<&'p Operation, StoreError> {
    let number = id.strip_prefix("op-").and_then(|number| number.parse::<usize>().ok()).unwrap_or_default();
    let expected = plan.operations.get(number.wrapping_sub(1)).filter(|operation| operation.id.0 == id);
    expected
        .or_else(|| plan.operations.iter().find(|operation| operation.id.0 == id))
        .ok_or_else(|| StoreError::Corrupted(format!("the plan `{}` has no operation `{id}`", plan.digest)))
}
