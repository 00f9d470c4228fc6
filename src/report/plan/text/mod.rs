//! A plan as text: what a reviewer reads before saying yes.
//!
//! Headline, pools, then people by what happens to them, the most destructive first, then everything that is left
//! out, with reasons. Nothing is cut: what is in the plan is in the text.

mod left_out;
mod people;
mod trusted_differences;
mod unused_seats;

use std::fmt::Write as _;

use crate::diagnostic::{Files, Finding, Severity};
use crate::model::{Plan, PlanPool};
use crate::report::escape::escape;
use crate::report::findings::{severity_name, summarize_severities};
use crate::report::format::{pluralize, short_digest, wrap, wrap_from_column};
use crate::report::plan::cost;
use crate::report::review::{ChangeGroup, PersonChange, Review, ReviewTopic, is_difference};
use crate::report::source_path::SourcePaths;
use crate::report::table::{Alignment, TextCell, TextTable};
use crate::report::{TextStyle, Tone};

/// The plan as text; `files` are the manifest's, where they were read.
pub fn text(plan: &Plan, files: &Files, look: TextStyle) -> String {
    let places = SourcePaths::new(files);
    let review = Review::new(plan);
    let mut text = headline(&review, look);
    let mut add = |section: String| {
        if !section.is_empty() {
            text.push('\n');
            text.push_str(&section);
        }
    };
    add(trusted_differences::section(&plan.findings, &places, look));
    add(pools(plan, look));
    for topic in ReviewTopic::ALL {
        add(people::section(&review, topic, &places, look));
    }
    add(left_out::waiting(&review, look));
    add(left_out::shared_reasons(&review, ReviewTopic::Held, &places, look));
    add(left_out::shared_reasons(&review, ReviewTopic::Blocked, &places, look));
    add(people::follow_ups(&review, look));
    add(unused_seats::section(plan, look));
    add(findings(&review, &places, look));
    text
}

/// What the findings say of tenants and policy that are not in force, as the plan shows it.
pub fn trusted_differences_text(findings: &[Finding], files: &Files, look: TextStyle) -> String {
    trusted_differences::section(findings, &SourcePaths::new(files), look)
}

/// A section's title with the number of what is in it.
fn section_title(name: &str, number: usize, tone: Tone, look: TextStyle) -> String {
    format!("{} ({number})\n", look.paint(tone, name))
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The parts of which there are any: `2 losses, 1 move`.
fn join_counts(parts: &[(usize, &str, &str)]) -> String {
    let parts: Vec<_> = parts.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| pluralize(*n, one, many)).collect();
    parts.join(", ")
}

/// What the plan does, in one line: `5 losses, 4 moves, 6 gains in 20 operations`.
pub fn summarize_plan(plan: &Plan) -> String {
    let summary = &plan.summary;
    let cancels = PersonChange::all(plan).iter().filter(|change| change.group() == ChangeGroup::Cancel).count();
    let parts = join_counts(&[
        (to_usize(summary.losses), "loss", "losses"),
        (to_usize(summary.moves), "move", "moves"),
        (to_usize(summary.gains), "gain", "gains"),
        (cancels, "cancel", "cancels"),
        (to_usize(summary.release), "seat released", "seats released"),
    ]);
    format!("{parts} in {}", pluralize(plan.operations.len(), "operation", "operations"))
}

/// One paragraph: which plan, what it does, what it leaves out, and whether it may be applied.
fn headline(review: &Review<'_>, look: TextStyle) -> String {
    let (plan, headline) = (review.plan, &review.headline);
    let name = format!("Plan {} for {}", short_digest(plan.digest.as_str()), plan.at);
    let mut text = format!("{}\n", look.paint(Tone::Heading, &name));
    let deeds =
        || format!("{} in {}", headline.summarize_changes(), pluralize(headline.operations, "operation", "operations"));
    text.push_str(&if plan.operations.is_empty() { "Nothing to do".to_owned() } else { deeds() });
    let leaves = headline.summarize_left_out();
    if !leaves.is_empty() {
        let _ = write!(text, "; {leaves}");
    }
    text.push('\n');
    if headline.destroyed > 0 {
        let line = format!("{} data", pluralize(headline.destroyed, "person loses", "people lose"));
        let _ = writeln!(text, "{}", look.paint(Tone::Danger, &line));
    }
    if headline.parked > 0 {
        let line = format!(
            "{} a seat before the new one is certain",
            pluralize(headline.parked, "person gives up", "people give up")
        );
        let _ = writeln!(text, "{}", look.paint(Tone::Danger, &line));
    }
    if let Some(line) = cost::summary_line(plan) {
        let _ = writeln!(text, "{line}");
    }
    if headline.denials + headline.approvals > 0 {
        let parts = join_counts(&[
            (headline.denials, "denial", "denials"),
            (headline.approvals, "needs an approval", "need an approval"),
        ]);
        let line = format!("Cannot be applied: {parts}");
        let _ = writeln!(text, "{}", look.paint(Tone::Danger, &line));
    }
    if !headline.incomplete.is_empty() {
        let line = format!("Incomplete observation: {}", escape(&headline.incomplete.join(", ")));
        let _ = writeln!(text, "{}", look.paint(Tone::Notice, &line));
    }
    if headline.unmanaged > 0 {
        let line =
            format!("{} left alone", pluralize(headline.unmanaged, "unmanaged holding is", "unmanaged holdings are"));
        let _ = writeln!(text, "{}", look.paint(Tone::Faint, &line));
    }
    text
}

/// Every pool before and after.
fn pools(plan: &Plan, look: TextStyle) -> String {
    if plan.pools.is_empty() {
        return String::new();
    }
    let mut table = TextTable::new([
        Alignment::Left,
        Alignment::Right,
        Alignment::Right,
        Alignment::Right,
        Alignment::Right,
        Alignment::Right,
        Alignment::Left,
    ]);
    let unused = |pool: &PlanPool| pool.unused.filter(|unused| *unused > 0);
    let unused_head = if plan.pools.iter().any(|pool| unused(pool).is_some()) { "unused" } else { "" };
    let head = ["Pools", "total", "reserve", "used", "after", unused_head, "missing"];
    table.add_row(head.map(|name| TextCell::new(name).with_tone(Tone::Heading)));
    for pool in &plan.pools {
        let changed = pool.used_before != pool.used_after;
        let over = pool.total.is_some_and(|total| pool.used_after > total.saturating_sub(pool.reserve));
        let after = TextCell::new(pool.used_after.to_string());
        let mut missing = if pool.missing > 0 { pool.missing.to_string() } else { String::new() };
        if over {
            missing.push_str(if missing.is_empty() { "over" } else { " (over)" });
        }
        table.add_row([
            TextCell::new(escape(&format!("{}/{}", pool.tenant, pool.license))),
            TextCell::new(pool.total.map_or_else(|| "unlimited".to_owned(), |total| total.to_string())),
            TextCell::new(if pool.reserve > 0 { pool.reserve.to_string() } else { String::new() }),
            TextCell::new(pool.used_before.to_string()),
            if changed { after.with_tone(Tone::Heading) } else { after },
            TextCell::new(unused(pool).map_or_else(String::new, |unused| unused.to_string())),
            TextCell::new(missing).with_tone(Tone::Notice),
        ]);
    }
    let columns = head.len();
    table.render(0, columns, look)
}

/// What else the reader should know, one line each and its help below.
fn findings(review: &Review<'_>, places: &SourcePaths<'_>, look: TextStyle) -> String {
    let policy = review.policy.iter().filter(|finding| !is_difference(finding));
    let mut findings: Vec<&Finding> = review.denials.iter().chain(policy).chain(&review.findings).copied().collect();
    if findings.is_empty() {
        return String::new();
    }
    let mut text =
        format!("{}: {}\n", look.paint(Tone::Heading, "Findings"), summarize_severities(findings.iter().copied()));
    findings.sort_by_key(|finding| finding.severity);
    for finding in findings {
        let tone = match finding.severity {
            Severity::Error => Tone::Danger,
            Severity::Warning => Tone::Notice,
            Severity::Note => Tone::Faint,
        };
        let mark = format!("{} {}", severity_name(finding.severity), escape(&finding.code));
        let place = finding.source.as_ref().map(|source| format!(" ({})", places.file_line_column(source)));
        let message = format!("{}{}", escape(&finding.message), place.unwrap_or_default());
        let _ = write!(text, "  {}  ", look.paint(tone, &mark));
        text.push_str(&wrap_from_column(&message, 4 + mark.len(), 6, look.width));
        for related in &finding.related {
            let place = related
                .source
                .as_ref()
                .map(|source| format!("  {}", places.file_line_column(source)))
                .unwrap_or_default();
            let _ = writeln!(text, "      {}{place}", escape(&related.message));
        }
        if let Some(help) = &finding.help {
            text.push_str(&wrap(&format!("help: {}", escape(help)), 6, look.width));
        }
        if let Some(digest) = finding.approval.as_ref().filter(|_| finding.severity == Severity::Error) {
            // On a line of its own, whatever its width: it is there to be copied.
            let _ = writeln!(text, "      approve it as {}", escape(digest));
        }
    }
    text
}

#[cfg(test)]
mod tests;
