//! One earlier run in full: who, when, from what plan, and what came of each operation, in the vendor's own words.

use std::fmt::Write as _;

use indexmap::IndexMap;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::escape::escape;
use super::history::{Record, consents, tone};
use super::plan::short;
use super::run::{tally, tone as outcome_tone, weight};
use super::table::{Cell, Side, Table};
use super::words::wrap;
use super::{Look, Tone};
use crate::model::{AuditEvent, AuditOperation, AuditRecord, OperationId, Outcome, Reply};

/// Operations that went well and are listed as text; all of them are in the JSON.
const MOST_SHOWN: usize = 200;

/// The run as `history --format json` lists it, with everything that became of its operations.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunInFull<'a> {
    #[serde(flatten)]
    record: &'a Record,
    /// In the order of their first record.
    operations: Vec<Deed<'a>>,
}

impl<'a> RunInFull<'a> {
    /// What the audit trail says of the run.
    pub fn new(record: &'a Record, records: &'a [AuditRecord]) -> Self {
        Self { record, operations: deeds(records) }
    }
}

/// What a run did with one operation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Deed<'a> {
    #[serde(flatten)]
    operation: &'a AuditOperation,
    /// When it was sent; null where it was not.
    sent: Option<Timestamp>,
    /// What the vendor said, in order.
    replies: Vec<Said<'a>>,
    /// Its fate; null where the run died before it was known.
    outcome: Option<Outcome>,
    /// Why.
    message: Option<&'a str>,
    /// When the fate was known.
    at: Option<Timestamp>,
}

/// One answer of the vendor.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Said<'a> {
    at: Timestamp,
    reply: Reply,
    status: Option<u16>,
    message: Option<&'a str>,
    body: Option<&'a str>,
}

/// What the records say of each operation, in the order of their first record.
fn deeds(records: &[AuditRecord]) -> Vec<Deed<'_>> {
    let mut deeds: IndexMap<(&OperationId, bool), Deed<'_>> = IndexMap::new();
    for record in records {
        let operation = match &record.event {
            AuditEvent::Sent { operation }
            | AuditEvent::Answered { operation, .. }
            | AuditEvent::Outcome { operation, .. } => operation,
            AuditEvent::LockTakenOver { .. } | AuditEvent::RunBegan { .. } | AuditEvent::RunEnded { .. } => continue,
        };
        let new = || Deed { operation, sent: None, replies: Vec::new(), outcome: None, message: None, at: None };
        let deed = deeds.entry((&operation.id, operation.remedy)).or_insert_with(new);
        match &record.event {
            AuditEvent::Answered { operation: _, reply, status, message, body, handle: _ } => deed.replies.push(Said {
                at: record.at,
                reply: *reply,
                status: *status,
                message: message.as_deref(),
                body: body.as_deref(),
            }),
            AuditEvent::Outcome { operation: _, outcome, message } => {
                deed.outcome = Some(*outcome);
                deed.message = message.as_deref();
                deed.at = Some(record.at);
            }
            _ => deed.sent = Some(record.at),
        }
    }
    deeds.into_values().collect()
}

/// The run as text; what did not go well stands first.
pub fn text(record: &Record, records: &[AuditRecord], look: Look) -> String {
    let Record { run, who, manifest, started, finished, state, resumes, undoes, .. } = record;
    let name = format!("Run {}", escape(&run.run));
    let mut text = format!(
        "{}: {}, {}\n",
        look.paint(Tone::Heading, &name),
        look.paint(tone(*state), state.as_str()),
        tally(&run.summary)
    );
    let until = finished.map_or_else(|| "and has not ended".to_owned(), |at| format!("to {at:.0}"));
    let _ = writeln!(text, "  by {}, {started:.0} {until}", escape(who));
    let _ = writeln!(text, "  plan {}, manifest {}", escape(short(run.plan.as_str())), escape(manifest));
    for (word, other) in [("goes on with", resumes), ("takes back", undoes)] {
        if let Some(other) = other {
            let _ = writeln!(text, "  {word} {}", escape(other));
        }
    }
    let mut deeds = deeds(records);
    deeds.sort_by_key(|deed| deed.outcome.map_or(0, |outcome| 1 + weight(outcome)));
    let troubled = deeds.iter().filter(|deed| !is_fine(deed)).count();
    let shown = deeds.len().min(troubled + MOST_SHOWN);
    let mut table = Table::new([Side::Left; 4]);
    for deed in &deeds[..shown] {
        let (word, tone) = match deed.outcome {
            Some(outcome) => (outcome.as_str(), outcome_tone(outcome)),
            None => ("open", Tone::Danger),
        };
        let remedy = if deed.operation.remedy { " (to mend)" } else { "" };
        table.row([
            Cell::new(word).tone(tone),
            Cell::new(format!("{} {}{remedy}", escape(&deed.operation.id.0), deed.operation.kind.as_str())),
            Cell::new(escape(&deed.operation.person)),
            Cell::new(escape(&licenses(deed.operation))),
        ]);
    }
    if shown > 0 {
        let _ = write!(text, "\n{}", table.render(2, 4, look));
    }
    if shown < deeds.len() {
        let _ = writeln!(text, "  and {} more that went well: `--format json` has all", deeds.len() - shown);
    }
    text.push_str(&words(&deeds, look));
    text.push_str(&consents(std::slice::from_ref(record), look));
    text
}

/// What was said of operations, below the table, for they are sentences.
fn words(deeds: &[Deed<'_>], look: Look) -> String {
    let mut text = String::new();
    for deed in deeds {
        let mut line = |words: &str| {
            let line = format!("{} {}: {words}", escape(&deed.operation.id.0), escape(&deed.operation.person));
            text.push_str(&wrap(&line, 2, look.width));
        };
        if let Some(message) = deed.message {
            line(&escape(message));
        } else if deed.outcome.is_none() && deed.sent.is_some() {
            line("sent, and nobody knows yet what came of it");
        }
        for Said { at: _, reply, status, message, body } in &deed.replies {
            let parts = [status.map(|status| status.to_string()), message.map(str::to_owned), body.map(str::to_owned)];
            let said: Vec<_> = parts.into_iter().flatten().collect();
            let is_told = body.is_none() && status.is_none() && *message == deed.message;
            if !said.is_empty() && !is_told {
                line(&format!("the vendor {} it: {}", replied(*reply), escape(&said.join(" "))));
            }
        }
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

fn replied(reply: Reply) -> &'static str {
    match reply {
        Reply::Accepted => "accepted",
        Reply::Refused => "refused",
        Reply::Doubtful => "did not surely take",
    }
}

fn is_fine(deed: &Deed<'_>) -> bool {
    deed.outcome.is_some_and(Outcome::is_success)
}

fn licenses(operation: &AuditOperation) -> String {
    match &operation.to {
        Some(to) => format!("{}/{} → {to}", operation.tenant, operation.license),
        None => format!("{}/{}", operation.tenant, operation.license),
    }
}
