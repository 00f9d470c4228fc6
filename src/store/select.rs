//! Which batches are asked for: once as SQL, once as a condition on what lies in memory.

use super::batch::{BatchMark, RecordBatch};

/// A question to the journal.
#[derive(Clone, Copy, Debug)]
pub(super) enum RecordQuery<'a> {
    /// Those that end with this record or a later one.
    From(u64),
    /// Those of a run, from this record on.
    OfRun { run: u64, from: u64 },
    /// Beginnings before this record, the newest first.
    BegunBefore(u64),
    /// Beginnings of runs that have not ended.
    Unended,
    /// The beginning of the run of that name.
    Named(&'a str),
    /// The beginnings of runs whose names begin so.
    NamedLike(&'a str),
    /// The beginnings of the runs of that plan.
    OfPlan(&'a str),
    /// The end of that run.
    EndOf(u64),
    /// The first of a day, or of one after it.
    FromDay(i64),
    /// The beginnings of days, the last one first.
    LastDay,
    /// The newest first.
    Newest,
}

/// What a question binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum QueryArg {
    Number(i64),
    Text(String),
}

/// The columns of a batch.
pub(super) const COLUMNS: &str = "first, last, run, fence, mark, day, name, plan, records, hash";

impl RecordQuery<'_> {
    /// The statement that answers it, with what it binds.
    pub(super) fn sql(&self, limit: u32) -> (String, Vec<QueryArg>) {
        let number = |number: u64| QueryArg::Number(i64::try_from(number).unwrap_or(i64::MAX));
        let text = |text: &str| QueryArg::Text(text.to_owned());
        let (condition, bound) = match *self {
            Self::From(seq) => {
                ("first >= coalesce((select max(first) from reseat_journal where first <= $1), 0)", vec![number(seq)])
            }
            Self::OfRun { run, from } => ("run = $1 and first >= $2", vec![number(run), number(from)]),
            Self::BegunBefore(seq) => ("mark = 1 and first < $1", vec![number(seq)]),
            Self::Unended => (
                "mark = 1 and not exists (select 1 from reseat_journal ended where ended.mark = 2 \
                 and ended.run = reseat_journal.run)",
                Vec::new(),
            ),
            Self::Named(name) => ("mark = 1 and name = $1", vec![text(name)]),
            Self::NamedLike(stem) => ("mark = 1 and substr(name, 1, length($1)) = $1", vec![text(stem)]),
            Self::OfPlan(plan) => ("mark = 1 and plan = $1", vec![text(plan)]),
            Self::EndOf(run) => ("mark = 2 and run = $1", vec![number(run)]),
            Self::FromDay(day) => ("day >= $1", vec![QueryArg::Number(day)]),
            Self::LastDay => ("day is not null", Vec::new()),
            Self::Newest => ("1 = 1", Vec::new()),
        };
        let order = if self.is_backward() { " desc" } else { "" };
        (format!("select {COLUMNS} from reseat_journal where {condition} order by first{order} limit {limit}"), bound)
    }

    /// Whether the newest comes first.
    pub(super) fn is_backward(&self) -> bool {
        matches!(self, Self::BegunBefore(_) | Self::LastDay | Self::Newest)
    }

    /// Whether the batch is one that is asked for; `is_ended` tells whether a run has ended.
    pub(super) fn takes(&self, batch: &RecordBatch, is_ended: impl Fn(u64) -> bool) -> bool {
        let begins = batch.mark == BatchMark::Began;
        match *self {
            Self::From(seq) => batch.last >= seq,
            Self::OfRun { run, from } => batch.run == run && batch.first >= from,
            Self::BegunBefore(seq) => begins && batch.first < seq,
            Self::Unended => begins && !is_ended(batch.run),
            Self::Named(name) => begins && batch.name.as_deref() == Some(name),
            Self::NamedLike(stem) => begins && batch.name.as_deref().is_some_and(|name| name.starts_with(stem)),
            Self::OfPlan(plan) => begins && batch.plan.as_deref() == Some(plan),
            Self::EndOf(run) => batch.mark == BatchMark::Ended && batch.run == run,
            Self::FromDay(day) => batch.day.is_some_and(|own| own >= day),
            Self::LastDay => batch.day.is_some(),
            Self::Newest => true,
        }
    }
}
