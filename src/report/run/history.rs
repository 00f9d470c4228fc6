//! Earlier runs as text and data.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::text::summarize_outcomes;
use crate::model::{ConsentRecord, Digest, Run, RunState};
use crate::report::escape::escape;
use crate::report::format::{short_digest, wrap};
use crate::report::table::{Alignment, TextCell, TextTable};
use crate::report::{TextStyle, Tone};

/// Earlier runs as data.
#[derive(Debug, Serialize, JsonSchema)]
pub struct History {
    /// The newest first.
    pub runs: Vec<HistoryRun>,
}

/// One earlier run: the output of `apply --format json` with metadata from the store.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HistoryRun {
    /// The run with its known outcomes.
    #[serde(flatten)]
    pub run: Run,
    /// The content digest of the plan.
    pub content: Digest,
    /// Who started the run.
    pub who: String,
    /// The manifest's path as given.
    pub manifest: String,
    /// When the run started.
    pub started: Timestamp,
    /// When the run ended, or was found to have crashed.
    pub finished: Option<Timestamp>,
    /// The state of the run.
    pub state: RunState,
    /// The run that this run resumes.
    pub resumes: Option<SmolStr>,
    /// The run that this run reverts.
    pub undoes: Option<SmolStr>,
    /// Exceptions from policy rules that the run used.
    pub consents: Vec<ConsentRecord>,
}

/// Renders one line per run, the newest first.
pub fn text(records: &[HistoryRun], style: TextStyle) -> String {
    if records.is_empty() {
        return "no runs yet\n".to_owned();
    }
    let mut table = TextTable::new([Alignment::Left; 6]);
    table.add_row(
        ["Run", "state", "started", "by", "plan", "outcomes"].map(|name| TextCell::new(name).with_tone(Tone::Heading)),
    );
    for record in records {
        table.add_row([
            TextCell::new(escape(&record.run.run)),
            TextCell::new(record.state.as_str()).with_tone(state_tone(record.state)),
            TextCell::new(format!("{:.0}", record.started)),
            TextCell::new(escape(&record.who)),
            TextCell::new(escape(short_digest(record.run.plan.as_str()))),
            TextCell::new(summarize_outcomes(&record.run.summary)),
        ]);
    }
    let mut text = table.render(0, 5, style);
    text.push_str(&rule_exceptions(records, style));
    text
}

/// Returns the tone of a state.
pub(super) fn state_tone(state: RunState) -> Tone {
    match state {
        RunState::Complete => Tone::Gain,
        RunState::Partial | RunState::Interrupted => Tone::Danger,
        RunState::Running => Tone::Notice,
    }
}

/// Renders exceptions from policy rules, one per line.
pub(super) fn rule_exceptions(records: &[HistoryRun], style: TextStyle) -> String {
    let all = records.iter().flat_map(|record| record.consents.iter().map(move |consented| (record, consented)));
    let mut text = String::new();
    let mut number = 0;
    for (record, consented) in all {
        let ConsentRecord { kind, rule, scope, owner, reason, digest, until, origin } = consented;
        let mut line = format!("{} {} of `{}`", escape(&record.run.run), kind.as_str(), escape(rule));
        for (word, part) in
            [(" for ", scope.as_deref()), (" ", digest.as_deref().map(short_digest)), (" until ", until.as_deref())]
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
        text.push_str(&wrap(&line, 2, style.width));
        number += 1;
    }
    if number == 0 { text } else { format!("\n{} ({number})\n{text}", style.paint(Tone::Heading, "Policy exceptions")) }
}
