//! Where a fresh plan is not the one that was reviewed, person by person.
//!
//! It stands apart from plans, because it is about two of them; the reader has to find who is new, who is gone and who
//! differs, and decides then whether to review again.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::escape::escape;
use super::format::pluralize;
use super::table::{Alignment, TextCell, TextTable};
use super::{TextStyle, Tone};
use crate::diagnostic::Finding;
use crate::model::{Digest, Operation, OperationKind};

/// Where a fresh plan is not what was reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewMismatch {
    /// What the fresh plan does.
    pub content: Digest,
    /// What the reviewed plans do.
    pub reviewed: Vec<Digest>,
    /// Everybody who differs, by tenant and key; nobody where only digests were given.
    pub people: Vec<PersonMismatch>,
    /// Why nothing was sent.
    pub findings: Vec<Finding>,
}

/// How one person's part differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PersonMismatch {
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// In which way.
    pub kind: MismatchKind,
    /// What was reviewed; null where nothing was.
    pub reviewed: Option<String>,
    /// What would be done now, or why nothing is; null where nothing is known of it.
    pub now: Option<String>,
}

/// In which way somebody's part differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MismatchKind {
    /// Nothing was reviewed for this person.
    Added,
    /// What was reviewed is neither planned nor in effect.
    Gone,
    /// Something else is planned.
    Different,
}

impl MismatchKind {
    fn label(self) -> (&'static str, Tone) {
        match self {
            Self::Added => ("added", Tone::Danger),
            Self::Gone => ("gone", Tone::Notice),
            Self::Different => ("different", Tone::Danger),
        }
    }
}

/// What operations of one person do, in a few words: `X2 → X4, destroys voicemail`.
pub fn describe_operations(operations: &[&Operation]) -> String {
    let mut parts = Vec::new();
    let mut lost: Vec<&str> = Vec::new();
    for operation in operations {
        let license = &operation.license;
        parts.push(match (operation.kind, &operation.to) {
            (OperationKind::Cancel, _) => format!("takes back the request for {license}"),
            (OperationKind::Remove, _) => format!("gives up {license}"),
            (OperationKind::Assign, _) => format!("gets {license}"),
            (OperationKind::Change, Some(to)) => format!("{license} → {to}"),
            (OperationKind::Change, None) => format!("changes {license}"),
            (OperationKind::Restore, _) => "gets memberships back".to_owned(),
            (OperationKind::Release, _) => format!("a seat of {license} is released"),
        });
        if operation.parked {
            parts.push("is parked".to_owned());
        }
        for one in &operation.loses {
            if !lost.contains(&one.as_str()) {
                lost.push(one);
            }
        }
    }
    if !lost.is_empty() {
        parts.push(format!("destroys {}", lost.join(", ")));
    }
    parts.join(", ")
}

/// The drift as text.
pub fn text(drift: &ReviewMismatch, look: TextStyle) -> String {
    if drift.people.is_empty() {
        let mut text = look.paint(Tone::Danger, "Not what was reviewed");
        let reviewed: Vec<_> = drift.reviewed.iter().map(Digest::as_str).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, ": this plan's content is {}, reviewed was {}", drift.content, reviewed.join(", "));
        text.push_str("A digest tells no people: give the reviewed plan file to see who differs\n");
        return text;
    }
    let headline =
        format!("Not what was reviewed: {}", pluralize(drift.people.len(), "person differs", "people differ"));
    let mut text = format!("{}\n", look.paint(Tone::Danger, &headline));
    let mut table = TextTable::new([Alignment::Left; 4]);
    for one in &drift.people {
        let (word, tone) = one.kind.label();
        let reviewed = one.reviewed.as_deref().unwrap_or("nothing");
        let now = one.now.as_deref().unwrap_or("nothing");
        table.add_row([
            TextCell::new(word).with_tone(tone),
            TextCell::new(escape(&one.person)),
            TextCell::new(escape(&one.tenant)),
            TextCell::new(format!("reviewed: {}; now: {}", escape(reviewed), escape(now))),
        ]);
    }
    text.push_str(&table.render(2, 3, look));
    text
}
