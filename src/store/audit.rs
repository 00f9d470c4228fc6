//! The journal as an audit trail: every record with its names, and whether the chain is whole.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::batch::{BatchMark, ChainHead, RecordBatch, RecordHash, hex};
use super::history::{RunStart, operation_at};
use super::record_line::{LockTakeover, RecordKind, RecordLine, RunStartDetail};
use super::select::RecordQuery;
use super::usage::day_number;
use super::{PAGE, Store, StoreError};
use crate::model::{AuditEvent, AuditOperation, AuditRecord, Digest, Outcome, RunState};

/// A whole audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedChain {
    /// How many records there are; the last one has this number.
    pub records: u64,
    /// The hash of the last record. Kept elsewhere, it shows later that nothing was cut off since.
    pub hash: String,
    /// How many runs there are.
    pub runs: u64,
}

/// The first thing that is wrong with an audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenChain {
    /// The records among which it is.
    pub first: u64,
    /// The last of them.
    pub last: u64,
    /// What is wrong.
    pub reason: String,
}

/// A head that somebody kept: a record's number and its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedHead {
    /// The record.
    pub seq: u64,
    /// Its hash, as 64 hexadecimal digits.
    pub hash: String,
}

impl Store {
    /// The records of a run, in their order; none where there is no such run.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn records(&self, run: &str) -> Result<Vec<AuditRecord>, StoreError> {
        let Some(RunStart { number, .. }) = self.beginning(run).await? else { return Ok(Vec::new()) };
        let (mut records, mut telling) = (Vec::new(), AuditCursor::default());
        let mut from = number;
        loop {
            let page = self.batches(RecordQuery::OfRun { run: number, from }, PAGE).await?;
            let Some(last) = page.last() else { return Ok(records) };
            from = last.last + 1;
            for batch in &page {
                self.add_records(batch, &mut telling, &mut records).await?;
            }
        }
    }

    /// Records from that number on, about so many: a page ends where records that were written together end. An empty
    /// page is the end.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn audit(&self, from: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        let (mut records, mut telling) = (Vec::new(), AuditCursor::default());
        let mut next = from.max(1);
        while records.len() < limit {
            let page = self.batches(RecordQuery::From(next), PAGE).await?;
            let Some(last) = page.last().filter(|last| last.last >= next) else { break };
            next = last.last + 1;
            for batch in page {
                self.add_records(&batch, &mut telling, &mut records).await?;
                if records.len() >= limit {
                    break;
                }
            }
        }
        records.retain(|record| record.seq >= from);
        Ok(records)
    }

    /// Follows the chain from the first record to the last one, and compares it with a head that was kept.
    ///
    /// # Errors
    /// When the store cannot be read at all.
    pub async fn verify(&self, kept: Option<&ExpectedHead>) -> Result<Result<VerifiedChain, BrokenChain>, StoreError> {
        self.flush_pending_writes().await;
        let holder = self.shared.backend.lock().await.holder().await?;
        let mut walk = ChainWalk { head: ChainHead::START, runs: 0, expected: kept };
        loop {
            let from = walk.head.seq + 1;
            let page = match self.batches(RecordQuery::From(from), PAGE).await {
                Ok(page) => page,
                // A row that is no batch any more is not an error of reading.
                Err(StoreError::Corrupted(what)) => return Ok(Err(walk.broken(from, what))),
                Err(error) => return Err(error),
            };
            // The first of a page may be the last of the page before.
            let mut page = page.into_iter().skip_while(|batch| batch.last < from).peekable();
            if page.peek().is_none() {
                break;
            }
            for batch in page {
                let stored = walk.step(&batch);
                match stored {
                    Err(broken) => return Ok(Err(broken)),
                    Ok(None) => {}
                    Ok(Some((plan, stored))) => {
                        let packed = self.shared.backend.lock().await.plan(plan.as_str()).await?;
                        if packed.is_none_or(|packed| Digest::of_bytes(&packed) != stored) {
                            let what = format!("the plan `{plan}` is missing, or not the one that was stored");
                            return Ok(Err(BrokenChain { first: batch.first, last: batch.last, reason: what }));
                        }
                    }
                }
            }
        }
        let seq = walk.head.seq;
        if holder.head > seq {
            let what = "the end is cut off: the store had these records".to_owned();
            return Ok(Err(BrokenChain { first: seq + 1, last: holder.head, reason: what }));
        }
        if let Some(ExpectedHead { seq: expected, .. }) = kept.filter(|kept| kept.seq > seq) {
            let what = "the end is cut off: the head that was kept is one of these records".to_owned();
            return Ok(Err(BrokenChain { first: seq + 1, last: *expected, reason: what }));
        }
        if let Some(damage) = self.shared.backend.lock().await.damage().await? {
            let what = format!("the database is damaged: {}", damage.lines().next().unwrap_or_default());
            return Ok(Err(BrokenChain { first: 1, last: seq.max(1), reason: what }));
        }
        Ok(Ok(VerifiedChain { records: seq, hash: hex(&walk.head.hash), runs: walk.runs }))
    }

    /// The hash before the first record of a batch.
    async fn hash_before(&self, batch: &RecordBatch) -> Result<RecordHash, StoreError> {
        if batch.first <= 1 {
            return Ok(ChainHead::START.hash);
        }
        let before = self.batches(RecordQuery::From(batch.first - 1), 1).await?;
        Ok(before.first().map_or(ChainHead::START.hash, |before| before.hash))
    }

    async fn add_records(
        &self,
        batch: &RecordBatch,
        telling: &mut AuditCursor,
        into: &mut Vec<AuditRecord>,
    ) -> Result<(), StoreError> {
        let before = match telling.last {
            Some((last, hash)) if last + 1 == batch.first => hash,
            _ => self.hash_before(batch).await?,
        };
        telling.last = Some((batch.last, batch.hash));
        if batch.run != 0 && telling.run.as_ref().is_none_or(|(number, _)| *number != batch.run) {
            telling.run = Some((batch.run, self.begun(batch.run).await?));
        }
        let run = telling.run.as_ref().filter(|_| batch.run != 0).map(|(_, began)| began);
        for ((seq, text), hash) in batch.lines().zip(batch.hashes(before)) {
            let line = RecordLine::read(text)?;
            let at = line.time()?;
            let event = self.event(line, batch.run, run, &mut telling.rollbacks).await?;
            let run = run.map(|began| began.run.clone());
            into.push(AuditRecord { seq, at, run, fence: batch.fence, event, hash: hex(&hash) });
        }
        Ok(())
    }

    /// How a run began, by the number of its first record.
    async fn begun(&self, run: u64) -> Result<RunStartDetail, StoreError> {
        let batches = self.batches(RecordQuery::OfRun { run, from: run }, 1).await?;
        match batches.first() {
            Some(batch) => Ok(RunStart::read(batch)?.began),
            None => Err(StoreError::Corrupted(format!("record {run} begins no run"))),
        }
    }

    async fn event(
        &self,
        line: RecordLine<'_>,
        number: u64,
        run: Option<&RunStartDetail>,
        remedies: &mut RollbackOperations,
    ) -> Result<AuditEvent, StoreError> {
        let missing = |what: &str| StoreError::Corrupted(format!("a record lacks its {what}"));
        Ok(match line.event {
            RecordKind::Lock => {
                let LockTakeover { owner, from } = line.lock.ok_or_else(|| missing("owner"))?;
                AuditEvent::LockTakenOver { owner, from }
            }
            RecordKind::Began => {
                let RunStartDetail {
                    run: _,
                    who,
                    manifest,
                    plan,
                    stored: _,
                    content,
                    operations,
                    numbered: _,
                    resumes,
                    undoes,
                    consents,
                } = line.began()?;
                AuditEvent::RunBegan { who, manifest, plan, content, operations, resumes, undoes, consents }
            }
            RecordKind::Ended => AuditEvent::RunEnded {
                state: line.word("state", RunState::parse)?,
                summary: line.summary.ok_or_else(|| missing("summary"))?,
            },
            RecordKind::Sent => AuditEvent::Sent { operation: self.operation(&line, number, run, remedies).await? },
            RecordKind::Answered => AuditEvent::Answered {
                operation: self.operation(&line, number, run, remedies).await?,
                reply: line.reply()?,
                status: line.status,
                message: line.message.map(Cow::into_owned),
                body: line.body.map(Cow::into_owned),
                handle: line.handle.map(Cow::into_owned),
            },
            RecordKind::Outcome => AuditEvent::Outcome {
                operation: self.operation(&line, number, run, remedies).await?,
                outcome: line.word("outcome", Outcome::parse)?,
                message: line.message.map(Cow::into_owned),
            },
        })
    }

    /// The operation that a line is about.
    async fn operation(
        &self,
        line: &RecordLine<'_>,
        number: u64,
        run: Option<&RunStartDetail>,
        remedies: &mut RollbackOperations,
    ) -> Result<AuditOperation, StoreError> {
        let Some(run) = run else { return Err(StoreError::Corrupted("an operation is of no run".to_owned())) };
        if let Some(place) = line.op {
            let plan = self.required_plan(&run.plan).await?;
            return Ok(AuditOperation::new(operation_at(&plan, place)?, false));
        }
        let id = line.remedy.as_deref().unwrap_or_default();
        // The record that it is sent holds it whole, the later ones only its name.
        if let Some(operation) = &line.operation {
            remedies.insert((number, id.to_owned()), AuditOperation::new(operation, true));
        }
        let key = (number, id.to_owned());
        if !remedies.contains_key(&key) {
            self.each_line(number, |_, line| {
                if let (Some(name), Some(operation)) = (&line.remedy, &line.operation) {
                    remedies.insert((number, name.clone().into_owned()), AuditOperation::new(operation, true));
                }
                Ok(())
            })
            .await?;
        }
        remedies.get(&key).cloned().ok_or_else(|| StoreError::Corrupted(format!("`{id}` was never sent")))
    }
}

/// Operations beside a plan, by the number of their run and their name.
type RollbackOperations = BTreeMap<(u64, String), AuditOperation>;

/// What is known while records are told one after the other.
#[derive(Default)]
struct AuditCursor {
    /// The last record that was told, and its hash.
    last: Option<(u64, RecordHash)>,
    /// The run that was told of last, by the number of its first record.
    run: Option<(u64, RunStartDetail)>,
    rollbacks: RollbackOperations,
}

/// A walk along the chain.
struct ChainWalk<'a> {
    head: ChainHead,
    runs: u64,
    expected: Option<&'a ExpectedHead>,
}

impl ChainWalk<'_> {
    fn broken(&self, last: u64, what: impl Into<String>) -> BrokenChain {
        let first = self.head.seq + 1;
        BrokenChain { first, last: last.max(first), reason: what.into() }
    }

    /// Takes one batch; the plan that it begins with and the digest of what is stored of it, where it does.
    fn step(&mut self, batch: &RecordBatch) -> Result<Option<(Digest, Digest)>, BrokenChain> {
        let expected = self.head.seq + 1;
        if batch.first > expected {
            return Err(self.broken(batch.first - 1, "missing"));
        }
        let count = u64::try_from(batch.records.lines().count()).unwrap_or(u64::MAX);
        if batch.first < expected || count == 0 || batch.first.checked_add(count - 1) != Some(batch.last) {
            return Err(self.broken(batch.last, "changed: their numbers do not follow each other"));
        }
        let mut hash = self.head.hash;
        for (seq, own) in (batch.first..).zip(batch.hashes(self.head.hash)) {
            if let Some(kept) = self.expected.filter(|kept| kept.seq == seq)
                && kept.hash != hex(&own)
            {
                return Err(BrokenChain {
                    first: seq,
                    last: seq,
                    reason: "not the record whose hash was kept".to_owned(),
                });
            }
            hash = own;
        }
        if hash != batch.hash {
            return Err(self.broken(batch.last, "changed, or moved from another place"));
        }
        let began = self.columns(batch)?;
        self.head = ChainHead { seq: batch.last, hash, day: batch.day.unwrap_or(self.head.day) };
        Ok(began)
    }

    /// Whether the columns beside the records say what the records say.
    fn columns(&mut self, batch: &RecordBatch) -> Result<Option<(Digest, Digest)>, BrokenChain> {
        let unreadable = |error: StoreError| self.broken(batch.last, error.to_string());
        let mut day = self.head.day;
        let mut mark = BatchMark::Plain;
        let mut began = None;
        for (_, line) in batch.lines() {
            let line = RecordLine::read(line).map_err(unreadable)?;
            day = day.max(day_number(line.time().map_err(unreadable)?));
            match line.event {
                RecordKind::Began => {
                    mark = BatchMark::Began;
                    began = Some(line.began().map_err(unreadable)?);
                }
                RecordKind::Ended => mark = BatchMark::Ended,
                RecordKind::Sent | RecordKind::Answered | RecordKind::Outcome | RecordKind::Lock => {}
            }
        }
        let name = began.as_ref().map(|began| began.run.as_str());
        let plan = began.as_ref().map(|began| began.plan.as_str());
        let is_sound = mark == batch.mark
            && name == batch.name.as_deref()
            && plan == batch.plan.as_deref()
            && batch.day == (day > self.head.day).then_some(day);
        if !is_sound {
            return Err(self.broken(batch.last, "changed: their columns are not what the records say"));
        }
        self.runs += u64::from(mark == BatchMark::Began);
        Ok(began.map(|began| (began.plan, began.stored)))
    }
}
