//! The people of a plan, by what happens to them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::escape::escape;
use super::super::places::Places;
use super::super::review::{Entry, FollowUp, Review, Topic};
use super::super::table::{Cell, Side, Table};
use super::super::words::{people, wrap};
use super::super::{Look, Tone};
use super::title;
use crate::model::{Effect, OperationId, OperationKind};

/// Everybody in that section; nothing when there is nobody.
pub(super) fn section(review: &Review<'_>, topic: Topic, places: &Places<'_>, look: Look) -> String {
    let entries = review.changes(topic);
    if entries.is_empty() {
        return String::new();
    }
    let tone = match topic {
        Topic::DataLoss => return destroyed(entries, places, look),
        Topic::Removals | Topic::Parked => Tone::Danger,
        Topic::Additions => Tone::Gain,
        _ => Tone::Notice,
    };
    let mut text = title(topic.title(), entries.len(), tone, look);
    let entries: Vec<_> = entries.iter().collect();
    text.push_str(&rows(&entries, 2, places, look));
    text
}

/// What a change destroys and leaves; what nobody has taken care of comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Damage<'p> {
    acknowledged: bool,
    loses: &'p [&'p str],
    keeps: &'p [&'p str],
}

/// Everybody whose data is destroyed, below what they lose; first those for whom nobody has taken care of it.
fn destroyed(entries: &[Entry<'_>], places: &Places<'_>, look: Look) -> String {
    let mut by_loss: BTreeMap<Damage<'_>, Vec<&Entry<'_>>> = BTreeMap::new();
    for entry in entries {
        let damage = Damage { acknowledged: entry.is_acknowledged, loses: &entry.loses, keeps: &entry.keeps };
        by_loss.entry(damage).or_default().push(entry);
    }
    let mut text = title(Topic::DataLoss.title(), entries.len(), Tone::Danger, look);
    for (Damage { acknowledged, loses, keeps }, members) in by_loss {
        let mark = if acknowledged { "acknowledged" } else { "NOT ACKNOWLEDGED" };
        text.push_str(&wrap(&format!("{mark}: lose {}", escape(&loses.join(", "))), 2, look.width));
        if !keeps.is_empty() {
            text.push_str(&wrap(&format!("keep {}", escape(&keeps.join(", "))), 2, look.width));
        }
        text.push_str(&rows(&members, 4, places, look));
    }
    text
}

/// One row a change: who, what, by which operations, and who asked.
fn rows(entries: &[&Entry<'_>], indent: usize, places: &Places<'_>, look: Look) -> String {
    let mut table = Table::new([Side::Left; 3]);
    for entry in entries {
        table.row([
            Cell::new(escape(entry.person)),
            Cell::new(what(entry)),
            Cell::new(format!("{}  {}", steps(entry), asked(entry, places))),
        ]);
    }
    table.render(indent, 2, look)
}

/// Where it is written and why, or what the plan says of it.
fn asked(entry: &Entry<'_>, places: &Places<'_>) -> String {
    let Some(asked) = entry.asked else { return escape(entry.why).into_owned() };
    let place = places.line(&asked.place());
    asked.reason.as_ref().map_or(place.clone(), |reason| format!("{place} ({})", escape(reason)))
}

/// What happens: `phones/X2 → X4`, and what is special about it.
fn what(entry: &Entry<'_>) -> String {
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
fn steps(entry: &Entry<'_>) -> String {
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
pub(super) fn follow_ups(review: &Review<'_>, look: Look) -> String {
    if review.follow_ups.is_empty() {
        return String::new();
    }
    let mut text = title(Topic::FollowUps.title(), review.follow_ups.len(), Tone::Heading, look);
    for FollowUp { text: what, people: who } in &review.follow_ups {
        let _ = writeln!(text, "  {}", escape(what));
        text.push_str(&people(who, 4, look.width));
    }
    text
}
