//! Earlier runs as text and data.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::escape::escape;
use super::plan::short;
use super::run::tally;
use super::table::{Cell, Side, Table};
use super::{Look, Tone};
use crate::model::{Digest, Run};

/// One earlier run.
#[derive(Clone, Debug)]
pub struct Record {
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
    /// How far it is: `running`, `complete`, `partial` or `interrupted`.
    pub state: &'static str,
}

/// The runs, one a line, the newest first.
pub fn text(records: &[Record], look: Look) -> String {
    if records.is_empty() {
        return "no runs yet\n".to_owned();
    }
    let mut table = Table::new([Side::Left; 5]);
    table.row(["Run", "state", "started", "plan", "outcomes"].map(|name| Cell::new(name).tone(Tone::Heading)));
    for record in records {
        let tone = match record.state {
            "complete" => Tone::Gain,
            "partial" | "interrupted" => Tone::Danger,
            _ => Tone::Notice,
        };
        table.row([
            Cell::new(escape(&record.run.run)),
            Cell::new(record.state).tone(tone),
            Cell::new(format!("{:.0}", record.started)),
            Cell::new(escape(short(record.run.plan.as_str()))),
            Cell::new(tally(&record.run.summary)),
        ]);
    }
    table.render(0, 3, look)
}

/// The document: `{ "runs": [...] }`, each run as `apply --format json` prints it, and what else the store knows.
pub fn document(records: &[Record]) -> Result<Value, serde_json::Error> {
    let mut runs = Vec::with_capacity(records.len());
    for record in records {
        let mut run = to_object(&record.run)?;
        run.insert("content".to_owned(), json!(record.content));
        run.insert("manifest".to_owned(), json!(record.manifest));
        run.insert("started".to_owned(), json!(record.started));
        run.insert("finished".to_owned(), json!(record.finished));
        run.insert("state".to_owned(), json!(record.state));
        runs.push(Value::Object(run));
    }
    Ok(json!({ "runs": runs }))
}

fn to_object<T: Serialize>(value: &T) -> Result<serde_json::Map<String, Value>, serde_json::Error> {
    match serde_json::to_value(value)? {
        Value::Object(object) => Ok(object),
        other => Ok(serde_json::Map::from_iter([("run".to_owned(), other)])),
    }
}
