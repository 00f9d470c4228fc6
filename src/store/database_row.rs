//! Rows of a database, and what they mean.

use super::StoreError;
use super::batch::{BatchMark, RecordBatch};

/// A row about the store.
pub(super) type StoreRow = (i64, i64, String, i64, Option<i64>, i64, i64);

/// A row of the journal.
pub(super) type BatchRow = (i64, i64, i64, i64, i64, Option<i64>, Option<String>, Option<String>, String, Vec<u8>);

/// A batch from a row of a database.
pub(super) fn batch_of(row: BatchRow) -> Result<RecordBatch, StoreError> {
    let (first, last, run, fence, mark, day, name, plan, records, hash) = row;
    let hash = hash.try_into().map_err(|_| StoreError::Corrupted(format!("record {last} has no hash")))?;
    Ok(RecordBatch {
        first: unsigned(first),
        last: unsigned(last),
        run: unsigned(run),
        fence: unsigned(fence),
        mark: BatchMark::of(mark)?,
        day,
        name,
        plan,
        records,
        hash,
    })
}

/// A number of a database that is never negative.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// A number for a database; none of ours is so large.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
