//! The writing half: runs begin, operations are sent and answered, runs end.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use smol_str::SmolStr;
use sqlx::{Connection as _, SqliteConnection};

use super::{RunState, Store, StoreError, Touch, consent, past};
use crate::model::{Consented, Operation, OperationId, Outcome, OutcomeSummary, Plan};

/// How a vendor answered an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It did not refuse.
    Accepted,
    /// It refused, surely without effect.
    Refused,
    /// There was no answer to rely on: the effect may be there.
    Doubtful,
}

/// One record of the journal.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'a> {
    /// The operation is about to be sent.
    Sent(&'a Operation),
    /// The vendor answered.
    Answered {
        /// The operation.
        operation: &'a OperationId,
        /// How.
        reply: Reply,
        /// In what words.
        message: Option<&'a str>,
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
        touches: &'a [Touch],
    },
}

/// The journal of one run.
#[derive(Debug)]
pub struct RunJournal {
    store: Arc<Store>,
    number: i64,
    id: SmolStr,
    plan: SmolStr,
    next: AtomicI64,
}

impl Store {
    /// Begins a run of that plan, with what was allowed for it.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub async fn begin(
        self: &Arc<Self>,
        plan: &Plan,
        manifest: &str,
        consents: &[Consented],
        at: Timestamp,
    ) -> Result<RunJournal, StoreError> {
        let mut connection = self.connection.lock().await;
        let mut connection = connection.begin().await?;
        let stem = format!("run-{}-", at.to_zoned(TimeZone::UTC).strftime("%Y%m%d-%H%M%S"));
        let (same_second,): (i64,) = sqlx::query_as("select count(*) from runs where substr(id, 1, length(?1)) = ?1")
            .bind(&stem)
            .fetch_one(&mut *connection)
            .await?;
        let id = SmolStr::from(format!("{stem}{}", same_second + 1));
        let row = sqlx::query(
            "insert into runs (id, plan, content, manifest, started, state) values (?, ?, ?, ?, ?, 'running')",
        )
        .bind(id.as_str())
        .bind(plan.digest.as_str())
        .bind(plan.content.as_str())
        .bind(manifest)
        .bind(at.to_string())
        .execute(&mut *connection)
        .await?;
        let number = row.last_insert_rowid();
        consent::write(&mut connection, number, consents, at).await?;
        connection.commit().await?;
        let plan = SmolStr::new(plan.digest.as_str());
        Ok(RunJournal { store: Arc::clone(self), number, id, plan, next: AtomicI64::new(1) })
    }

    /// The journal of an earlier run, to go on writing it.
    pub(super) async fn reopen(
        self: &Arc<Self>,
        number: i64,
        id: SmolStr,
        plan: SmolStr,
    ) -> Result<RunJournal, StoreError> {
        let mut connection = self.connection.lock().await;
        let (last,): (i64,) = sqlx::query_as("select coalesce(max(seq), 0) from journal where run = ?")
            .bind(number)
            .fetch_one(&mut *connection)
            .await?;
        Ok(RunJournal { store: Arc::clone(self), number, id, plan, next: AtomicI64::new(last + 1) })
    }
}

impl RunJournal {
    /// The run's name.
    pub fn id(&self) -> &SmolStr {
        &self.id
    }

    /// Writes the record of an operation of the plan; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written: then nothing may be sent.
    pub async fn record(&self, entry: Entry<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.record_all(&[entry], at).await
    }

    /// Writes several records, all or none.
    ///
    /// # Errors
    /// When they cannot be written.
    pub async fn record_all(&self, entries: &[Entry<'_>], at: Timestamp) -> Result<(), StoreError> {
        self.write(entries, at, false).await
    }

    /// Writes the record of what is sent to mend a failed operation, and is no operation of the plan.
    ///
    /// # Errors
    /// When it cannot be written: then nothing may be sent.
    pub async fn record_remedy(&self, entry: Entry<'_>, at: Timestamp) -> Result<(), StoreError> {
        self.write(&[entry], at, true).await
    }

    /// Ends the run.
    ///
    /// # Errors
    /// When the record cannot be written.
    pub async fn finish(&self, state: RunState, summary: &OutcomeSummary, at: Timestamp) -> Result<(), StoreError> {
        let summary = serde_json::to_string(summary).map_err(|error| StoreError::Malformed(error.to_string()))?;
        sqlx::query("update runs set state = ?, summary = ?, finished = ? where number = ?")
            .bind(state.as_str())
            .bind(summary)
            .bind(at.to_string())
            .bind(self.number)
            .execute(&mut *self.store.connection.lock().await)
            .await?;
        Ok(())
    }

    async fn write(&self, entries: &[Entry<'_>], at: Timestamp, remedy: bool) -> Result<(), StoreError> {
        let mut connection = self.store.connection.lock().await;
        let mut transaction = connection.begin().await?;
        for entry in entries {
            // Numbers are taken under the lock, so that they tell the order of the records.
            let seq = self.next.fetch_add(1, Ordering::Relaxed);
            insert(&mut transaction, (self.number, seq), entry, at, remedy).await?;
            if let Entry::Outcome { operation, touches, .. } = entry {
                for touch in *touches {
                    past::count(&mut transaction, &self.plan, operation, touch, at).await?;
                }
            }
        }
        transaction.commit().await?;
        Ok(())
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    (run, seq): (i64, i64),
    entry: &Entry<'_>,
    at: Timestamp,
    remedy: bool,
) -> Result<(), StoreError> {
    let mut body = None;
    let (operation, record, outcome, message) = match entry {
        Entry::Sent(operation) => {
            let json = serde_json::to_string(operation).map_err(|error| StoreError::Malformed(error.to_string()))?;
            body = Some(json);
            (&operation.id, "sent", None, None)
        }
        Entry::Answered { operation, reply, message } => {
            let word = match reply {
                Reply::Accepted => "accepted",
                Reply::Refused => "refused",
                Reply::Doubtful => "doubtful",
            };
            (*operation, "answered", Some(word), *message)
        }
        Entry::Outcome { operation, outcome, message, touches: _ } => {
            (*operation, "outcome", Some(outcome.as_str()), *message)
        }
    };
    sqlx::query(
        "insert into journal (run, seq, operation, record, remedy, at, outcome, message, body) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(run)
    .bind(seq)
    .bind(operation.0.as_str())
    .bind(record)
    .bind(remedy)
    .bind(at.to_string())
    .bind(outcome)
    .bind(message)
    .bind(body)
    .execute(connection)
    .await?;
    Ok(())
}
