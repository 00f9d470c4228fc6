//! The people of a plan, by what happens to them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::section_title;
use crate::model::{Effect, OperationId, OperationKind};
use crate::report::escape::escape;
use crate::report::format::{wrap, wrap_people};
use crate::report::review::{FollowUp, Review, ReviewTopic, ReviewedChange};
use crate::report::source_path::SourcePaths;
use crate::report::table::{Alignment, TextCell, TextTable};
use crate::report::{TextStyle, Tone};

/// Everybody in that section; nothing when there is nobody.
pub(super) fn section(review: &Review<'_>, topic: ReviewTopic, places: &SourcePaths<'_>, look: TextStyle) -> String {
    let entries = review.changes(topic);
    if entries.is_empty() {
        return String::new();
    }
    let tone = match topic {
        ReviewTopic::DataLoss => return data_loss(entries, places, look),
        ReviewTopic::Losses | ReviewTopic::Parked => Tone::Danger,
        ReviewTopic::Gains => Tone::Gain,
        _ => Tone::Notice,
    };
    let mut text = section_title(topic.title(), entries.len(), tone, look);
    let entries: Vec<_> = entries.iter().collect();
    text.push_str(&change_rows(&entries, 2, places, look));
    text
}

/// What a change destroys and leaves; what nobody has taken care of comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct TextLossGroup<'p> {
    acknowledged: bool,
    loses: &'p [&'p str],
    keeps: &'p [&'p str],
}

/// Everybody whose data is destroyed, below what they lose; first those for whom nobody has taken care of it.
fn data_loss(entries: &[ReviewedChange<'_>], places: &SourcePaths<'_>, look: TextStyle) -> String {
    let mut by_loss: BTreeMap<TextLossGroup<'_>, Vec<&ReviewedChange<'_>>> = BTreeMap::new();
    for entry in entries {
        let damage = TextLossGroup { acknowledged: entry.is_acknowledged, loses: &entry.loses, keeps: &entry.keeps };
        by_loss.entry(damage).or_default().push(entry);
    }
    let mut text = section_title(ReviewTopic::DataLoss.title(), entries.len(), Tone::Danger, look);
    for (TextLossGroup { acknowledged, loses, keeps }, members) in by_loss {
        let mark = if acknowledged { "acknowledged" } else { "NOT ACKNOWLEDGED" };
        text.push_str(&wrap(&format!("{mark}: lose {}", escape(&loses.join(", "))), 2, look.width));
        if !keeps.is_empty() {
            text.push_str(&wrap(&format!("keep {}", escape(&keeps.join(", "))), 2, look.width));
        }
        text.push_str(&change_rows(&members, 4, places, look));
    }
    text
}

/// One row a change: who, what, by which operations, and who asked.
fn change_rows(entries: &[&ReviewedChange<'_>], indent: usize, places: &SourcePaths<'_>, look: TextStyle) -> String {
    let mut table = TextTable::new([Alignment::Left; 3]);
    for entry in entries {
        table.add_row([
            TextCell::new(escape(entry.person)),
            TextCell::new(change_text(entry)),
            TextCell::new(format!("{}  {}", operations_text(entry), request_text(entry, places))),
        ]);
    }
    table.render(indent, 2, look)
}

/// Where it is written and why, or what the plan says of it.
fn request_text(entry: &ReviewedChange<'_>, places: &SourcePaths<'_>) -> String {
    let Some(asked) = entry.request else { return escape(entry.why).into_owned() };
    let place = places.file_line(&asked.location());
    asked.reason.as_ref().map_or(place.clone(), |reason| format!("{place} ({})", escape(reason)))
}

/// What happens: `phones/X2 → X4`, and what is special about it.
fn change_text(entry: &ReviewedChange<'_>) -> String {
    let mut text = escape(&format!("{}/{}", entry.tenant, entry.licenses())).into_owned();
    // The other sections say it in their title.
    let destroys = !entry.loses.is_empty();
    if destroys && entry.effect == Effect::Loss {
        text.push_str(" (loss)");
    }
    if destroys && entry.is_parked {
        text.push_str(" (parked)");
    }
    text
}

/// The operations: `op-1 remove, op-2 assign after op-7`.
fn operations_text(entry: &ReviewedChange<'_>) -> String {
    let own: Vec<&OperationId> = entry.operations.iter().map(|operation| &operation.id).collect();
    let mut text = String::new();
    for operation in &entry.operations {
        if !text.is_empty() {
            text.push_str(", ");
        }
        let _ = write!(text, "{} {}", escape(&operation.id.0), operation.kind.as_str());
        // The middle of a change of two atomic steps is told; a plain change has been told already.
        if operation.kind == OperationKind::Change && own.len() > 1 {
            let _ = write!(text, " to {}", escape(operation.to.as_deref().unwrap_or_default()));
        }
        let others: Vec<_> = operation.after.iter().filter(|id| !own.contains(id)).map(|id| escape(&id.0)).collect();
        if !others.is_empty() {
            let _ = write!(text, " after {}", others.join(" "));
        }
    }
    text
}

/// What is left for people to do when the plan is applied, each with everybody it is about.
pub(super) fn follow_ups(review: &Review<'_>, look: TextStyle) -> String {
    if review.follow_ups.is_empty() {
        return String::new();
    }
    let mut text = section_title(ReviewTopic::FollowUps.title(), review.follow_ups.len(), Tone::Heading, look);
    for FollowUp { text: what, people: who } in &review.follow_ups {
        let _ = writeln!(text, "  {}", escape(what));
        text.push_str(&wrap_people(who, 4, look.width));
    }
    text
}
