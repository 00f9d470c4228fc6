//! The runbook as a Markdown document with checkboxes.

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use super::RunbookInput;
use super::content::{SeatCount, Visit, VisitItem};
use super::rich_text::RichText;
use crate::diagnostic::{Severity, has_error};
use crate::model::Digest;
use crate::report::escape::{code, markdown as inline};
use crate::report::format::{pluralize, short_digest};

/// Documents with more visits have no overview.
const OVERVIEW_MAX: usize = 25;

/// The maximum number of listed denials; the plan lists all.
const DENIALS_SHOWN: usize = 20;

/// The beginning of the marker that identifies a runbook.
const MARKER: &str = "<!-- reseat-runbook ";

/// Returns the complete document.
pub fn markdown(sheet: &RunbookInput<'_>) -> String {
    let visits = sheet.visits();
    let mut text = String::new();
    header(sheet, &visits, &mut text);
    preparation(sheet, &mut text);
    overview(&visits, &mut text);
    for (number, visit) in visits.iter().enumerate() {
        section(number + 1, visits.len(), visit, &mut text);
    }
    troubleshooting(sheet, &visits, &mut text);
    completion(sheet, &mut text);
    text
}

/// Returns the digest in the marker of a runbook.
pub fn embedded_digest(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(MARKER)?;
    rest.split_once(" -->").map(|(digest, _)| digest)
}

/// Returns the digest of the plan, tenant and operations of a runbook.
fn runbook_digest(sheet: &RunbookInput<'_>) -> Digest {
    let mut all = format!("{}\n{}", sheet.plan.digest, sheet.tenant.name);
    for operation in sheet.operations() {
        all.push('\n');
        all.push_str(&operation.id.0);
    }
    Digest::of_bytes(all.as_bytes())
}

fn format_time(at: jiff::Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Capitalizes the first letter.
fn capitalize(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn header(sheet: &RunbookInput<'_>, visits: &[Visit], text: &mut String) {
    let title = sheet.rules.profile().title;
    let people: std::collections::BTreeSet<_> =
        visits.iter().flat_map(|visit| &visit.items).map(|item| &item.person).collect();
    let _ = writeln!(text, "# {title}: change licenses of {}\n", pluralize(people.len(), "person", "people"));
    denial_notice(sheet, text);
    let _ = writeln!(
        text,
        "{} in {}. Work from top to bottom, and check off each completed step.\n",
        pluralize(visits.iter().map(|visit| visit.items.len()).sum(), "change", "changes"),
        pluralize(visits.len(), "visit", "visits"),
    );
    let _ = writeln!(text, "- Tenant: {}", code(&sheet.tenant.name));
    let digest = short_digest(sheet.plan.digest.as_str());
    let _ = writeln!(text, "- Plan: {} of {}", code(digest), format_time(sheet.plan.created_at));
    match sheet.run {
        Some(run) => {
            let _ = writeln!(text, "- Handed over: {} by {}", format_time(sheet.at), code(run));
        }
        None if has_error(&sheet.plan.findings) => {}
        None => text.push_str("- Preview: no run has started yet. `reseat apply` hands over the runbook.\n"),
    }
    let roles = sheet.rules.profile().administrator.roles;
    let _ = writeln!(text, "- Required role: {}", roles.join(", or "));
    let _ = writeln!(text, "\n{MARKER}{} -->\n", runbook_digest(sheet));
}

/// Warns against a denied plan.
fn denial_notice(sheet: &RunbookInput<'_>, text: &mut String) {
    let denials: Vec<_> =
        sheet.plan.findings.iter().filter(|finding| finding.severity == Severity::Error).take(DENIALS_SHOWN).collect();
    if denials.is_empty() || sheet.run.is_some() {
        return;
    }
    text.push_str("> **Do not apply this runbook.** Policy denies the plan, and `reseat apply` refuses it:\n>\n");
    for finding in denials {
        let _ = writeln!(text, "> - {} {}", finding.code, inline(&finding.message));
    }
    text.push('\n');
}

fn preparation(sheet: &RunbookInput<'_>, text: &mut String) {
    let profile = sheet.rules.profile();
    text.push_str("## Before you start\n\n");
    for check in profile.procedure.before {
        let _ = writeln!(text, "- [ ] {}", RichText::step(check, |_| RichText::default()).to_markdown());
    }
    text.push_str("- [ ] Nobody else changes licenses until you are done.\n\n");
    let remedies = profile.administrator.remedy;
    if !remedies.is_empty() {
        let _ = writeln!(text, "If the console denies access: {}.\n", remedies.join("; "));
    }
}

fn overview(visits: &[Visit], text: &mut String) {
    if visits.len() < 2 || visits.len() > OVERVIEW_MAX {
        return;
    }
    text.push_str("## Overview\n\n| Visit | Change | Used seats |\n|---|---|---|\n");
    for (number, visit) in visits.iter().enumerate() {
        let seats: Vec<String> = visit.seats.iter().map(seats_text).collect();
        let what = capitalize(&visit.title.to_markdown()).replace('|', "\\|");
        let _ = writeln!(text, "| {} | {what} | {} |", number + 1, seats.join("; "));
    }
    text.push('\n');
}

fn seats_text(line: &SeatCount) -> String {
    format!("{}: {} → {} of {}", inline(&line.license), line.before, line.after, line.total)
}

fn section(number: usize, of: usize, visit: &Visit, text: &mut String) {
    let title = if matches!(visit.title.to_markdown().chars().next(), Some('`')) {
        visit.title.to_markdown()
    } else {
        capitalize(&visit.title.to_markdown())
    };
    let _ = writeln!(text, "## Visit {number} of {of}: {title}\n");
    let mut facts: Vec<String> = Vec::new();
    if !visit.requires.is_empty() {
        let needs: Vec<String> = visit.requires.iter().map(usize::to_string).collect();
        let word = if needs.len() == 1 { "visit" } else { "visits" };
        facts.push(format!("Requires {word} {}.", needs.join(", ")));
    }
    if !visit.seats.is_empty() {
        let seats: Vec<String> = visit.seats.iter().map(seats_text).collect();
        facts.push(format!("Used seats: {}.", seats.join("; ")));
    }
    if !facts.is_empty() {
        let _ = writeln!(text, "{}\n", facts.join(" "));
    }
    if !visit.warnings.is_empty() {
        text.push_str("> **Warning**\n");
        for warning in &visit.warnings {
            let _ = writeln!(text, ">\n> {}", warning.to_markdown());
        }
        text.push('\n');
    }
    for (at, step) in visit.steps.iter().enumerate().skip(visit.skipped_steps) {
        let _ = writeln!(text, "{}. {}", at - visit.skipped_steps + 1, step.to_markdown());
        if visit.people_list_step == Some(at) {
            for item in &visit.items {
                let _ = writeln!(text, "   - [ ] {}", item_text(item));
            }
        }
    }
    text.push('\n');
    if visit.people_list_step.is_some() {
        let _ = writeln!(text, "- [ ] Done for everyone");
    } else {
        for item in &visit.items {
            let _ = writeln!(text, "- [ ] {}", item_text(item));
        }
    }
    for follow_up in &visit.follow_ups {
        let _ = writeln!(text, "- [ ] Afterwards: {}", inline(follow_up));
    }
    text.push('\n');
}

fn item_text(item: &VisitItem) -> String {
    format!("{} ({})", item.text.to_markdown(), code(&item.operation.0))
}

fn troubleshooting(sheet: &RunbookInput<'_>, visits: &[Visit], text: &mut String) {
    let profile = sheet.rules.profile();
    text.push_str("## Troubleshooting\n\n");
    let _ = writeln!(text, "- If a step fails, leave its box unchecked, and skip the visits that require it.");
    let takes_seats = visits.iter().any(|visit| visit.seats.iter().any(|line| line.after > line.before));
    if takes_seats {
        let _ = writeln!(text, "- If no seat is free: {}.", profile.no_seat_help);
    }
    let gives_back = visits.iter().flat_map(|visit| &visit.items).any(|item| item.rollback_steps.is_some());
    if gives_back {
        text.push_str(
            "- If a new license cannot be assigned after the old one was removed, assign the old one again immediately.\n",
        );
    }
    text.push('\n');
}

fn completion(sheet: &RunbookInput<'_>, text: &mut String) {
    text.push_str("## When you are done\n\n");
    let how = sheet.rules.profile().procedure.export.how;
    let (first, others) = match how.split_first() {
        Some((first, others)) => (Some(first), others),
        None => (None, how),
    };
    let plain = |step: &str| RichText::step(step, |_| RichText::default()).to_markdown();
    if let Some(first) = first {
        let more: String = others.iter().map(|step| format!(" {}", plain(step))).collect();
        let _ = writeln!(text, "1. {}{more}", plain(first));
    }
    match &sheet.export {
        Some(path) => {
            let _ = writeln!(text, "2. Save it as {}, replacing the old file.", code(path));
        }
        None => text.push_str("2. Save it at the path in the manifest's `runbook: { export: ... }`.\n"),
    }
    let _ = writeln!(
        text,
        "3. Run {}. reseat checks the export, and keeps changes open that it does not show.",
        code(&sheet.command)
    );
}
