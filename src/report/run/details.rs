//! One earlier run in full: who, when, from what plan, and what came of each operation, in the vendor's own words.

use std::fmt::Write as _;

use indexmap::IndexMap;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::history::{HistoryRun, rule_exceptions, state_tone};
use super::text::{outcome_tone, severity_rank, summarize_outcomes};
use crate::model::{AuditEvent, AuditOperation, AuditRecord, OperationId, Outcome, RecordedReply};
use crate::report::escape::escape;
use crate::report::format::{short_digest, wrap};
use crate::report::table::{Alignment, TextCell, TextTable};
use crate::report::{TextStyle, Tone};

/// Operations that went well and are listed as text; all of them are in the JSON.
const MAX_SUCCEEDED_SHOWN: usize = 200;

/// The run as `history --format json` lists it, with everything that became of its operations.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunDetails<'a> {
    #[serde(flatten)]
    record: &'a HistoryRun,
    /// In the order of their first record.
    operations: Vec<OperationHistory<'a>>,
}

impl<'a> RunDetails<'a> {
    /// What the audit trail says of the run.
    pub fn new(record: &'a HistoryRun, records: &'a [AuditRecord]) -> Self {
        Self { record, operations: operation_histories(records) }
    }
}

/// What a run did with one operation.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct OperationHistory<'a> {
    #[serde(flatten)]
    operation: &'a AuditOperation,
    /// When it was sent; null where it was not.
    sent: Option<Timestamp>,
    /// What the vendor said, in order.
    replies: Vec<VendorReply<'a>>,
    /// Its fate; null where the run died before it was known.
    outcome: Option<Outcome>,
    /// Why.
    message: Option<&'a str>,
    /// When the fate was known.
    at: Option<Timestamp>,
}

/// One answer of the vendor.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct VendorReply<'a> {
    at: Timestamp,
    reply: RecordedReply,
    status: Option<u16>,
    message: Option<&'a str>,
    body: Option<&'a str>,
}

/// What the records say of each operation, in the order of their first record.
fn operation_histories(records: &[AuditRecord]) -> Vec<OperationHistory<'_>> {
    let mut deeds: IndexMap<(&OperationId, bool), OperationHistory<'_>> = IndexMap::new();
    for record in records {
        let operation = match &record.event {
            AuditEvent::Sent { operation }
            | AuditEvent::Answered { operation, .. }
            | AuditEvent::Outcome { operation, .. } => operation,
            AuditEvent::LockTakenOver { .. } | AuditEvent::RunBegan { .. } | AuditEvent::RunEnded { .. } => continue,
        };
        let new =
            || OperationHistory { operation, sent: None, replies: Vec::new(), outcome: None, message: None, at: None };
        let deed = deeds.entry((&operation.id, operation.remedy)).or_insert_with(new);
        match &record.event {
            AuditEvent::Answered { operation: _, reply, status, message, body, handle: _ } => {
                deed.replies.push(VendorReply {
                    at: record.at,
                    reply: *reply,
                    status: *status,
                    message: message.as_deref(),
                    body: body.as_deref(),
                })
            }
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
pub fn text(record: &HistoryRun, records: &[AuditRecord], look: TextStyle) -> String {
    let HistoryRun { run, who, manifest, started, finished, state, resumes, undoes, .. } = record;
    let name = format!("Run {}", escape(&run.run));
    let mut text = format!(
        "{}: {}, {}\n",
        look.paint(Tone::Heading, &name),
        look.paint(state_tone(*state), state.as_str()),
        summarize_outcomes(&run.summary)
    );
    let until = finished.map_or_else(|| "and has not ended".to_owned(), |at| format!("to {at:.0}"));
    let _ = writeln!(text, "  by {}, {started:.0} {until}", escape(who));
    let _ = writeln!(text, "  plan {}, manifest {}", escape(short_digest(run.plan.as_str())), escape(manifest));
    for (word, other) in [("goes on with", resumes), ("takes back", undoes)] {
        if let Some(other) = other {
            let _ = writeln!(text, "  {word} {}", escape(other));
        }
    }
    let mut deeds = operation_histories(records);
    deeds.sort_by_key(|deed| deed.outcome.map_or(0, |outcome| 1 + severity_rank(outcome)));
    let troubled = deeds.iter().filter(|deed| !has_succeeded(deed)).count();
    let shown = deeds.len().min(troubled + MAX_SUCCEEDED_SHOWN);
    let mut table = TextTable::new([Alignment::Left; 4]);
    for deed in &deeds[..shown] {
        let (word, tone) = match deed.outcome {
            Some(outcome) => (outcome.as_str(), outcome_tone(outcome)),
            None => ("open", Tone::Danger),
        };
        let remedy = if deed.operation.remedy { " (to mend)" } else { "" };
        table.add_row([
            TextCell::new(word).with_tone(tone),
            TextCell::new(format!("{} {}{remedy}", escape(&deed.operation.id.0), deed.operation.kind.as_str())),
            TextCell::new(escape(&deed.operation.person)),
            TextCell::new(escape(&license_change(deed.operation))),
        ]);
    }
    if shown > 0 {
        let _ = write!(text, "\n{}", table.render(2, 4, look));
    }
    if shown < deeds.len() {
        let _ = writeln!(text, "  and {} more that went well: `--format json` has all", deeds.len() - shown);
    }
    text.push_str(&messages(&deeds, look));
    text.push_str(&rule_exceptions(std::slice::from_ref(record), look));
    text
}

/// What was said of operations, below the table, for they are sentences.
fn messages(deeds: &[OperationHistory<'_>], look: TextStyle) -> String {
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
        for VendorReply { at: _, reply, status, message, body } in &deed.replies {
            let parts = [status.map(|status| status.to_string()), message.map(str::to_owned), body.map(str::to_owned)];
            let said: Vec<_> = parts.into_iter().flatten().collect();
            let is_told = body.is_none() && status.is_none() && *message == deed.message;
            if !said.is_empty() && !is_told {
                line(&format!("the vendor {} it: {}", reply_verb(*reply), escape(&said.join(" "))));
            }
        }
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

fn reply_verb(reply: RecordedReply) -> &'static str {
    match reply {
        RecordedReply::Accepted => "accepted",
        RecordedReply::Refused => "refused",
        RecordedReply::Doubtful => "did not surely take",
    }
}

fn has_succeeded(deed: &OperationHistory<'_>) -> bool {
    deed.outcome.is_some_and(Outcome::is_success)
}

fn license_change(operation: &AuditOperation) -> String {
    match &operation.to {
        Some(to) => format!("{}/{} → {to}", operation.tenant, operation.license),
        None => format!("{}/{}", operation.tenant, operation.license),
    }
}
