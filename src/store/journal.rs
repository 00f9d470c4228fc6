//! The writing half: runs begin, operations are sent and answered, runs end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use smol_str::SmolStr;

use super::batch::{BatchMark, WriteUnit};
use super::record_line::{RecordKind, RecordLine, RecordSubject, RunStartDetail};
use super::select::RecordQuery;
use super::usage::{CountedUsage, day_number};
use super::{LicenseUsage, Store, StoreError, plan_codec};
use crate::model::{
    ConsentRecord, Digest, Operation, OperationId, Outcome, OutcomeSummary, Plan, RecordedReply, RunState,
};

/// One record of the journal.
#[derive(Clone, Copy, Debug)]
pub enum JournalEntry<'a> {
    /// The operation is about to be sent.
    Sent(&'a Operation),
    /// The vendor answered.
    Answered {
        /// The operation.
        operation: &'a OperationId,
        /// How.
        reply: RecordedReply,
        /// The status of the answer, such as 409.
        status: Option<u16>,
        /// In what words.
        message: Option<&'a str>,
        /// What else it said, without secrets.
        body: Option<&'a str>,
        /// What the vendor calls the operation while it is at work on it.
        handle: Option<&'a str>,
    },
    /// The fate of the operation is known.
    Outcome {
        /// The operation.
        operation: &'a OperationId,
        /// Its fate.
        outcome: Outcome,
        /// Why.
        message: Option<&'a str>,
        /// What it did to the holders of licenses.
        touches: &'a [LicenseUsage],
    },
}

impl JournalEntry<'_> {
    fn operation(&self) -> &OperationId {
        match self {
            Self::Sent(operation) => &operation.id,
            Self::Answered { operation, .. } | Self::Outcome { operation, .. } => operation,
        }
    }
}

/// What a run has to do with an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunLinks<'a> {
    /// The run whose plan it goes on with.
    pub resumes: Option<&'a str>,
    /// The run that it takes back.
    pub undoes: Option<&'a str>,
}

/// The journal of one run.
#[derive(Debug)]
pub struct RunJournal {
    store: Arc<Store>,
    /// The number of the record that began it.
    number: u64,
    id: SmolStr,
    plan: Arc<Plan>,
    /// The places of the operations, where their names do not tell them.
    operation_indexes: OnceLock<BTreeMap<OperationId, u32>>,
    /// What the windows of the limits know of the plan's operations already.
    counted_usage: Mutex<CountedUsage>,
}

impl Store {
    /// Begins a run of that plan, with what was allowed for it; `resumes` is the run whose plan it goes on with.
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

    /// The same of a run that has to do with an earlier one.
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
        // Two runs of one process must not take the same name.
        let _turn = self.begin_guard.lock().await;
        let digest = plan.digest.as_str();
        let (counted, stored, stem) = {
            let mut backend = self.shared.backend.lock().await;
            let counted = CountedUsage::of_plan(&mut backend, digest).await?;
            let stored = match backend.plan(digest).await? {
                Some(packed) => packed,
                None => {
                    let packed = plan_codec::pack(plan)?;
                    backend.put_plan(digest, &packed, self.shared.fence).await?;
                    packed
                }
            };
            let stem = format!("run-{}-", at.to_zoned(TimeZone::UTC).strftime("%Y%m%d-%H%M%S"));
            let same_second = backend.batches(RecordQuery::NamedLike(&stem), u32::MAX).await?.len();
            (counted, Digest::of_bytes(&stored), format!("{stem}{}", same_second + 1))
        };
        let id = SmolStr::from(stem);
        let began = RunStartDetail {
            run: id.clone(),
            who: self.owner.clone(),
            manifest: manifest.to_owned(),
            plan: plan.digest.clone(),
            stored,
            content: plan.content.clone(),
            numbered: is_numbered(plan),
            operations: u64::try_from(plan.operations.len()).unwrap_or(u64::MAX),
            resumes: resumes.map(SmolStr::new),
            undoes: undoes.map(SmolStr::new),
            consents: consents.to_vec(),
        };
        let mut line = RecordLine::new(RecordKind::Began, at);
        line.began = Some(Box::new(began));
        let mut records = String::new();
        line.push_to(&mut records)?;
        let unit = WriteUnit {
            run: 0,
            mark: BatchMark::Began,
            name: Some(id.to_string()),
            plan: Some(digest.to_owned()),
            day: day_number(at),
            records,
            count: 1,
        };
        let number = self.shared.write(unit).await?;
        Ok(RunJournal::new(Arc::clone(self), number, id, Arc::clone(plan), counted))
    }
}

impl RunJournal {
    pub(super) fn new(store: Arc<Store>, number: u64, id: SmolStr, plan: Arc<Plan>, counted: CountedUsage) -> Self {
        Self { store, number, id, plan, operation_indexes: OnceLock::new(), counted_usage: Mutex::new(counted) }
    }

    /// The run's name.
    pub fn id(&self) -> &SmolStr {
        &self.id
    }

    /// The plan that it carries out.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Writes the record of an operation of the plan; it is durable when this returns.
    ///
    /// # Errors
    /// When it cannot be written: then nothing may be sent.
    pub async fn record(&self, entry: JournalEntry<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.record_all(&[entry], at).await
    }

    /// Writes several records, all or none.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn record_all(&self, entries: &[JournalEntry<'_>], at: Timestamp) -> Result<(), StoreError> {
        self.store.shared.write(self.unit(entries, at, false)?).await.map(|_| ())
    }

    /// Writes the record of what is sent to mend a failed operation, and is no operation of the plan.
    ///
    /// # Errors
    /// When it cannot be written: then nothing may be sent.
    pub async fn record_rollback(&self, entry: JournalEntry<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.store.shared.write(self.unit(&[entry], at, true)?).await.map(|_| ())
    }

    /// Hands in the record of an operation of the plan without waiting until it is durable: it is so before whatever is
    /// recorded later. For what a crash may forget, such as an answer, which is read back then.
    ///
    /// # Errors
    /// When an earlier record could not be written.
    pub fn enqueue(&self, entry: JournalEntry<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.store.shared.enqueue(self.unit(&[entry], at, false)?)
    }

    /// The same for what is no operation of the plan.
    ///
    /// # Errors
    /// When an earlier record could not be written.
    pub fn enqueue_rollback(&self, entry: JournalEntry<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.store.shared.enqueue(self.unit(&[entry], at, true)?)
    }

    /// Ends the run.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub async fn finish(&self, state: RunState, summary: &OutcomeSummary, at: Timestamp) -> Result<(), StoreError> {
        let mut line = RecordLine::new(RecordKind::Ended, at);
        line.is = Some(state.as_str().into());
        line.summary = Some(*summary);
        let mut records = String::new();
        line.push_to(&mut records)?;
        self.store.shared.write(self.unit_of(BatchMark::Ended, records, 1, at)).await.map(|_| ())
    }

    fn unit(&self, entries: &[JournalEntry<'_>], at: Timestamp, remedy: bool) -> Result<WriteUnit, StoreError> {
        let mut records = String::with_capacity(96 * entries.len());
        let mut count = 0;
        for entry in entries {
            let operation = entry.operation();
            let about = if remedy {
                RecordSubject::Remedy(&operation.0)
            } else {
                RecordSubject::Planned(self.operation_index(operation)?)
            };
            let touches = match (entry, about) {
                (JournalEntry::Outcome { touches, .. }, RecordSubject::Planned(place)) if !touches.is_empty() => {
                    self.counted_usage.lock().unwrap_or_else(PoisonError::into_inner).add(place, touches)
                }
                _ => Vec::new(),
            };
            RecordLine::of(entry, about, &touches, at).push_to(&mut records)?;
            count += 1;
        }
        Ok(self.unit_of(BatchMark::Plain, records, count, at))
    }

    fn unit_of(&self, mark: BatchMark, records: String, count: u64, at: Timestamp) -> WriteUnit {
        WriteUnit { run: self.number, mark, name: None, plan: None, day: day_number(at), records, count }
    }

    /// The place of an operation in the plan.
    fn operation_index(&self, id: &OperationId) -> Result<u32, StoreError> {
        let told = number_of(id).and_then(|number| number.checked_sub(1));
        if let Some(place) = told.filter(|place| self.plan.operations.get(*place).is_some_and(|known| known.id == *id))
        {
            return Ok(u32::try_from(place).unwrap_or(u32::MAX));
        }
        let places = self
            .operation_indexes
            .get_or_init(|| self.plan.operations.iter().map(|operation| operation.id.clone()).zip(0..).collect());
        places
            .get(id)
            .copied()
            .ok_or_else(|| StoreError::Corrupted(format!("`{id}` is no operation of the plan of `{}`", self.id)))
    }
}

/// The number in an operation's name: the planner numbers them in their order.
fn number_of(id: &OperationId) -> Option<usize> {
    id.0.strip_prefix("op-").filter(|number| !number.starts_with(['0', '+'])).and_then(|number| number.parse().ok())
}

fn is_numbered(plan: &Plan) -> bool {
    (1..).zip(&plan.operations).all(|(number, operation)| number_of(&operation.id) == Some(number))
}
