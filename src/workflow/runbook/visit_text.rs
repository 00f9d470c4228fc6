//! The text of a walkthrough: one screen per visit to a console.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::source::RunbookSource;
use crate::model::OperationId;
use crate::report::escape::escape;
use crate::report::format::{pluralize, wrap_from_column};
use crate::report::runbook::{Visit, VisitItem};
use crate::report::{TextStyle, Tone};

/// Width of a line.
const WIDTH: usize = 80;

/// Returns the text before the first visit.
pub(super) fn introduction(source: &RunbookSource, visits: &[Visit], style: TextStyle) -> String {
    let profile = source.rules.profile();
    let changes = visits.iter().map(|visit| visit.items.len()).sum();
    let title = format!(
        "{}: {} to make manually, in {}",
        profile.title,
        pluralize(changes, "change", "changes"),
        pluralize(visits.len(), "visit", "visits")
    );
    let mut text = format!("\n{}\n\n", style.paint(Tone::Heading, &title));
    let roles = profile.administrator.roles.join(", or ");
    paragraph(&mut text, "  ", &format!("Required role: {roles}"));
    for check in profile.procedure.before {
        paragraph(&mut text, "  - ", &format!("{}.", check.replace("**", "\"")));
    }
    paragraph(&mut text, "  - ", "Make sure that nobody else changes licenses until you are done.");
    let remedies = profile.administrator.remedy.join("; ");
    if !remedies.is_empty() {
        paragraph(&mut text, "  ", &format!("If the console denies access: {remedies}."));
    }
    text
}

/// Returns the text of one visit.
pub(super) fn visit(
    visit: &Visit,
    (number, of): (usize, usize),
    uncertain: &BTreeSet<OperationId>,
    style: TextStyle,
) -> String {
    let mut text = String::new();
    let head = format!("-- visit {number} of {of} ");
    let _ = writeln!(text, "\n{head}{}", "-".repeat((WIDTH - 2).saturating_sub(head.len())));
    paragraph(&mut text, "  ", &style.paint(Tone::Heading, &visit.title.to_text(TextStyle { color: false, ..style })));
    for line in &visit.seats {
        let _ = writeln!(
            text,
            "  Seats of {}: {} used now, {} afterwards, {} in total",
            escape(&line.license),
            line.before,
            line.after,
            line.total
        );
    }
    if visit.items.iter().any(|item| uncertain.contains(&item.operation)) {
        let notice = "This was shown before without an answer. Check first whether it is already done.";
        paragraph(&mut text, "  ", &style.paint(Tone::Notice, notice));
    }
    for (index, warning) in visit.warnings.iter().enumerate() {
        let warning = warning.to_text(TextStyle { color: false, ..style });
        let lead = if index == 0 { "WARNING: " } else { "" };
        paragraph(&mut text, "  ! ", &style.paint(Tone::Danger, &format!("{lead}{warning}")));
    }
    text.push('\n');
    for (index, step) in visit.steps.iter().enumerate() {
        paragraph(&mut text, &format!("  {:>2}. ", index + 1), &step.to_text(style));
        if visit.people_list_step == Some(index) {
            item_list(&mut text, &visit.items, style);
        }
    }
    for follow_up in &visit.follow_ups {
        paragraph(&mut text, "  Afterwards: ", &escape(follow_up));
    }
    text.push('\n');
    text
}

/// Appends a numbered list of items.
pub(super) fn item_list(text: &mut String, items: &[VisitItem], style: TextStyle) {
    for (index, item) in items.iter().enumerate() {
        let line = format!("{} ({})", item.text.to_text(style), escape(&item.operation.0));
        paragraph(text, &format!("      {:>2}) ", index + 1), &line);
    }
}

/// Returns the steps that assign an old license again.
pub(super) fn rollback_steps(item: &VisitItem, style: TextStyle) -> String {
    let mut text = String::new();
    let lead = format!("{} gave up a license for this change. Assign the old license again:", escape(&item.person));
    text.push('\n');
    paragraph(&mut text, "  ", &style.paint(Tone::Notice, &lead));
    for (index, step) in item.rollback_steps.iter().flatten().enumerate() {
        paragraph(&mut text, &format!("  {:>2}. ", index + 1), &step.to_text(style));
    }
    text.push('\n');
    text
}

/// Appends a paragraph with a hanging indent after `lead`.
fn paragraph(text: &mut String, lead: &str, rest: &str) {
    text.push_str(lead);
    text.push_str(&wrap_from_column(rest, lead.len(), lead.len(), WIDTH - 1));
}
