//! What stands on the terminal for one visit.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::model::OperationId;
use crate::report::escape::escape;
use crate::report::format::{pluralize, wrap_from_column};
use crate::report::runbook::{Visit, VisitItem};
use crate::report::{TextStyle, Tone};
use crate::workflow::runbook::RunbookSource;

/// How wide lines are.
const WIDTH: usize = 80;

/// What is said before the first visit.
pub(super) fn introduction(material: &RunbookSource, visits: &[Visit], look: TextStyle) -> String {
    let profile = material.rules.profile();
    let changes = visits.iter().map(|visit| visit.items.len()).sum();
    let title = format!(
        "{} by hand: {} in {}",
        profile.title,
        pluralize(changes, "change", "changes"),
        pluralize(visits.len(), "visit", "visits")
    );
    let mut text = format!("\n{}\n\n", look.paint(Tone::Heading, &title));
    let roles = profile.administrator.roles.join(", or ");
    paragraph(&mut text, "  ", &format!("Who may do it: {roles}"));
    for check in profile.procedure.before {
        paragraph(&mut text, "  - ", &format!("{}.", check.replace("**", "\"")));
    }
    paragraph(&mut text, "  - ", "Nobody else changes licenses here until you are done.");
    let remedies = profile.administrator.remedy.join("; ");
    if !remedies.is_empty() {
        paragraph(&mut text, "  ", &format!("If the console does not let you: {remedies}."));
    }
    text
}

/// One visit.
pub(super) fn visit(
    visit: &Visit,
    (number, of): (usize, usize),
    doubtful: &BTreeSet<OperationId>,
    look: TextStyle,
) -> String {
    let mut text = String::new();
    let head = format!("-- visit {number} of {of} ");
    let _ = writeln!(text, "\n{head}{}", "-".repeat((WIDTH - 2).saturating_sub(head.len())));
    paragraph(&mut text, "  ", &look.paint(Tone::Heading, &visit.title.to_text(TextStyle { color: false, ..look })));
    for line in &visit.seats {
        let _ = writeln!(
            text,
            "  Seats of {}: {} taken now, {} afterwards, {} in all",
            escape(&line.license),
            line.before,
            line.after,
            line.total
        );
    }
    if visit.items.iter().any(|item| doubtful.contains(&item.operation)) {
        let doubt = "This was shown before, and nobody said what became of it: look first, it may be done.";
        paragraph(&mut text, "  ", &look.paint(Tone::Notice, doubt));
    }
    for (place, warning) in visit.warnings.iter().enumerate() {
        let warning = warning.to_text(TextStyle { color: false, ..look });
        let lead = if place == 0 { "WARNING: " } else { "" };
        paragraph(&mut text, "  ! ", &look.paint(Tone::Danger, &format!("{lead}{warning}")));
    }
    text.push('\n');
    for (place, step) in visit.steps.iter().enumerate() {
        paragraph(&mut text, &format!("  {:>2}. ", place + 1), &step.to_text(look));
        if visit.people_list_step == Some(place) {
            item_list(&mut text, &visit.items, look);
        }
    }
    for follow_up in &visit.follow_ups {
        paragraph(&mut text, "  Afterwards: ", &escape(follow_up));
    }
    text.push('\n');
    text
}

/// The items with their numbers.
pub(super) fn item_list(text: &mut String, items: &[VisitItem], look: TextStyle) {
    for (place, item) in items.iter().enumerate() {
        let line = format!("{} ({})", item.text.to_text(look), escape(&item.operation.0));
        paragraph(text, &format!("      {:>2}) ", place + 1), &line);
    }
}

/// The steps that give an old license back.
pub(super) fn rollback_steps(item: &VisitItem, look: TextStyle) -> String {
    let mut text = String::new();
    let lead = format!(
        "{} gave up a license for it. Give the old one back, so that nobody is left without:",
        escape(&item.person)
    );
    text.push('\n');
    paragraph(&mut text, "  ", &look.paint(Tone::Notice, &lead));
    for (place, step) in item.rollback_steps.iter().flatten().enumerate() {
        paragraph(&mut text, &format!("  {:>2}. ", place + 1), &step.to_text(look));
    }
    text.push('\n');
    text
}

/// A paragraph that hangs behind what it begins with.
fn paragraph(text: &mut String, lead: &str, rest: &str) {
    text.push_str(lead);
    text.push_str(&wrap_from_column(rest, lead.len(), lead.len(), WIDTH - 1));
}
