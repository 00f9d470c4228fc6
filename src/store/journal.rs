//! Writing the journal: runs begin, operations are sent and answered, runs end.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use smol_str::SmolStr;

use super::query::RunFilter;
use super::record::{Record, RecordEvent, RunStartDetail};
use super::usage::{CountedUsage, usage_rows};
use super::{LicenseUsage, Store, StoreError, plan_codec};
use crate::model::{
    ConsentRecord, Digest, Operation, OperationId, Outcome, OutcomeSummary, Plan, RecordedReply, RunState,
};

/// The longest message or body that is stored, in bytes.
const TEXT_MAX_BYTES: usize = 2048;

/// One record about an operation.
#[derive(Clone, Copy, Debug)]
pub enum JournalEntry<'a> {
    /// The operation is about to be sent.
    Sent(&'a Operation),
    /// The vendor answered.
    Answered {
        /// The operation.
        operation: &'a OperationId,
        /// Whether the vendor accepted it.
        reply: RecordedReply,
        /// The HTTP status, such as 409.
        status: Option<u16>,
        /// The vendor's message.
        message: Option<&'a str>,
        /// The rest of the answer, without secrets.
        body: Option<&'a str>,
        /// The vendor's name for the operation in progress.
        handle: Option<&'a str>,
    },
    /// The outcome of the operation is known.
    Outcome {
        /// The operation.
        operation: &'a OperationId,
        /// Its outcome.
        outcome: Outcome,
        /// The reason.
        message: Option<&'a str>,
        /// What it counts toward the rolling limits.
        usage: &'a [LicenseUsage],
    },
}

/// How a run relates to an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunLinks<'a> {
    /// The run whose plan it continues.
    pub resumes: Option<&'a str>,
    /// The run that it reverts.
    pub undoes: Option<&'a str>,
}

/// The journal of one run.
#[derive(Debug)]
pub struct RunJournal {
    store: Arc<Store>,
    /// The number of the record that began the run.
    number: i64,
    id: SmolStr,
    plan: Arc<Plan>,
    counted_usage: Mutex<CountedUsage>,
}

impl Store {
    /// Begins a run of a plan, with the exceptions that were allowed for it; `resumes` is the run whose plan it continues.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub async fn begin(
        self: &Arc<Self>,
        plan: &Arc<Plan>,
        manifest: &str,
        consents: &[ConsentRecord],
        resumes: Option<&str>,
        at: Timestamp,
    ) -> Result<RunJournal, StoreError> {
        self.begin_linked(plan, manifest, consents, RunLinks { resumes, undoes: None }, at).await
    }

    /// Begins a run that relates to an earlier one.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub async fn begin_linked(
        self: &Arc<Self>,
        plan: &Arc<Plan>,
        manifest: &str,
        consents: &[ConsentRecord],
        RunLinks { resumes, undoes }: RunLinks<'_>,
        at: Timestamp,
    ) -> Result<RunJournal, StoreError> {
        // Two runs of one process must not get the same name.
        let _guard = self.begin_guard.lock().await;
        let digest = plan.digest.as_str();
        let mut backend = self.queue.backend.lock().await;
        let counted = CountedUsage::of_plan(&mut backend, digest).await?;
        let stored = match backend.plan(digest).await? {
            Some(packed) => packed,
            None => {
                let packed = plan_codec::pack(plan)?;
                backend.put_plan(digest, &packed, self.queue.fence).await?;
                packed
            }
        };
        let prefix = format!("run-{}-", at.to_zoned(TimeZone::UTC).strftime("%Y%m%d-%H%M%S"));
        let same_second = backend.runs(RunFilter::NamePrefix(&prefix)).await?.len();
        drop(backend);
        let id = format!("{prefix}{}", same_second + 1);
        let mut record = Record::new(RecordEvent::Began, at).with_detail(&RunStartDetail {
            actor: self.owner.clone(),
            manifest: manifest.to_owned(),
            stored: Digest::of_bytes(&stored),
            content: plan.content.clone(),
            operations: u64::try_from(plan.operations.len()).unwrap_or(u64::MAX),
            resumes: resumes.map(SmolStr::new),
            undoes: undoes.map(SmolStr::new),
            consents: consents.to_vec(),
        })?;
        record.name = Some(id.clone());
        record.plan = Some(digest.to_owned());
        let number = self.queue.write(vec![record]).await?;
        Ok(RunJournal::new(Arc::clone(self), number, id.into(), Arc::clone(plan), counted))
    }
}

impl RunJournal {
    pub(super) fn new(store: Arc<Store>, number: i64, id: SmolStr, plan: Arc<Plan>, counted: CountedUsage) -> Self {
        Self { store, number, id, plan, counted_usage: Mutex::new(counted) }
    }

    /// Returns the name of the run.
    pub fn id(&self) -> &SmolStr {
        &self.id
    }

    /// Returns the plan of the run.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Writes a record about an operation of the plan; it is durable when this returns.
    ///
    /// # Errors
    /// When it cannot be written; then nothing may be sent.
    pub async fn record(&self, entry: JournalEntry<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.record_all(&[entry], at).await
    }

    /// Writes several records, all or none.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn record_all(&self, entries: &[JournalEntry<'_>], at: Timestamp) -> Result<(), StoreError> {
        let records = entries.iter().map(|entry| self.new_record(entry, false, at)).collect::<Result<_, _>>()?;
        self.store.queue.write(records).await.map(|_| ())
    }

    /// Writes a record about an operation that rolls back another one and is not part of the plan.
    ///
    /// # Errors
    /// When it cannot be written; then nothing may be sent.
    pub async fn record_rollback(&self, entry: JournalEntry<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.store.queue.write(vec![self.new_record(&entry, true, at)?]).await.map(|_| ())
    }

    /// Enqueues a record about an operation of the plan. It is durable before any record that is written later. For what
    /// a crash may lose, such as an answer that can be read back.
    ///
    /// # Errors
    /// When an earlier record could not be written.
    pub fn enqueue(&self, entry: JournalEntry<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.store.queue.enqueue(vec![self.new_record(&entry, false, at)?])
    }

    /// Enqueues a record about an operation that rolls back another one.
    ///
    /// # Errors
    /// When an earlier record could not be written.
    pub fn enqueue_rollback(&self, entry: JournalEntry<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.store.queue.enqueue(vec![self.new_record(&entry, true, at)?])
    }

    /// Ends the run.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub async fn finish(&self, state: RunState, summary: &OutcomeSummary, at: Timestamp) -> Result<(), StoreError> {
        let mut record = Record::new(RecordEvent::Ended, at).with_detail(summary)?;
        record.run = self.number;
        record.result = Some(state.as_str().to_owned());
        self.store.queue.write(vec![record]).await.map(|_| ())
    }

    fn new_record(&self, entry: &JournalEntry<'_>, rollback: bool, at: Timestamp) -> Result<Record, StoreError> {
        let (event, id) = match entry {
            JournalEntry::Sent(operation) => (RecordEvent::Sent, &operation.id),
            JournalEntry::Answered { operation, .. } => (RecordEvent::Answered, *operation),
            JournalEntry::Outcome { operation, .. } => (RecordEvent::Outcome, *operation),
        };
        let mut record = Record::new(event, at);
        record.run = self.number;
        record.operation = Some(id.0.to_string());
        record.rollback = rollback;
        match *entry {
            // The plan has the operation, unless it is a rollback.
            JournalEntry::Sent(operation) if rollback => record = record.with_detail(operation)?,
            JournalEntry::Sent(_) => {}
            JournalEntry::Answered { operation: _, reply, status, message, body, handle } => {
                record.result = Some(reply.as_str().to_owned());
                record.status = status.map(i64::from);
                record.message = message.map(truncate);
                record.body = body.map(truncate);
                record.handle = handle.map(truncate);
            }
            JournalEntry::Outcome { operation, outcome, message, usage } => {
                record.result = Some(outcome.as_str().to_owned());
                record.message = message.map(truncate);
                if !rollback {
                    let mut counted = self.counted_usage.lock().unwrap_or_else(PoisonError::into_inner);
                    record.usage = usage_rows(counted.raise(operation, usage), at);
                }
            }
        }
        Ok(record)
    }
}

/// Limits the length of a text, and replaces NUL, which PostgreSQL cannot store.
fn truncate(text: &str) -> String {
    let end = text.floor_char_boundary(TEXT_MAX_BYTES);
    let ellipsis = if end < text.len() { "…" } else { "" };
    format!("{}{ellipsis}", text[..end].replace('\0', "\u{fffd}"))
}
