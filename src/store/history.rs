//! The reading half: what earlier runs did, and what they left open.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize as _;
use serde::de::IntoDeserializer as _;
use serde::de::value::Error as ValueError;
use smol_str::SmolStr;

use super::{RunJournal, Store, StoreError};
use crate::model::{Consented, Digest, Operation, OperationId, OperationOutcome, Outcome, Run};

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It has not ended, or died and nobody has noticed yet.
    Running,
    /// It ended, and the effect of every operation is there.
    Complete,
    /// It ended, and something is not as planned.
    Partial,
    /// It died, and what it left open was settled by a later run.
    Interrupted,
}

impl RunState {
    /// The word of the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Interrupted => "interrupted",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Running, Self::Complete, Self::Partial, Self::Interrupted]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// A run as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// The run, with the outcomes that are known.
    pub run: Run,
    /// The plan's `content`.
    pub content: Digest,
    /// The manifest's path as it was given.
    pub manifest: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended, or was found to have died.
    pub finished: Option<Timestamp>,
    /// How far it is.
    pub state: RunState,
    /// What was allowed for it although a rule says no.
    pub consents: Vec<Consented>,
}

/// An operation that an earlier run of the same plan sent, and that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The run that sent it last.
    pub run: SmolStr,
    /// What that run found to have come of it, if it lived to say so.
    pub outcome: Option<Outcome>,
}

/// A run that died.
#[derive(Debug)]
pub struct Unfinished {
    /// Its journal, to be ended.
    pub journal: RunJournal,
    /// What it sent without learning what came of it.
    pub unanswered: Vec<Unanswered>,
}

/// An operation that was sent, and whose outcome was not written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// The operation.
    pub operation: Operation,
    /// Whether it was sent to mend a failed one.
    pub remedy: bool,
    /// What the vendor said when it refused; then it is known to have had no effect.
    pub refused: Option<String>,
}

type RunRow = (i64, String, String, String, String, String, Option<String>, String);
type JournalRow = (String, String, bool, Option<String>, Option<String>, Option<String>);

impl Store {
    /// The last runs, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn runs(&self, limit: u32) -> Result<Vec<RunRecord>, StoreError> {
        let rows: Vec<RunRow> = sqlx::query_as(
            "select number, id, plan, content, manifest, started, finished, state from runs \
             order by number desc limit ?",
        )
        .bind(limit)
        .fetch_all(&mut *self.connection.lock().await)
        .await?;
        let mut runs = Vec::with_capacity(rows.len());
        for row in rows {
            runs.push(self.record_of(row).await?);
        }
        Ok(runs)
    }

    /// The run of that name, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn run(&self, id: &str) -> Result<Option<RunRecord>, StoreError> {
        let row: Option<RunRow> = sqlx::query_as(
            "select number, id, plan, content, manifest, started, finished, state from runs where id = ?",
        )
        .bind(id)
        .fetch_optional(&mut *self.connection.lock().await)
        .await?;
        match row {
            None => Ok(None),
            Some(row) => self.record_of(row).await.map(Some),
        }
    }

    /// Whether a run of the plan brought about everything in it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn knows_complete(&self, plan: &Digest) -> Result<bool, StoreError> {
        let row: Option<(i64,)> =
            sqlx::query_as("select number from runs where plan = ? and state = 'complete' limit 1")
                .bind(plan.as_str())
                .fetch_optional(&mut *self.connection.lock().await)
                .await?;
        Ok(row.is_some())
    }

    /// What earlier runs of the plan sent, and the vendor did not refuse.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn earlier(&self, plan: &Digest) -> Result<BTreeMap<OperationId, Earlier>, StoreError> {
        let rows: Vec<(String, String, String, Option<String>)> = sqlx::query_as(
            "select runs.id, journal.operation, journal.record, journal.outcome \
             from runs join journal on journal.run = runs.number \
             where runs.plan = ? and journal.remedy = 0 order by journal.run, journal.seq",
        )
        .bind(plan.as_str())
        .fetch_all(&mut *self.connection.lock().await)
        .await?;
        let mut earlier: BTreeMap<OperationId, Earlier> = BTreeMap::new();
        for (run, operation, record, outcome) in rows {
            let operation = OperationId(operation.into());
            match (record.as_str(), outcome.as_deref()) {
                ("sent", _) => {
                    earlier.insert(operation, Earlier { run: run.into(), outcome: None });
                }
                ("answered", Some("refused")) => {
                    earlier.remove(&operation);
                }
                ("outcome", Some(word)) => {
                    // A later run that sent nothing says nothing about what was sent.
                    if let Some(known) = earlier.get_mut(&operation).filter(|known| known.run == run) {
                        known.outcome = Outcome::parse(word);
                    }
                }
                _ => {}
            }
        }
        Ok(earlier)
    }

    /// The runs that died, with what they left open. Only whoever holds the lock can know that they did.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn unfinished(self: &Arc<Self>) -> Result<Vec<Unfinished>, StoreError> {
        let runs: Vec<(i64, String, String)> =
            sqlx::query_as("select number, id, plan from runs where state = 'running' order by number")
                .fetch_all(&mut *self.connection.lock().await)
                .await?;
        let mut unfinished = Vec::with_capacity(runs.len());
        for (number, id, plan) in runs {
            let rows: Vec<JournalRow> = sqlx::query_as(
                "select operation, record, remedy, outcome, message, body from journal where run = ? order by seq",
            )
            .bind(number)
            .fetch_all(&mut *self.connection.lock().await)
            .await?;
            let unanswered = unanswered(rows)?;
            unfinished.push(Unfinished { journal: self.reopen(number, id.into(), plan.into()).await?, unanswered });
        }
        Ok(unfinished)
    }

    async fn record_of(&self, row: RunRow) -> Result<RunRecord, StoreError> {
        let (number, id, plan, content, manifest, started, finished, state) = row;
        let rows: Vec<(String, String, Option<String>, String)> = sqlx::query_as(
            // Operations are numbered by the plan: `op-2` comes before `op-10`.
            "select operation, outcome, message, at from journal \
             where run = ? and record = 'outcome' and remedy = 0 order by length(operation), operation, seq",
        )
        .bind(number)
        .fetch_all(&mut *self.connection.lock().await)
        .await?;
        let mut outcomes = Vec::with_capacity(rows.len());
        for (operation, outcome, message, at) in rows {
            outcomes.push(OperationOutcome {
                id: OperationId(operation.into()),
                outcome: Outcome::parse(&outcome).ok_or_else(|| malformed("outcome", &outcome))?,
                message,
                at: parse("time", &at)?,
            });
        }
        Ok(RunRecord {
            run: Run::new(id.into(), digest(&plan)?, outcomes),
            content: digest(&content)?,
            manifest,
            started: parse("time", &started)?,
            finished: finished.as_deref().map(|at| parse("time", at)).transpose()?,
            state: RunState::parse(&state).ok_or_else(|| malformed("state", &state))?,
            consents: self.consents(number).await?,
        })
    }
}

/// What of a journal was sent and has no outcome, in the order of sending.
fn unanswered(rows: Vec<JournalRow>) -> Result<Vec<Unanswered>, StoreError> {
    let mut open: Vec<Unanswered> = Vec::new();
    for (operation, record, remedy, outcome, message, body) in rows {
        let known = open.iter().position(|entry| entry.operation.id.0 == operation);
        match (record.as_str(), known) {
            ("sent", _) => {
                let body = body.unwrap_or_default();
                let operation = serde_json::from_str(&body).map_err(|_| malformed("operation", &operation))?;
                if let Some(index) = known {
                    open.remove(index);
                }
                open.push(Unanswered { operation, remedy, refused: None });
            }
            ("answered", Some(index)) if outcome.as_deref() == Some("refused") => {
                open[index].refused = Some(message.unwrap_or_default());
            }
            ("outcome", Some(index)) => {
                open.remove(index);
            }
            _ => {}
        }
    }
    Ok(open)
}

fn digest(text: &str) -> Result<Digest, StoreError> {
    let deserializer: serde::de::value::StrDeserializer<'_, ValueError> = text.into_deserializer();
    Digest::deserialize(deserializer).map_err(|_| malformed("digest", text))
}

pub(super) fn parse<T: FromStr>(what: &str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| malformed(what, text))
}

pub(super) fn malformed(what: &str, text: &str) -> StoreError {
    StoreError::Malformed(format!("{text:?} is no {what}"))
}
