//! Findings of an undo: what cannot be restored, and who is not changed.
//!
//! The same note about several people is one finding.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::diagnostic::catalog::plan as code;
use crate::diagnostic::{Code, Finding};

/// The maximum number of people named in a message; the finding lists all.
const NAMED_MAX: usize = 3;

/// A note about one or more people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum UndoNote {
    /// Data destroyed with a license.
    DataLost { tenant: SmolStr, license: SmolStr, what: Vec<String>, restored: bool },
    /// A cancelled request is not repeated.
    RequestCancelled { tenant: SmolStr, license: SmolStr },
    /// A trial was held before.
    TrialHeld { tenant: SmolStr, license: SmolStr },
    /// The vendor was asked to stop billing a seat.
    SeatReleased { tenant: SmolStr, license: SmolStr },
    /// An unknown holding before the run.
    UnknownHolding { tenant: SmolStr },
    /// Two exclusive licenses were held.
    SeveralHeld { tenant: SmolStr },
    /// Holdings changed since the run.
    ChangedSince { tenant: SmolStr, holds: String },
    /// The account is missing or was not observed.
    AccountMissing { tenant: SmolStr, complete: bool },
    /// The tenant is not in the manifest.
    TenantMissing { tenant: SmolStr },
    /// The mode forbids the removal.
    ModeForbids { tenant: SmolStr, license: SmolStr, mode: &'static str },
    /// An operation may still take effect.
    Unconfirmed { tenant: SmolStr, operation: SmolStr },
}

/// All notes with their people.
#[derive(Debug, Default)]
pub(super) struct UndoNotes(BTreeMap<UndoNote, Vec<SmolStr>>);

impl UndoNotes {
    /// Adds a note about a person.
    pub(super) fn add(&mut self, saying: UndoNote, person: &SmolStr) {
        self.0.entry(saying).or_default().push(person.clone());
    }

    /// Returns the findings.
    pub(super) fn findings(self, run: &str) -> Vec<Finding> {
        self.0.into_iter().map(|(saying, people)| saying.finding(run, &people).people(people)).collect()
    }
}

impl UndoNote {
    fn finding(&self, run: &str, people: &[SmolStr]) -> Finding {
        let who = format_people(people);
        let warn = |code: &'static Code, message: String, help: &str| Finding::warning(code, message).help(help);
        match self {
            Self::DataLost { tenant, license, what, restored } => {
                let but = if *restored { "; memberships were restored" } else { "" };
                let what = what.join(", ");
                let message = format!("what {who} lost with `{tenant}/{license}` does not come back: {what}{but}");
                warn(&code::UNDO_INCOMPLETE, message, "give it back from what was exported before the run")
            }
            Self::RequestCancelled { tenant, license } => {
                let message =
                    format!("the request for `{tenant}/{license}` of {who} was cancelled, and is not made again");
                warn(&code::UNDO_INCOMPLETE, message, "name them for the license in the manifest if they still need it")
            }
            Self::TrialHeld { tenant, license } => {
                let message =
                    format!("the trial of `{tenant}/{license}` that {who} had cannot be assigned again: not changed");
                warn(&code::UNDO_SKIPPED, message, "name them in the manifest for what they should hold")
            }
            Self::SeatReleased { tenant, license } => {
                let message = format!("`{tenant}` was asked to stop billing the seat of `{license}` that {who} left");
                warn(
                    &code::UNDO_INCOMPLETE,
                    message,
                    "check with the vendor that the seat is still yours before you give it back",
                )
            }
            Self::UnknownHolding { tenant } => {
                let message =
                    format!("{who} held something at `{tenant}` before `{run}` that its operations do not tell of");
                warn(
                    &code::UNDO_INCOMPLETE,
                    message,
                    "only the license comes back; look at them afterwards with `reseat why PERSON`",
                )
            }
            Self::SeveralHeld { tenant } => {
                let message =
                    format!("{who} held licenses at `{tenant}` before `{run}` that exclude each other: not changed");
                warn(&code::UNDO_SKIPPED, message, "name them in the manifest for what they should hold")
            }
            Self::ChangedSince { tenant, holds } => {
                let (verb, are) = if people.len() == 1 { ("holds", "is") } else { ("hold", "are") };
                let message = format!(
                    "{who} {verb} {holds} at `{tenant}` now, which differs from the result of `{run}`, and {are} not changed"
                );
                warn(&code::UNDO_SKIPPED, message, "name them in the manifest for what they should hold")
            }
            Self::AccountMissing { tenant, complete: true } => {
                let message = format!("{who} had an account at `{tenant}` that no longer exists: not changed");
                warn(&code::UNDO_SKIPPED, message, "create the account at the vendor, and undo the run again")
            }
            Self::AccountMissing { tenant, complete: false } => {
                let message =
                    format!("{who} was not seen at `{tenant}`, and the observation is incomplete: not changed");
                warn(&code::UNDO_SKIPPED, message, "undo the run again when the whole tenant can be read")
            }
            Self::TenantMissing { tenant } => {
                let message = format!("unknown tenant `{tenant}`: {who} not changed");
                warn(
                    &code::UNDO_SKIPPED,
                    message,
                    "name the manifest that the run was made from, with `--manifest PATH`",
                )
            }
            Self::ModeForbids { tenant, license, mode } => {
                let message = format!("mode `{mode}` forbids taking `{tenant}/{license}` back from {who}");
                warn(
                    &code::UNDO_SKIPPED,
                    message,
                    "change `manage` of the tenant or of the pool if this is meant to happen",
                )
            }
            Self::Unconfirmed { tenant, operation } => {
                let message = format!("`{operation}` of `{run}` may still take effect for {who} at `{tenant}`");
                warn(&code::UNDO_UNRESOLVED, message, "settle it with `reseat resume`, or undo the run again later")
            }
        }
    }
}

/// Formats people for a message: the first few, and the number of others.
pub fn format_people(people: &[SmolStr]) -> String {
    let mut sorted: Vec<&SmolStr> = people.iter().collect();
    sorted.sort();
    sorted.dedup();
    let shown: Vec<String> = sorted.iter().take(NAMED_MAX).map(|person| format!("`{person}`")).collect();
    match sorted.len() - shown.len() {
        0 => match shown.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
            None => "nobody".to_owned(),
        },
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
