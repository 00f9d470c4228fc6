//! Verifying the audit trail: every record, its usage and the stored plans against the hash chain.

use std::collections::BTreeMap;

use super::query::RecordFilter;
use super::record::{GENESIS, Record, RecordEvent, RunStartDetail, UsageRow, hex, signed, unsigned};
use super::{Store, StoreError};
use crate::model::Digest;

/// How many records are read at once.
const PAGE: i64 = 4096;

/// An intact audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedChain {
    /// The number of records.
    pub records: u64,
    /// The hash of the last record. Kept elsewhere, it later shows whether records were cut off.
    pub hash: String,
    /// The number of runs.
    pub runs: u64,
}

/// The first fault in an audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenChain {
    /// The first record that may be affected.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// The fault.
    pub reason: String,
}

/// A record and its hash, kept outside of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedHead {
    /// The number of the record.
    pub seq: u64,
    /// Its hash, as 64 hexadecimal digits.
    pub hash: String,
}

impl BrokenChain {
    fn new(first: i64, last: i64, reason: impl Into<String>) -> Self {
        Self { first: unsigned(first), last: unsigned(last), reason: reason.into() }
    }
}

/// The state of following the chain.
struct ChainWalk<'a> {
    seq: i64,
    hash: Vec<u8>,
    runs: u64,
    usage: i64,
    expected: Option<&'a ExpectedHead>,
}

impl Store {
    /// Follows the chain from the first record to the last, and compares it with a head that was kept.
    ///
    /// # Errors
    /// When the store cannot be read at all.
    pub async fn verify(
        &self,
        expected: Option<&ExpectedHead>,
    ) -> Result<Result<VerifiedChain, BrokenChain>, StoreError> {
        self.flush_pending_writes().await;
        let mut walk = ChainWalk { seq: 0, hash: GENESIS.to_vec(), runs: 0, usage: 0, expected };
        let (mut from, mut limit) = (i64::MIN, PAGE);
        loop {
            let records = match self.records_with_usage(from, limit).await {
                Ok(records) => records,
                // Reads the page again, record by record, to find the one that cannot be decoded.
                Err(StoreError::Corrupted(_)) if limit > 1 => {
                    limit = 1;
                    continue;
                }
                Err(StoreError::Corrupted(reason)) => {
                    return Ok(Err(BrokenChain::new(walk.seq + 1, walk.seq + 1, format!("altered: {reason}"))));
                }
                Err(error) => return Err(error),
            };
            if records.is_empty() {
                break;
            }
            for record in records {
                if let Err(broken) = walk.step(&record) {
                    return Ok(Err(broken));
                }
                if record.event == RecordEvent::Began
                    && let Some(reason) = self.plan_fault(&record).await?
                {
                    return Ok(Err(BrokenChain::new(record.seq, record.seq, reason)));
                }
            }
            from = walk.seq + 1;
        }
        self.check_end(&walk).await
    }

    /// Checks what the records alone do not show: rows without a record, a cut end and a damaged file.
    async fn check_end(&self, walk: &ChainWalk<'_>) -> Result<Result<VerifiedChain, BrokenChain>, StoreError> {
        let mut backend = self.queue.backend.lock().await;
        let seq = walk.seq;
        let broken = |first, last, reason: String| Ok(Err(BrokenChain::new(first, last, reason)));
        let head = backend.holder().await?.head;
        if head > seq {
            return broken(seq + 1, head, "the end is cut off: the store had these records".to_owned());
        }
        if let Some(ExpectedHead { seq: expected, .. }) = walk.expected.filter(|expected| signed(expected.seq) > seq) {
            let reason = "the end is cut off: the expected head is one of these records".to_owned();
            return broken(seq + 1, signed(*expected), reason);
        }
        if backend.usage_count().await?.is_some_and(|count| count != walk.usage) {
            return broken(1, seq.max(1), "usage was added for records that do not exist".to_owned());
        }
        if let Some(damage) = backend.damage().await? {
            let damage = damage.lines().next().unwrap_or_default();
            return broken(1, seq.max(1), format!("the database is damaged: {damage}"));
        }
        Ok(Ok(VerifiedChain { records: unsigned(seq), hash: hex(&walk.hash), runs: walk.runs }))
    }

    /// Reads records with their usage, which their hash covers.
    async fn records_with_usage(&self, from: i64, limit: i64) -> Result<Vec<Record>, StoreError> {
        let mut backend = self.queue.backend.lock().await;
        let mut records = backend.records(RecordFilter::From(from, limit)).await?;
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(records) };
        let mut usage: BTreeMap<i64, Vec<UsageRow>> = BTreeMap::new();
        for row in backend.usage_of_records(first.seq, last.seq).await? {
            usage.entry(row.seq).or_default().push(row);
        }
        for record in &mut records {
            record.usage.extend(usage.remove(&record.seq).unwrap_or_default());
            record.usage.sort_unstable();
        }
        Ok(records)
    }

    /// Returns what is wrong with the stored plan of a run.
    async fn plan_fault(&self, begun: &Record) -> Result<Option<String>, StoreError> {
        let plan = begun.plan.as_deref().unwrap_or_default();
        let stored = begun.parse_detail::<RunStartDetail>().map(|detail| detail.stored);
        let packed = self.queue.backend.lock().await.plan(plan).await?.map(|packed| Digest::of_bytes(&packed));
        let is_intact = stored.is_ok_and(|stored| packed == Some(stored));
        Ok((!is_intact).then(|| format!("the plan `{plan}` is missing or altered")))
    }
}

impl ChainWalk<'_> {
    /// Checks that a record is the next one of the chain.
    fn step(&mut self, record: &Record) -> Result<(), BrokenChain> {
        let next = self.seq + 1;
        if record.seq > next {
            return Err(BrokenChain::new(next, record.seq - 1, "missing"));
        }
        if record.seq < next {
            return Err(BrokenChain::new(next, next, format!("a record with the number {} was inserted", record.seq)));
        }
        let hash = record.chain_hash(&self.hash).unwrap_or_default();
        if hash != record.hash {
            return Err(BrokenChain::new(next, next, "altered, or moved from another position"));
        }
        if self.expected.is_some_and(|expected| signed(expected.seq) == next && expected.hash != hex(&hash)) {
            return Err(BrokenChain::new(next, next, "not the record whose hash is expected"));
        }
        self.seq = next;
        self.hash = hash;
        self.runs += u64::from(record.event == RecordEvent::Began);
        self.usage = self.usage.saturating_add(i64::try_from(record.usage.len()).unwrap_or(i64::MAX));
        Ok(())
    }
}
