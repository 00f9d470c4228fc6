//! One earlier run in detail: metadata, and the result and vendor messages of each operation.

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

/// The maximum number of successful operations in the text; the JSON has all.
const MAX_SUCCEEDED_SHOWN: usize = 200;

/// A run as `history --format json` lists it, with its operations.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RunDetails<'a> {
    #[serde(flatten)]
    record: &'a HistoryRun,
    /// In the order of their first record.
    operations: Vec<OperationHistory<'a>>,
}

impl<'a> RunDetails<'a> {
    /// Returns the run with the operations in its audit trail.
    pub fn new(record: &'a HistoryRun, records: &'a [AuditRecord]) -> Self {
        Self { record, operations: operation_histories(records) }
    }
}

/// The history of one operation in a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct OperationHistory<'a> {
    #[serde(flatten)]
    operation: &'a AuditOperation,
    /// When it was sent; null if it was not.
    sent: Option<Timestamp>,
    /// The vendor's replies, in order.
    replies: Vec<VendorReply<'a>>,
    /// The outcome; null if the run ended before it was known.
    outcome: Option<Outcome>,
    /// The reason.
    message: Option<&'a str>,
    /// When the outcome was known.
    at: Option<Timestamp>,
}

/// One reply of the vendor.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct VendorReply<'a> {
    at: Timestamp,
    reply: RecordedReply,
    status: Option<u16>,
    message: Option<&'a str>,
    body: Option<&'a str>,
}

/// Returns the history of each operation, in the order of their first record.
fn operation_histories(records: &[AuditRecord]) -> Vec<OperationHistory<'_>> {
    let mut histories: IndexMap<(&OperationId, bool), OperationHistory<'_>> = IndexMap::new();
    for record in records {
        let operation = match &record.event {
            AuditEvent::Sent { operation }
            | AuditEvent::Answered { operation, .. }
            | AuditEvent::Outcome { operation, .. } => operation,
            AuditEvent::LockTakenOver { .. } | AuditEvent::RunBegan { .. } | AuditEvent::RunEnded { .. } => continue,
        };
        let new =
            || OperationHistory { operation, sent: None, replies: Vec::new(), outcome: None, message: None, at: None };
        let history = histories.entry((&operation.id, operation.remedy)).or_insert_with(new);
        match &record.event {
            AuditEvent::Answered { operation: _, reply, status, message, body, handle: _ } => {
                history.replies.push(VendorReply {
                    at: record.at,
                    reply: *reply,
                    status: *status,
                    message: message.as_deref(),
                    body: body.as_deref(),
                })
            }
            AuditEvent::Outcome { operation: _, outcome, message } => {
                history.outcome = Some(*outcome);
                history.message = message.as_deref();
                history.at = Some(record.at);
            }
            _ => history.sent = Some(record.at),
        }
    }
    histories.into_values().collect()
}

/// Renders the run; unsuccessful operations come first.
pub fn text(record: &HistoryRun, records: &[AuditRecord], style: TextStyle) -> String {
    let HistoryRun { run, who, manifest, started, finished, state, resumes, undoes, .. } = record;
    let name = format!("Run {}", escape(&run.run));
    let mut text = format!(
        "{}: {}, {}\n",
        style.paint(Tone::Heading, &name),
        style.paint(state_tone(*state), state.as_str()),
        summarize_outcomes(&run.summary)
    );
    let until = finished.map_or_else(|| "not finished".to_owned(), |at| format!("to {at:.0}"));
    let _ = writeln!(text, "  by {}, {started:.0} {until}", escape(who));
    let _ = writeln!(text, "  plan {}, manifest {}", escape(short_digest(run.plan.as_str())), escape(manifest));
    for (word, other) in [("resumes", resumes), ("reverts", undoes)] {
        if let Some(other) = other {
            let _ = writeln!(text, "  {word} {}", escape(other));
        }
    }
    let mut histories = operation_histories(records);
    histories.sort_by_key(|history| history.outcome.map_or(0, |outcome| 1 + severity_rank(outcome)));
    let unsuccessful = histories.iter().filter(|history| !has_succeeded(history)).count();
    let shown = histories.len().min(unsuccessful + MAX_SUCCEEDED_SHOWN);
    let mut table = TextTable::new([Alignment::Left; 4]);
    for history in &histories[..shown] {
        let (word, tone) = match history.outcome {
            Some(outcome) => (outcome.as_str(), outcome_tone(outcome)),
            None => ("open", Tone::Danger),
        };
        let remedy = if history.operation.remedy { " (rollback)" } else { "" };
        table.add_row([
            TextCell::new(word).with_tone(tone),
            TextCell::new(format!("{} {}{remedy}", escape(&history.operation.id.0), history.operation.kind.as_str())),
            TextCell::new(escape(&history.operation.person)),
            TextCell::new(escape(&license_change(history.operation))),
        ]);
    }
    if shown > 0 {
        let _ = write!(text, "\n{}", table.render(2, 4, style));
    }
    if shown < histories.len() {
        let _ = writeln!(text, "  and {} more successful; `--format json` lists them", histories.len() - shown);
    }
    text.push_str(&messages(&histories, style));
    text.push_str(&rule_exceptions(std::slice::from_ref(record), style));
    text
}

/// Renders messages below the table.
fn messages(histories: &[OperationHistory<'_>], style: TextStyle) -> String {
    let mut text = String::new();
    for history in histories {
        let mut line = |words: &str| {
            let line = format!("{} {}: {words}", escape(&history.operation.id.0), escape(&history.operation.person));
            text.push_str(&wrap(&line, 2, style.width));
        };
        if let Some(message) = history.message {
            line(&escape(message));
        } else if history.outcome.is_none() && history.sent.is_some() {
            line("sent, outcome unknown");
        }
        for VendorReply { at: _, reply, status, message, body } in &history.replies {
            let parts = [status.map(|status| status.to_string()), message.map(str::to_owned), body.map(str::to_owned)];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            let is_shown = body.is_none() && status.is_none() && *message == history.message;
            if !parts.is_empty() && !is_shown {
                line(&format!("the vendor {}: {}", reply_verb(*reply), escape(&parts.join(" "))));
            }
        }
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

fn reply_verb(reply: RecordedReply) -> &'static str {
    match reply {
        RecordedReply::Accepted => "accepted",
        RecordedReply::Refused => "refused",
        RecordedReply::Doubtful => "gave no clear reply",
    }
}

fn has_succeeded(history: &OperationHistory<'_>) -> bool {
    history.outcome.is_some_and(Outcome::is_success)
}

fn license_change(operation: &AuditOperation) -> String {
    match &operation.to {
        Some(to) => format!("{}/{} → {to}", operation.tenant, operation.license),
        None => format!("{}/{}", operation.tenant, operation.license),
    }
}
