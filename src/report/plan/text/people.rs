//! The changes of a plan by person.

use std::fmt::Write as _;

use super::section_title;
use crate::model::{Effect, OperationId, OperationKind};
use crate::report::escape::escape;
use crate::report::format::{wrap, wrap_people};
use crate::report::review::{FollowUp, Review, ReviewTopic, ReviewedChange};
use crate::report::source_path::SourcePaths;
use crate::report::table::{Alignment, TextCell, TextTable};
use crate::report::{TextStyle, Tone};

/// Renders a section; empty if it has no changes.
pub(super) fn section(review: &Review<'_>, topic: ReviewTopic, paths: &SourcePaths<'_>, style: TextStyle) -> String {
    let changes = review.changes(topic);
    if changes.is_empty() {
        return String::new();
    }
    let tone = match topic {
        ReviewTopic::DataLoss => return data_loss(review, paths, style),
        ReviewTopic::Losses | ReviewTopic::Parked => Tone::Danger,
        ReviewTopic::Gains => Tone::Gain,
        _ => Tone::Notice,
    };
    let mut text = section_title(topic.title(), changes.len(), tone, style);
    text.push_str(&change_rows(changes, 2, paths, style));
    text
}

/// Renders people whose data is destroyed, grouped by loss.
fn data_loss(review: &Review<'_>, paths: &SourcePaths<'_>, style: TextStyle) -> String {
    let number = review.count(ReviewTopic::DataLoss);
    let mut text = section_title(ReviewTopic::DataLoss.title(), number, Tone::Danger, style);
    for changes in review.data_loss_groups() {
        let Some(first) = changes.first() else { continue };
        let label = if first.is_acknowledged { "acknowledged" } else { "NOT ACKNOWLEDGED" };
        text.push_str(&wrap(&format!("{label}: destroys {}", escape(&first.loses.join(", "))), 2, style.width));
        if !first.keeps.is_empty() {
            text.push_str(&wrap(&format!("keeps {}", escape(&first.keeps.join(", "))), 2, style.width));
        }
        text.push_str(&change_rows(changes, 4, paths, style));
    }
    text
}

/// Renders one row per change: person, licenses, operations and request.
fn change_rows(changes: &[ReviewedChange<'_>], indent: usize, paths: &SourcePaths<'_>, style: TextStyle) -> String {
    let mut table = TextTable::new([Alignment::Left; 3]);
    for change in changes {
        table.add_row([
            TextCell::new(escape(change.person)),
            TextCell::new(change_text(change)),
            TextCell::new(format!("{}  {}", operations_text(change), request_text(change, paths))),
        ]);
    }
    table.render(indent, 2, style)
}

/// Returns the location and reason of the request, or the reason in the plan.
fn request_text(change: &ReviewedChange<'_>, paths: &SourcePaths<'_>) -> String {
    let Some(asked) = change.request else { return escape(change.why).into_owned() };
    let place = paths.file_line(&asked.location());
    asked.reason.as_ref().map_or(place.clone(), |reason| format!("{place} ({})", escape(reason)))
}

/// Returns `phones/X2 → X4` with its remarks.
fn change_text(change: &ReviewedChange<'_>) -> String {
    let mut text = escape(&format!("{}/{}", change.tenant, change.licenses())).into_owned();
    // Other sections have these remarks in their title.
    let destroys = !change.loses.is_empty();
    if destroys && change.effect == Effect::Loss {
        text.push_str(" (loss)");
    }
    if destroys && change.is_parked {
        text.push_str(" (parked)");
    }
    text
}

/// Returns the operations: `op-1 remove, op-2 assign after op-7`.
fn operations_text(change: &ReviewedChange<'_>) -> String {
    let own: Vec<&OperationId> = change.operations.iter().map(|operation| &operation.id).collect();
    let mut text = String::new();
    for operation in &change.operations {
        if !text.is_empty() {
            text.push_str(", ");
        }
        let _ = write!(text, "{} {}", escape(&operation.id.0), operation.kind.as_str());
        // Only a change in two steps needs its intermediate license.
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

/// Renders manual tasks after the plan is applied, with their people.
pub(super) fn follow_ups(review: &Review<'_>, style: TextStyle) -> String {
    if review.follow_ups.is_empty() {
        return String::new();
    }
    let mut text = section_title(ReviewTopic::FollowUps.title(), review.follow_ups.len(), Tone::Heading, style);
    for FollowUp { text: what, people: who } in &review.follow_ups {
        let _ = writeln!(text, "  {}", escape(what));
        text.push_str(&wrap_people(who, 4, style.width));
    }
    text
}
