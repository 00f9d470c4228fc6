//! Differences between the reviewed plan and a new plan, person by person.

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

/// The differences between the reviewed plan and a new plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewMismatch {
    /// The content digest of the new plan.
    pub content: Digest,
    /// The content digests of the reviewed plans.
    pub reviewed: Vec<Digest>,
    /// Everyone who differs, by tenant and key; empty if only digests were given.
    pub people: Vec<PersonMismatch>,
    /// Why nothing was sent.
    pub findings: Vec<Finding>,
}

/// The difference of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PersonMismatch {
    /// The tenant.
    pub tenant: SmolStr,
    /// The person's key.
    pub person: SmolStr,
    /// The kind of difference.
    pub kind: MismatchKind,
    /// The reviewed change; null if there was none.
    pub reviewed: Option<String>,
    /// The new change, or the reason why there is none; null if neither is known.
    pub now: Option<String>,
}

/// A kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MismatchKind {
    /// Nothing was reviewed for this person.
    Added,
    /// The reviewed change is neither planned nor in effect.
    Gone,
    /// The plans contain different changes.
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

/// Describes the operations of one person: `X2 → X4, destroys voicemail`.
pub fn describe_operations(operations: &[&Operation]) -> String {
    let mut parts = Vec::new();
    let mut lost: Vec<&str> = Vec::new();
    for operation in operations {
        let license = &operation.license;
        parts.push(match (operation.kind, &operation.to) {
            (OperationKind::Cancel, _) => format!("cancels the request for {license}"),
            (OperationKind::Remove, _) => format!("loses {license}"),
            (OperationKind::Assign, _) => format!("gets {license}"),
            (OperationKind::Change, Some(to)) => format!("{license} → {to}"),
            (OperationKind::Change, None) => format!("changes {license}"),
            (OperationKind::Restore, _) => "restores memberships".to_owned(),
            (OperationKind::Release, _) => format!("releases a seat of {license}"),
        });
        if operation.parked {
            parts.push("parked".to_owned());
        }
        for person in &operation.loses {
            if !lost.contains(&person.as_str()) {
                lost.push(person);
            }
        }
    }
    if !lost.is_empty() {
        parts.push(format!("destroys {}", lost.join(", ")));
    }
    parts.join(", ")
}

/// Renders the differences.
pub fn text(mismatch: &ReviewMismatch, style: TextStyle) -> String {
    if mismatch.people.is_empty() {
        let mut text = style.paint(Tone::Danger, "The plan differs from the reviewed plan");
        let reviewed: Vec<_> = mismatch.reviewed.iter().map(Digest::as_str).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, ": content {}, reviewed {}", mismatch.content, reviewed.join(", "));
        text.push_str("Pass the reviewed plan file instead of its digest to see who differs\n");
        return text;
    }
    let headline = format!(
        "The plan differs from the reviewed plan: {}",
        pluralize(mismatch.people.len(), "person differs", "people differ")
    );
    let mut text = format!("{}\n", style.paint(Tone::Danger, &headline));
    let mut table = TextTable::new([Alignment::Left; 4]);
    for person in &mismatch.people {
        let (word, tone) = person.kind.label();
        let reviewed = person.reviewed.as_deref().unwrap_or("nothing");
        let now = person.now.as_deref().unwrap_or("nothing");
        table.add_row([
            TextCell::new(word).with_tone(tone),
            TextCell::new(escape(&person.person)),
            TextCell::new(escape(&person.tenant)),
            TextCell::new(format!("reviewed: {}; now: {}", escape(reviewed), escape(now))),
        ]);
    }
    text.push_str(&table.render(2, 3, style));
    text
}
