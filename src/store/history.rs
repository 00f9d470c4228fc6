//! The reading half: what earlier runs did, and what they left open.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};

use super::batch::RecordBatch;
use super::record_line::{RecordKind, RecordLine, RunStartDetail};
use super::select::RecordQuery;
use super::usage::CountedUsage;
use super::{PAGE, RunJournal, Store, StoreError};
use crate::model::{
    ConsentRecord, Digest, Operation, OperationId, OperationOutcome, Outcome, Plan, RecordedReply, Run, RunState,
};

/// A run as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// The run, with the outcomes that are known.
    pub run: Run,
    /// The plan's `content`.
    pub content: Digest,
    /// Who began it.
    pub actor: String,
    /// The manifest's path as it was given.
    pub manifest: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended, or was found to have died.
    pub finished: Option<Timestamp>,
    /// How far it is.
    pub state: RunState,
    /// The run whose plan it goes on with.
    pub resumes: Option<SmolStr>,
    /// The run that it takes back.
    pub undoes: Option<SmolStr>,
    /// What was allowed for it although a rule says no.
    pub consents: Vec<ConsentRecord>,
}

/// An operation that an earlier run of the same plan sent, and that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousAttempt {
    /// The run that sent it last.
    pub run: SmolStr,
    /// What that run found to have come of it, if it lived to say so.
    pub outcome: Option<Outcome>,
    /// What the vendor calls it while it is at work on it.
    pub handle: Option<SmolStr>,
}

/// A run that died.
#[derive(Debug)]
pub struct UnfinishedRun {
    /// Its journal, to be ended.
    pub journal: RunJournal,
    /// What it sent without learning what came of it.
    pub unresolved: Vec<UnresolvedOperation>,
}

/// An operation that was sent, and whose outcome was not written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnresolvedOperation {
    /// The operation.
    pub operation: Operation,
    /// Whether it was sent to mend a failed one.
    pub is_rollback: bool,
    /// What the vendor said when it refused; then it is known to have had no effect.
    pub refusal: Option<String>,
    /// What the vendor calls it while it is at work on it.
    pub handle: Option<SmolStr>,
}

/// How far back runs that did not bring about everything are looked at.
const INCOMPLETE_MAX: u32 = 16;

/// How a run began, read from its first batch.
pub(super) struct RunStart {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) began: RunStartDetail,
}

impl RunStart {
    pub(super) fn read(batch: &RecordBatch) -> Result<Self, StoreError> {
        let Some((number, line)) = batch.lines().next() else {
            return Err(StoreError::Corrupted(format!("the batch of record {} is empty", batch.first)));
        };
        let line = RecordLine::read(line)?;
        Ok(Self { number, at: line.time()?, began: line.began()? })
    }
}

impl Store {
    /// The last runs, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn runs(&self, limit: u32) -> Result<Vec<RunRecord>, StoreError> {
        let begun = self.batches(RecordQuery::BegunBefore(i64::MAX.unsigned_abs()), limit).await?;
        let mut runs = Vec::with_capacity(begun.len());
        for batch in begun {
            runs.push(self.record_of(RunStart::read(&batch)?).await?);
        }
        Ok(runs)
    }

    /// The run of that name, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn run(&self, id: &str) -> Result<Option<RunRecord>, StoreError> {
        match self.beginning(id).await? {
            None => Ok(None),
            Some(beginning) => self.record_of(beginning).await.map(Some),
        }
    }

    /// Whether a run of the plan brought about everything in it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn has_completed(&self, plan: &Digest) -> Result<bool, StoreError> {
        for run in self.batches(RecordQuery::OfPlan(plan.as_str()), u32::MAX).await? {
            for end in self.batches(RecordQuery::EndOf(run.first), 1).await? {
                for (_, line) in end.lines() {
                    if RecordLine::read(line)?.word("state", RunState::parse)? == RunState::Complete {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    /// The last runs that did not bring about everything, with the digests of their plans, the newest first, back to the
    /// last one that did.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recent_incomplete_runs(&self) -> Result<Vec<(SmolStr, Digest)>, StoreError> {
        let mut incomplete = Vec::new();
        for batch in self.batches(RecordQuery::BegunBefore(i64::MAX.unsigned_abs()), INCOMPLETE_MAX).await? {
            let mut state = RunState::Running;
            for end in self.batches(RecordQuery::EndOf(batch.first), 1).await? {
                for (_, line) in end.lines() {
                    state = RecordLine::read(line)?.word("state", RunState::parse)?;
                }
            }
            if state == RunState::Complete {
                break;
            }
            let RunStart { began, .. } = RunStart::read(&batch)?;
            incomplete.push((began.run, began.plan));
        }
        Ok(incomplete)
    }

    /// What earlier runs of the plan sent, and the vendor did not refuse.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn previous_attempts(&self, plan: &Digest) -> Result<BTreeMap<OperationId, PreviousAttempt>, StoreError> {
        let mut earlier: BTreeMap<OperationId, PreviousAttempt> = BTreeMap::new();
        for batch in self.batches(RecordQuery::OfPlan(plan.as_str()), u32::MAX).await? {
            let RunStart { number, began, .. } = RunStart::read(&batch)?;
            let names = self.names(&began).await?;
            let run = began.run;
            self.each_line(number, |_, line| {
                let Some(place) = line.op else { return Ok(()) };
                let operation = names.of(place)?;
                match line.event {
                    RecordKind::Sent => {
                        earlier.insert(operation, PreviousAttempt { run: run.clone(), outcome: None, handle: None });
                    }
                    RecordKind::Answered if line.reply()? == RecordedReply::Refused => {
                        earlier.remove(&operation);
                    }
                    RecordKind::Answered => {
                        if let Some(known) = earlier.get_mut(&operation) {
                            known.handle = line.handle.as_deref().map(SmolStr::new);
                        }
                    }
                    RecordKind::Outcome => {
                        // A later run that sent nothing says nothing about what was sent.
                        if let Some(known) = earlier.get_mut(&operation).filter(|known| known.run == run) {
                            known.outcome = Some(line.word("outcome", Outcome::parse)?);
                        }
                    }
                    _ => {}
                }
                Ok(())
            })
            .await?;
        }
        Ok(earlier)
    }

    /// The runs that died, with what they left open. Only whoever holds the lock can know that they did.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn unfinished_runs(self: &Arc<Self>) -> Result<Vec<UnfinishedRun>, StoreError> {
        let begun = self.batches(RecordQuery::Unended, u32::MAX).await?;
        let mut unfinished = Vec::with_capacity(begun.len());
        for batch in begun {
            let RunStart { number, began, .. } = RunStart::read(&batch)?;
            let plan = self.required_plan(&began.plan).await?;
            let unanswered = self.unresolved_operations(number, &plan).await?;
            let counted = {
                let mut backend = self.shared.backend.lock().await;
                CountedUsage::of_plan(&mut backend, began.plan.as_str()).await?
            };
            let journal = RunJournal::new(Arc::clone(self), number, began.run, plan, counted);
            unfinished.push(UnfinishedRun { journal, unresolved: unanswered });
        }
        Ok(unfinished)
    }

    /// What of a run was sent and has no outcome, in the order of sending.
    async fn unresolved_operations(&self, run: u64, plan: &Plan) -> Result<Vec<UnresolvedOperation>, StoreError> {
        let mut sent: BTreeMap<(Option<u32>, Option<String>), (u64, UnresolvedOperation)> = BTreeMap::new();
        self.each_line(run, |seq, line| {
            let key = (line.op, line.remedy.as_deref().map(str::to_owned));
            match line.event {
                RecordKind::Sent => {
                    let operation = match (line.op, line.operation) {
                        (Some(place), _) => operation_at(plan, place)?.clone(),
                        (None, Some(operation)) => operation.into_owned(),
                        (None, None) => return Err(StoreError::Corrupted(format!("record {seq} sends nothing"))),
                    };
                    let remedy = line.op.is_none();
                    sent.insert(
                        key,
                        (seq, UnresolvedOperation { operation, is_rollback: remedy, refusal: None, handle: None }),
                    );
                }
                RecordKind::Answered if line.reply()? == RecordedReply::Refused => {
                    if let Some((_, open)) = sent.get_mut(&key) {
                        open.refusal = Some(line.message.map(Cow::into_owned).unwrap_or_default());
                    }
                }
                RecordKind::Answered => {
                    if let Some((_, open)) = sent.get_mut(&key) {
                        open.handle = line.handle.as_deref().map(SmolStr::new);
                    }
                }
                RecordKind::Outcome => {
                    sent.remove(&key);
                }
                _ => {}
            }
            Ok(())
        })
        .await?;
        let mut open: Vec<_> = sent.into_values().collect();
        open.sort_by_key(|(seq, _)| *seq);
        Ok(open.into_iter().map(|(_, open)| open).collect())
    }

    async fn record_of(&self, beginning: RunStart) -> Result<RunRecord, StoreError> {
        let RunStart { number, at, began } = beginning;
        let names = self.names(&began).await?;
        let mut outcomes = BTreeMap::new();
        let (mut state, mut finished) = (RunState::Running, None);
        self.each_text(number, |_, text| {
            // Two of three records are of no use here, and reading them costs more than looking for a word.
            if !["\"outcome\"", "\"ended\""].iter().any(|event| text.contains(event)) {
                return Ok(());
            }
            let line = RecordLine::read(text)?;
            match (line.event, line.op) {
                (RecordKind::Outcome, Some(place)) => {
                    let outcome = OperationOutcome {
                        id: names.of(place)?,
                        outcome: line.word("outcome", Outcome::parse)?,
                        at: line.time()?,
                        message: line.message.map(Cow::into_owned),
                    };
                    outcomes.insert(place, outcome);
                }
                (RecordKind::Ended, _) => {
                    state = line.word("state", RunState::parse)?;
                    finished = Some(line.time()?);
                }
                _ => {}
            }
            Ok(())
        })
        .await?;
        let RunStartDetail { run, who, manifest, plan, content, resumes, undoes, consents, .. } = began;
        let run = Run::new(run, plan, outcomes.into_values().collect());
        Ok(RunRecord { run, content, actor: who, manifest, started: at, finished, state, resumes, undoes, consents })
    }

    /// How the run of that name began.
    pub(super) async fn beginning(&self, id: &str) -> Result<Option<RunStart>, StoreError> {
        self.batches(RecordQuery::Named(id), 1).await?.first().map(RunStart::read).transpose()
    }

    /// Shows every record of a run, in their order.
    pub(super) async fn each_line(
        &self,
        run: u64,
        mut show: impl FnMut(u64, RecordLine<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.each_text(run, |seq, text| show(seq, RecordLine::read(text)?)).await
    }

    /// Shows every record of a run as it is stored, in their order.
    async fn each_text(
        &self,
        run: u64,
        mut show: impl FnMut(u64, &str) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut from = run;
        loop {
            let page = self.batches(RecordQuery::OfRun { run, from }, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            from = last.last + 1;
            for (seq, text) in page.iter().flat_map(RecordBatch::lines) {
                show(seq, text)?;
            }
        }
    }

    /// What the operations of a run's plan are called.
    async fn names(&self, began: &RunStartDetail) -> Result<OperationNames, StoreError> {
        if began.numbered {
            Ok(OperationNames::Numbered)
        } else {
            self.required_plan(&began.plan).await.map(OperationNames::Of)
        }
    }
}

/// What the operations of a plan are called.
enum OperationNames {
    /// `op-1`, `op-2`, and so on, as the planner does.
    Numbered,
    Of(Arc<Plan>),
}

impl OperationNames {
    fn of(&self, place: u32) -> Result<OperationId, StoreError> {
        match self {
            Self::Numbered => Ok(OperationId(format_smolstr!("op-{}", u64::from(place) + 1))),
            Self::Of(plan) => operation_at(plan, place).map(|operation| operation.id.clone()),
        }
    }
}

/// The operation of a plan at a place.
pub(super) fn operation_at(plan: &Plan, place: u32) -> Result<&Operation, StoreError> {
    let index = usize::try_from(place).unwrap_or(usize::MAX);
    plan.operations
        .get(index)
        .ok_or_else(|| StoreError::Corrupted(format!("the plan `{}` has no operation {place}", plan.digest)))
}
