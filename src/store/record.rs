//! A record of the journal: one row, chained to the row before it by a hash.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use smol_str::SmolStr;
use sqlx::FromRow;

use super::StoreError;
use crate::model::{ConsentRecord, Digest, OutcomeSummary};

/// The hash before the first record.
pub(super) const GENESIS: [u8; 32] = [0; 32];

/// The columns of a record, in the order of the table.
pub(super) const COLUMNS: &str = "seq, run, fence, at, event, name, plan, operation, rollback, result, status, message, \
    body, handle, detail, hash";

/// What a record reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RecordEvent {
    Began,
    Sent,
    Answered,
    Outcome,
    Ended,
    Lock,
}

impl RecordEvent {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::Outcome => "outcome",
            Self::Ended => "ended",
            Self::Lock => "lock",
        }
    }
}

impl TryFrom<String> for RecordEvent {
    type Error = StoreError;

    fn try_from(word: String) -> Result<Self, StoreError> {
        [Self::Began, Self::Sent, Self::Answered, Self::Outcome, Self::Ended, Self::Lock]
            .into_iter()
            .find(|event| event.as_str() == word)
            .ok_or_else(|| StoreError::Corrupted(format!("unknown event {word:?}")))
    }
}

/// One row of the journal. The JSON form is what the hash covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow)]
pub(super) struct Record {
    /// The number of the record, from 1 and without gaps.
    pub(super) seq: i64,
    /// The number of the record that began the run; 0 outside of runs.
    pub(super) run: i64,
    pub(super) fence: i64,
    /// Microseconds since 1970.
    pub(super) at: i64,
    #[sqlx(try_from = "String")]
    pub(super) event: RecordEvent,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) operation: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) rollback: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) handle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
    #[sqlx(skip)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) usage: Vec<UsageRow>,
    #[serde(skip)]
    pub(super) hash: Vec<u8>,
}

/// What an outcome counts toward the rolling limits, for one license.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, FromRow)]
pub(super) struct UsageRow {
    #[serde(skip)]
    pub(super) run: i64,
    #[serde(skip)]
    pub(super) seq: i64,
    /// Days since 1970.
    pub(super) day: i64,
    pub(super) tenant: String,
    pub(super) license: String,
    pub(super) losses: i64,
    pub(super) changes: i64,
}

/// The detail of the record that begins a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunStartDetail {
    pub(super) actor: String,
    pub(super) manifest: String,
    /// The digest of the stored plan, so that a changed plan is detected.
    pub(super) stored: Digest,
    pub(super) content: Digest,
    pub(super) operations: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resumes: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) undoes: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) consents: Vec<ConsentRecord>,
}

/// The detail of the record about a lock whose previous owner did not release it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockTakeover {
    pub(super) owner: String,
    pub(super) from: String,
}

/// The detail of the record that ends a run.
pub(super) type RunEndDetail = OutcomeSummary;

impl Record {
    /// Returns a record that is not linked to the chain yet.
    pub(super) fn new(event: RecordEvent, at: Timestamp) -> Self {
        Self {
            seq: 0,
            run: 0,
            fence: 0,
            at: at.as_microsecond(),
            event,
            name: None,
            plan: None,
            operation: None,
            rollback: false,
            result: None,
            status: None,
            message: None,
            body: None,
            handle: None,
            detail: None,
            usage: Vec::new(),
            hash: Vec::new(),
        }
    }

    /// Sets the detail.
    pub(super) fn with_detail<T: Serialize>(mut self, detail: &T) -> Result<Self, StoreError> {
        self.detail = Some(to_json(detail)?);
        Ok(self)
    }

    /// Numbers the record and links it to the hash of the record before it.
    pub(super) fn link(&mut self, seq: i64, fence: i64, previous: &[u8]) -> Result<(), StoreError> {
        self.seq = seq;
        self.fence = fence;
        if self.event == RecordEvent::Began {
            self.run = seq;
        }
        for usage in &mut self.usage {
            (usage.run, usage.seq) = (self.run, seq);
        }
        // The order of the rows in a database is not defined, so the hash covers them sorted.
        self.usage.sort_unstable();
        self.hash = self.chain_hash(previous)?;
        Ok(())
    }

    /// Computes the hash: SHA-256 over the previous hash and the JSON form.
    pub(super) fn chain_hash(&self, previous: &[u8]) -> Result<Vec<u8>, StoreError> {
        let json = to_json(self)?;
        Ok(Sha256::new().chain_update(previous).chain_update(json).finalize().to_vec())
    }

    /// Returns the time of the record.
    pub(super) fn time(&self) -> Result<Timestamp, StoreError> {
        timestamp(self.at)
    }

    /// Parses the result.
    pub(super) fn parse_result<T>(&self, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
        parse_word(self.result.as_deref().unwrap_or_default(), parse)
    }

    /// Parses the detail.
    pub(super) fn parse_detail<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        parse_detail(self.detail.as_deref())
    }
}

/// Serializes what the store wrote itself.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupted(error.to_string()))
}

/// Parses the detail of a record.
pub(super) fn parse_detail<T: DeserializeOwned>(detail: Option<&str>) -> Result<T, StoreError> {
    serde_json::from_str(detail.unwrap_or("null"))
        .map_err(|error| StoreError::Corrupted(format!("invalid detail of a record: {error}")))
}

/// Parses a reply, an outcome or a state.
pub(super) fn parse_word<T>(word: &str, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
    parse(word).ok_or_else(|| StoreError::Corrupted(format!("unknown result {word:?}")))
}

/// Converts microseconds since 1970.
pub(super) fn timestamp(microseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(microseconds).map_err(|_| StoreError::Corrupted(format!("invalid time {microseconds}")))
}

/// Converts a stored number that is never negative.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// Converts a count for the database.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Formats a hash.
pub(super) fn hex(hash: &[u8]) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
