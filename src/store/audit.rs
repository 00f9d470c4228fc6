//! The audit trail: the records of the journal with the names of their operations.

use std::collections::BTreeMap;

use super::history::{find_operation, parse_digest};
use super::query::{RecordFilter, RunFilter};
use super::record::{
    LockTakeover, Record, RecordEvent, RunEndDetail, RunStartDetail, hex, parse_detail, signed, unsigned,
};
use super::{Store, StoreError};
use crate::model::{AuditEvent, AuditOperation, AuditRecord, Digest, Outcome, RecordedReply, RunState};
use smol_str::SmolStr;

/// What converting records remembers between them.
#[derive(Default)]
struct AuditCursor {
    /// The run of the last record: its number, name and plan.
    run: Option<(i64, SmolStr, Digest)>,
    /// The rollbacks that were sent, by run and id.
    rollbacks: BTreeMap<(i64, String), AuditOperation>,
}

impl Store {
    /// Returns the records of a run; none if there is no such run.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn records(&self, run: &str) -> Result<Vec<AuditRecord>, StoreError> {
        let Some(row) = self.run_rows(RunFilter::Named(run)).await?.pop() else { return Ok(Vec::new()) };
        let filter = RecordFilter::OfRun(row.number, row.last_seq());
        let records = self.queue.backend.lock().await.records(filter).await?;
        self.audit_records(records).await
    }

    /// Returns up to `limit` records from that number on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn audit(&self, from: u64, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        self.flush_pending_writes().await;
        let filter = RecordFilter::From(signed(from), i64::try_from(limit).unwrap_or(i64::MAX));
        let records = self.queue.backend.lock().await.records(filter).await?;
        self.audit_records(records).await
    }

    async fn audit_records(&self, records: Vec<Record>) -> Result<Vec<AuditRecord>, StoreError> {
        let mut cursor = AuditCursor::default();
        let mut converted = Vec::with_capacity(records.len());
        for record in records {
            if record.run != 0 && cursor.run.as_ref().is_none_or(|(number, ..)| *number != record.run) {
                cursor.run = Some(self.run_of(&record).await?);
            }
            let run = cursor.run.as_ref().filter(|_| record.run != 0).map(|(_, name, _)| name.clone());
            converted.push(AuditRecord {
                seq: unsigned(record.seq),
                at: record.time()?,
                run,
                fence: unsigned(record.fence),
                hash: hex(&record.hash),
                event: self.event(record, &mut cursor).await?,
            });
        }
        Ok(converted)
    }

    /// Returns the number, name and plan of the run of a record.
    async fn run_of(&self, record: &Record) -> Result<(i64, SmolStr, Digest), StoreError> {
        let begun = match record.event {
            RecordEvent::Began => Some(record.clone()),
            _ => self.queue.backend.lock().await.records(RecordFilter::From(record.run, 1)).await?.pop(),
        };
        match begun {
            Some(Record { run, event: RecordEvent::Began, name: Some(name), plan: Some(plan), .. })
                if run == record.run =>
            {
                Ok((run, name.into(), parse_digest(&plan)?))
            }
            _ => Err(StoreError::Corrupted(format!("record {} does not begin a run", record.run))),
        }
    }

    async fn event(&self, record: Record, cursor: &mut AuditCursor) -> Result<AuditEvent, StoreError> {
        Ok(match record.event {
            RecordEvent::Lock => {
                let LockTakeover { owner, from } = record.parse_detail()?;
                AuditEvent::LockTakenOver { owner, from }
            }
            RecordEvent::Began => {
                let RunStartDetail { actor, manifest, stored: _, content, operations, resumes, undoes, consents } =
                    record.parse_detail()?;
                let plan = parse_digest(record.plan.as_deref().unwrap_or_default())?;
                AuditEvent::RunBegan { who: actor, manifest, plan, content, operations, resumes, undoes, consents }
            }
            RecordEvent::Ended => AuditEvent::RunEnded {
                state: record.parse_result(RunState::parse)?,
                summary: record.parse_detail::<RunEndDetail>()?,
            },
            RecordEvent::Sent => AuditEvent::Sent { operation: self.operation(&record, cursor).await? },
            RecordEvent::Answered => AuditEvent::Answered {
                operation: self.operation(&record, cursor).await?,
                reply: record.parse_result(RecordedReply::parse)?,
                status: record.status.and_then(|status| status.try_into().ok()),
                message: record.message,
                body: record.body,
                handle: record.handle,
            },
            RecordEvent::Outcome => AuditEvent::Outcome {
                operation: self.operation(&record, cursor).await?,
                outcome: record.parse_result(Outcome::parse)?,
                message: record.message,
            },
        })
    }

    /// Returns the operation of a record.
    async fn operation(&self, record: &Record, cursor: &mut AuditCursor) -> Result<AuditOperation, StoreError> {
        let (Some(id), Some((run, _, plan))) = (&record.operation, &cursor.run) else {
            return Err(StoreError::Corrupted(format!("record {} has no operation", record.seq)));
        };
        if !record.rollback {
            let plan = self.required_plan(plan).await?;
            return Ok(AuditOperation::new(find_operation(&plan, id)?, false));
        }
        let key = (*run, id.clone());
        if let Some(known) = cursor.rollbacks.get(&key) {
            return Ok(known.clone());
        }
        let sent = self.queue.backend.lock().await.sent_rollback(*run, id).await?;
        let operation = AuditOperation::new(&parse_detail(sent.as_deref())?, true);
        cursor.rollbacks.insert(key, operation.clone());
        Ok(operation)
    }
}
