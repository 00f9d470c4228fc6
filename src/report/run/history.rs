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

/// One earlier run: as `apply --format json` prints it, and what else the store knows.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HistoryRun {
    /// The run, with the outcomes that are known.
    #[serde(flatten)]
    pub run: Run,
    /// The plan's `content`.
    pub content: Digest,
    /// Who began it.
    pub who: String,
    /// The manifest's path as it was given.
    pub manifest: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended, or was found to have died.
    pub finished: Option<Timestamp>,
    /// How far it is.
    pub state: RunState,
    /// The run whose plan it goes on with.
    pub resumes: Option<SmolStr>,
    /// The run that it takes back.
    pub undoes: Option<SmolStr>,
    /// What was allowed for it although a rule says no.
    pub consents: Vec<ConsentRecord>,
}

/// The runs, one a line, the newest first.
pub fn text(records: &[HistoryRun], look: TextStyle) -> String {
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
    let mut text = table.render(0, 5, look);
    text.push_str(&rule_exceptions(records, look));
    text
}

/// How a state is painted.
pub(super) fn state_tone(state: RunState) -> Tone {
    match state {
        RunState::Complete => Tone::Gain,
        RunState::Partial | RunState::Interrupted => Tone::Danger,
        RunState::Running => Tone::Notice,
    }
}

/// What was allowed although a rule says no, one line each, below the runs.
pub(super) fn rule_exceptions(records: &[HistoryRun], look: TextStyle) -> String {
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
        text.push_str(&wrap(&line, 2, look.width));
        number += 1;
    }
    if number == 0 {
        text
    } else {
        format!("\n{} ({number})\n{text}", look.paint(Tone::Heading, "Allowed although a rule says no"))
    }
}
