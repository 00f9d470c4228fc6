//! The people of a plan, by what happens to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::escape::escape;
use super::super::places::Places;
use super::super::table::{Cell, Side, Table};
use super::super::words::{people, wrap};
use super::super::{Look, Tone};
use super::changes::{Change, Group};
use super::title;
use crate::diagnostic::catalog::policy;
use crate::model::{Effect, OperationId, OperationKind, Plan};

/// Everybody in that group; nothing when there is nobody.
pub(super) fn section(plan: &Plan, group: Group, changes: &[Change<'_>], places: &Places<'_>, look: Look) -> String {
    let members: Vec<_> = changes.iter().filter(|change| change.group() == group).collect();
    if members.is_empty() {
        return String::new();
    }
    let (name, tone) = match group {
        Group::Destroys => return destroyed(plan, &members, places, look),
        Group::Loss => ("Losses", Tone::Danger),
        Group::Parked => ("Parked: the old seat goes before the new one is certain", Tone::Danger),
        Group::Move => ("Moves", Tone::Notice),
        Group::Gain => ("Gains", Tone::Gain),
        Group::Cancel => ("Pending requests cancelled", Tone::Notice),
        Group::Release => ("Seats no longer billed", Tone::Notice),
    };
    let mut text = title(name, members.len(), tone, look);
    text.push_str(&rows(&members, 2, places, look));
    text
}

/// What a change destroys and leaves; what nobody has taken care of comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Damage<'p> {
    acknowledged: bool,
    loses: Vec<&'p str>,
    keeps: Vec<&'p str>,
}

/// Everybody whose data is destroyed, below what they lose; first those for whom nobody has taken care of it.
fn destroyed(plan: &Plan, members: &[&Change<'_>], places: &Places<'_>, look: Look) -> String {
    let open = unacknowledged(plan);
    let mut by_loss: BTreeMap<Damage<'_>, Vec<&Change<'_>>> = BTreeMap::new();
    for change in members.iter().copied() {
        let acknowledged = !change.operations.iter().any(|operation| {
            let license = format!("{}/{}", operation.tenant, operation.license);
            open.contains(&(operation.person.as_str(), license.as_str()))
        });
        let damage = Damage { acknowledged, loses: change.loses(), keeps: change.keeps() };
        by_loss.entry(damage).or_default().push(change);
    }
    let mut text = title("Data destroyed", members.len(), Tone::Danger, look);
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

/// Whose data is destroyed although nobody has acknowledged it: person and `tenant/license`.
///
/// The plan says it in findings whose message begins with the person and names the license, both in backticks.
fn unacknowledged(plan: &Plan) -> BTreeSet<(&str, &str)> {
    let findings = plan.findings.iter().filter(|finding| finding.code == policy::DATA_LOSS.id);
    findings
        .filter_map(|finding| {
            let mut names = finding.message.split('`').skip(1).step_by(2);
            Some((names.next()?, names.last()?))
        })
        .collect()
}

/// One row a change: who, what, by which operations, and where it is written.
fn rows(members: &[&Change<'_>], indent: usize, places: &Places<'_>, look: Look) -> String {
    let mut table = Table::new([Side::Left; 3]);
    for change in members {
        let Some(first) = change.first() else { continue };
        let asked = change.operations.iter().find_map(|operation| operation.source.as_ref());
        let reason = asked.map_or_else(|| escape(&first.why).into_owned(), |source| places.line(source));
        table.row([
            Cell::new(escape(&first.person)),
            Cell::new(what(change)),
            Cell::new(format!("{}  {reason}", steps(change))),
        ]);
    }
    table.render(indent, 2, look)
}

/// What happens: `phones/X2 → X4`, and what is special about it.
fn what(change: &Change<'_>) -> String {
    let Some(first) = change.first() else { return String::new() };
    let licenses = match (change.from(), change.to()) {
        // The same license twice is a trial that becomes the full one.
        (Some(from), Some(to)) if from == to => format!("{from} (trial) → {to}"),
        (Some(from), Some(to)) => format!("{from} → {to}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => first.license.to_string(),
    };
    let mut text = escape(&format!("{}/{licenses}", first.tenant)).into_owned();
    // The other groups say it in their title.
    let in_group_of_destroyed = change.group() == Group::Destroys;
    if in_group_of_destroyed && first.effect == Effect::Loss {
        text.push_str(" (loss)");
    }
    if in_group_of_destroyed && change.is_parked() {
        text.push_str(" (parked)");
    }
    text
}

/// The operations: `op-1 remove, op-2 assign after op-7`.
fn steps(change: &Change<'_>) -> String {
    let own: Vec<&OperationId> = change.operations.iter().map(|operation| &operation.id).collect();
    let mut text = String::new();
    for operation in &change.operations {
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
pub(super) fn follow_ups(changes: &[Change<'_>], look: Look) -> String {
    let mut by_text: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for change in changes {
        let Some(first) = change.first() else { continue };
        for text in change.follow_ups() {
            by_text.entry(text).or_default().push(&first.person);
        }
    }
    if by_text.is_empty() {
        return String::new();
    }
    let mut text = title("Afterwards, by hand", by_text.len(), Tone::Heading, look);
    for (what, who) in by_text {
        let _ = writeln!(text, "  {}", escape(what));
        text.push_str(&people(&who, 4, look.width));
    }
    text
}
