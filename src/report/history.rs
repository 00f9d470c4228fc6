//! Earlier runs as text and data.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::escape::escape;
use super::plan::short;
use super::run::tally;
use super::table::{Cell, Side, Table};
use super::words::wrap;
use super::{Look, Tone};
use crate::model::{Consented, Digest, Run};

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
    /// What was allowed for it although a rule says no.
    pub consents: Vec<Consented>,
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
    let mut text = table.render(0, 3, look);
    text.push_str(&consents(records, look));
    text
}

/// What was allowed although a rule says no, one line each, below the runs.
fn consents(records: &[Record], look: Look) -> String {
    let all = records.iter().flat_map(|record| record.consents.iter().map(move |consented| (record, consented)));
    let mut text = String::new();
    let mut number = 0;
    for (record, consented) in all {
        let Consented { kind, rule, scope, owner, reason, digest, until, origin } = consented;
        let mut line = format!("{} {} of `{}`", escape(&record.run.run), kind.as_str(), escape(rule));
        for (word, part) in
            [(" for ", scope.as_deref()), (" ", digest.as_deref().map(short)), (" until ", until.as_deref())]
        {
            if let Some(part) = part {
                line.push_str(word);
                line.push_str(&escape(part));
            }
        }
        if !owner.is_empty() {
            line.push_str(&format!(" by {}", escape(owner)));
        }
        if let Some(reason) = reason {
            line.push_str(&format!(": {}", escape(reason)));
        }
        line.push_str(&format!(" ({})", origin.as_str()));
        text.push_str(&wrap(&line, 2, look.width));
        number += 1;
    }
    if number == 0 {
        text
    } else {
        format!("\n{} ({number})\n{text}", look.paint(Tone::Heading, "Allowed although a rule says no"))
    }
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
        run.insert("consents".to_owned(), json!(record.consents));
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
