//! Queries on the journal.

use sqlx::FromRow;

use super::StoreError;
use super::backend::Backend;
use super::record::{Record, UsageRow};
use super::sql::{self, SqlArg};

/// A run: the record that began it and, if it ended, the record that ended it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct RunRow {
    /// The number of its first record.
    pub(super) number: i64,
    pub(super) started: i64,
    pub(super) name: String,
    pub(super) plan: String,
    pub(super) detail: String,
    /// The number of its last record, if it ended.
    pub(super) last: Option<i64>,
    pub(super) finished: Option<i64>,
    pub(super) state: Option<String>,
}

impl RunRow {
    /// Returns the number that no record of the run exceeds.
    pub(super) fn last_seq(&self) -> i64 {
        self.last.unwrap_or(i64::MAX)
    }
}

/// The latest attempt to send an operation in one run.
#[derive(Clone, Debug, FromRow)]
pub(super) struct AttemptRow {
    pub(super) run: i64,
    pub(super) operation: String,
    pub(super) rollback: bool,
    /// The operation as JSON, if it is a rollback.
    pub(super) detail: Option<String>,
    pub(super) reply: Option<String>,
    /// The message of the reply.
    pub(super) message: Option<String>,
    pub(super) handle: Option<String>,
    pub(super) outcome: Option<String>,
}

/// An operation that a vendor accepted, and whose end no run has seen.
#[derive(Clone, Debug, FromRow)]
pub(super) struct AcceptedRow {
    pub(super) run: i64,
    /// The name of the run.
    pub(super) name: String,
    pub(super) plan: String,
    pub(super) operation: String,
    pub(super) rollback: bool,
    pub(super) handle: String,
}

/// An outcome of an operation.
#[derive(Clone, Debug, FromRow)]
pub(super) struct OutcomeRow {
    pub(super) operation: String,
    pub(super) result: String,
    pub(super) at: i64,
    pub(super) message: Option<String>,
}

/// Usage of a license, summed up.
#[derive(Clone, Debug, FromRow)]
pub(super) struct UsageSum {
    pub(super) tenant: String,
    pub(super) license: String,
    pub(super) day: i64,
    pub(super) losses: i64,
    pub(super) changes: i64,
}

/// Usage that an operation of a plan was counted for.
#[derive(Clone, Debug, FromRow)]
pub(super) struct OperationUsage {
    pub(super) operation: String,
    pub(super) tenant: String,
    pub(super) license: String,
    pub(super) losses: i64,
    pub(super) changes: i64,
}

/// Which runs are selected.
#[derive(Clone, Copy, Debug)]
pub(super) enum RunFilter<'a> {
    /// The newest, newest first, up to a number.
    Newest(u32),
    /// The run of a name.
    Named(&'a str),
    /// The runs whose name starts with a prefix, oldest first.
    NamePrefix(&'a str),
    /// The runs of a plan, oldest first.
    OfPlan(&'a str),
    /// The runs that did not end, oldest first.
    Unended,
}

/// Which records are selected, in order.
#[derive(Clone, Copy, Debug)]
pub(super) enum RecordFilter {
    /// Records from a number on, up to a count.
    From(i64, i64),
    /// The records of a run, between its first and its last number.
    OfRun(i64, i64),
    /// The last record.
    Last,
}

impl Backend {
    pub(super) async fn runs(&mut self, filter: RunFilter<'_>) -> Result<Vec<RunRow>, StoreError> {
        let database = match self {
            Self::Memory(memory) => return Ok(memory.runs(filter)),
            Self::Database(database) => database,
        };
        let (statement, arg) = match filter {
            RunFilter::Newest(limit) => (sql::runs("true", "desc limit $1"), Some(SqlArg::Int(limit.into()))),
            RunFilter::Named(name) => (sql::runs("b.name = $1", ""), Some(SqlArg::Text(name))),
            RunFilter::NamePrefix(prefix) => {
                (sql::runs("substr(b.name, 1, length($1)) = $1", ""), Some(SqlArg::Text(prefix)))
            }
            RunFilter::OfPlan(plan) => (sql::runs("b.plan = $1", ""), Some(SqlArg::Text(plan))),
            RunFilter::Unended => (sql::runs("e.seq is null", ""), None),
        };
        database.rows(&statement, arg.as_slice()).await
    }

    pub(super) async fn records(&mut self, filter: RecordFilter) -> Result<Vec<Record>, StoreError> {
        let database = match self {
            Self::Memory(memory) => return Ok(memory.records(filter)),
            Self::Database(database) => database,
        };
        let (condition, args): (_, &[SqlArg<'_>]) = match filter {
            RecordFilter::From(seq, limit) => {
                ("seq >= $1 order by seq limit $2", &[SqlArg::Int(seq), SqlArg::Int(limit)])
            }
            RecordFilter::OfRun(first, last) => {
                ("seq >= $1 and seq <= $2 and run = $1 order by seq", &[SqlArg::Int(first), SqlArg::Int(last)])
            }
            RecordFilter::Last => ("true order by seq desc limit 1", &[]),
        };
        database.rows(&sql::records(condition), args).await
    }

    /// The latest attempts to send the operations of a plan, one per run and operation, in the order of sending.
    pub(super) async fn attempts(&mut self, plan: &str) -> Result<Vec<AttemptRow>, StoreError> {
        match self {
            Self::Memory(memory) => Ok(memory.attempts(plan)),
            Self::Database(database) => database.rows(sql::ATTEMPTS, &[SqlArg::Text(plan)]).await,
        }
    }

    /// The operations that vendors accepted in runs since a time, and whose end no run has seen, newest run first.
    pub(super) async fn accepted(&mut self, since: i64) -> Result<Vec<AcceptedRow>, StoreError> {
        match self {
            Self::Memory(memory) => Ok(memory.accepted(since)),
            Self::Database(database) => database.rows(sql::ACCEPTED, &[SqlArg::Int(since)]).await,
        }
    }

    /// The detail of the record that sent a rollback in a run.
    pub(super) async fn sent_rollback(&mut self, run: i64, operation: &str) -> Result<Option<String>, StoreError> {
        match self {
            Self::Memory(memory) => Ok(memory.sent_rollback(run, operation)),
            Self::Database(database) => {
                let args = [SqlArg::Int(run), SqlArg::Text(operation)];
                let row: Option<(Option<String>,)> = database.row(sql::SENT_ROLLBACK, &args).await?;
                Ok(row.and_then(|(detail,)| detail))
            }
        }
    }

    /// The outcomes of the operations of a plan in one run.
    pub(super) async fn outcomes(&mut self, run: &RunRow) -> Result<Vec<OutcomeRow>, StoreError> {
        match self {
            Self::Memory(memory) => Ok(memory.outcomes(run)),
            Self::Database(database) => {
                database.rows(sql::OUTCOMES, &[SqlArg::Int(run.number), SqlArg::Int(run.last_seq())]).await
            }
        }
    }

    /// The usage from a day on, except that of one plan.
    pub(super) async fn usage_since(&mut self, day: i64, without: &str) -> Result<Vec<UsageSum>, StoreError> {
        match self {
            Self::Memory(memory) => Ok(memory.usage_since(day, without)),
            Self::Database(database) => {
                database.rows(sql::USAGE_SINCE, &[SqlArg::Int(day), SqlArg::Text(without)]).await
            }
        }
    }

    /// The usage that the operations of a plan were counted for.
    pub(super) async fn usage_of_plan(&mut self, plan: &str) -> Result<Vec<OperationUsage>, StoreError> {
        match self {
            Self::Memory(memory) => Ok(memory.usage_of_plan(plan)),
            Self::Database(database) => database.rows(sql::USAGE_OF_PLAN, &[SqlArg::Text(plan)]).await,
        }
    }

    /// The usage of records, by their numbers from first to last; memory keeps it with its records.
    pub(super) async fn usage_of_records(&mut self, first: i64, last: i64) -> Result<Vec<UsageRow>, StoreError> {
        match self {
            Self::Memory(_) => Ok(Vec::new()),
            Self::Database(database) => {
                database.rows(sql::USAGE_OF_RECORDS, &[SqlArg::Int(first), SqlArg::Int(last)]).await
            }
        }
    }

    /// How many rows of usage the database has.
    pub(super) async fn usage_count(&mut self) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Memory(_) => Ok(None),
            Self::Database(database) => Ok(database.row::<(i64,)>(sql::USAGE_COUNT, &[]).await?.map(|(count,)| count)),
        }
    }

    /// The last day that usage was counted for or a run began on.
    pub(super) async fn last_day(&mut self) -> Result<i64, StoreError> {
        match self {
            Self::Memory(memory) => Ok(memory.last_day()),
            Self::Database(database) => Ok(database.row::<(i64,)>(sql::LAST_DAY, &[]).await?.map_or(0, |(day,)| day)),
        }
    }
}
