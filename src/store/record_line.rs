//! A record as it is stored: one line of JSON, with short keys and the place of an operation in its plan, for there are
//! three a change.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::{JournalEntry, LicenseUsage, StoreError};
use crate::model::{ConsentRecord, Digest, LimitUsage, Operation, OutcomeSummary, RecordedReply};

/// Most bytes of a message or a vendor's words that are kept.
const TEXT_MAX_BYTES: usize = 2048;

/// What a line tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RecordKind {
    Sent,
    Answered,
    Outcome,
    Began,
    Ended,
    Lock,
}

/// A record. Which fields are there depends on its kind.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordLine<'a> {
    /// Microseconds since 1970.
    pub(super) at: i64,
    pub(super) event: RecordKind,
    /// The operation's place in the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) op: Option<u32>,
    /// The name of an operation that is none of the plan.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<Cow<'a, str>>,
    /// That operation, when it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) operation: Option<Cow<'a, Operation>>,
    /// The word of the reply, the outcome or the state.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) is: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Cow<'a, str>>,
    /// What the vendor calls the operation.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) handle: Option<Cow<'a, str>>,
    /// Tenant, license as the vendor calls it, losses, changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) touched: Vec<(SmolStr, SmolStr, u64, u64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) began: Option<Box<RunStartDetail>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) summary: Option<OutcomeSummary>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lock: Option<LockTakeover>,
}

/// How a run begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunStartDetail {
    pub(super) run: SmolStr,
    pub(super) who: String,
    pub(super) manifest: String,
    pub(super) plan: Digest,
    /// The digest of the plan as it is stored, so that nobody can change the one without the other.
    pub(super) stored: Digest,
    pub(super) content: Digest,
    pub(super) operations: u64,
    /// Whether the operations are called `op-1`, `op-2` and so on in their order, so that a place tells the name.
    pub(super) numbered: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resumes: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) undoes: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) consents: Vec<ConsentRecord>,
}

/// A lock that was taken from one that had not let go of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockTakeover {
    pub(super) owner: String,
    pub(super) from: String,
}

/// Whom a line is about: an operation of the plan, or one beside it.
#[derive(Clone, Copy, Debug)]
pub(super) enum RecordSubject<'a> {
    Planned(u32),
    Remedy(&'a str),
}

impl<'a> RecordLine<'a> {
    /// A line of that kind with nothing in it yet.
    pub(super) fn new(event: RecordKind, at: Timestamp) -> Self {
        Self {
            at: at.as_microsecond(),
            event,
            op: None,
            remedy: None,
            operation: None,
            is: None,
            status: None,
            message: None,
            body: None,
            handle: None,
            touched: Vec::new(),
            began: None,
            summary: None,
            lock: None,
        }
    }

    /// The line of what happens to an operation; `touches` is what is counted of it.
    pub(super) fn of(
        entry: &JournalEntry<'a>,
        about: RecordSubject<'a>,
        touches: &[LicenseUsage],
        at: Timestamp,
    ) -> Self {
        let kind = match entry {
            JournalEntry::Sent(_) => RecordKind::Sent,
            JournalEntry::Answered { .. } => RecordKind::Answered,
            JournalEntry::Outcome { .. } => RecordKind::Outcome,
        };
        let mut line = Self::new(kind, at);
        match about {
            RecordSubject::Planned(place) => line.op = Some(place),
            RecordSubject::Remedy(id) => line.remedy = Some(Cow::Borrowed(id)),
        }
        match entry {
            JournalEntry::Sent(operation) => {
                if let RecordSubject::Remedy(_) = about {
                    line.operation = Some(Cow::Borrowed(operation));
                }
            }
            JournalEntry::Answered { operation: _, reply, status, message, body, handle } => {
                line.is = Some(Cow::Borrowed(reply.as_str()));
                line.status = *status;
                line.message = message.map(truncate);
                line.body = body.map(truncate);
                line.handle = handle.map(Cow::Borrowed);
            }
            JournalEntry::Outcome { operation: _, outcome, message, touches: _ } => {
                line.is = Some(Cow::Borrowed(outcome.as_str()));
                line.message = message.map(truncate);
                line.touched = touches
                    .iter()
                    .map(|LicenseUsage { tenant, license, counts: LimitUsage { losses, changes } }| {
                        (tenant.clone(), license.clone(), *losses, *changes)
                    })
                    .collect();
            }
        }
        line
    }

    /// Adds the line to a text of lines.
    pub(super) fn push_to(&self, text: &mut String) -> Result<(), StoreError> {
        let line = serde_json::to_string(self).map_err(|error| StoreError::Corrupted(error.to_string()))?;
        text.push_str(&line);
        text.push('\n');
        Ok(())
    }

    /// Reads a stored line.
    pub(super) fn read(text: &'a str) -> Result<Self, StoreError> {
        serde_json::from_str(text).map_err(|error| StoreError::Corrupted(format!("a record cannot be read: {error}")))
    }

    /// When it was written.
    pub(super) fn time(&self) -> Result<Timestamp, StoreError> {
        Timestamp::from_microsecond(self.at)
            .map_err(|_| StoreError::Corrupted(format!("{} is no time of a record", self.at)))
    }

    /// The reply that an answer holds.
    pub(super) fn reply(&self) -> Result<RecordedReply, StoreError> {
        self.word("reply", RecordedReply::parse)
    }

    /// What its word means.
    pub(super) fn word<T>(&self, what: &str, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let word = self.is.as_deref().unwrap_or_default();
        parse(word).ok_or_else(|| StoreError::Corrupted(format!("{word:?} is no {what}")))
    }

    /// What is counted of the operation.
    pub(super) fn touches(&self) -> impl Iterator<Item = LicenseUsage> {
        self.touched.iter().map(|(tenant, license, losses, changes)| LicenseUsage {
            tenant: tenant.clone(),
            license: license.clone(),
            counts: LimitUsage { losses: *losses, changes: *changes },
        })
    }

    /// How the run began, of a line that tells it.
    pub(super) fn began(self) -> Result<RunStartDetail, StoreError> {
        match self.began {
            Some(began) => Ok(*began),
            None => Err(StoreError::Corrupted("a run has no beginning".to_owned())),
        }
    }
}

/// At most so much of a text as is kept.
fn truncate(text: &str) -> Cow<'_, str> {
    if text.len() <= TEXT_MAX_BYTES {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(TEXT_MAX_BYTES);
    Cow::Owned(format!("{}…", &text[..end]))
}
