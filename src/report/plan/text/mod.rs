//! A plan as complete text: headline, pools, changes by person, and everything that is left out with reasons.

mod left_out;
mod people;
mod trusted_differences;
mod unused_seats;

use std::fmt::Write as _;

use crate::diagnostic::{Files, Finding, Severity};
use crate::model::{Effect, Plan, PlanPool};
use crate::report::escape::escape;
use crate::report::findings::{severity_name, summarize_severities};
use crate::report::format::{join_counts, pluralize, short_digest, wrap, wrap_from_column};
use crate::report::plan::cost;
use crate::report::review::{Review, ReviewTopic, is_difference};
use crate::report::source_path::SourcePaths;
use crate::report::table::{Alignment, TextCell, TextTable};
use crate::report::{TextStyle, Tone};

/// Renders the plan; `files` are the manifest's files if they were read.
pub fn text(plan: &Plan, files: &Files, style: TextStyle) -> String {
    let paths = SourcePaths::new(files);
    let review = Review::new(plan);
    let mut text = headline(&review, style);
    let mut add = |section: String| {
        if !section.is_empty() {
            text.push('\n');
            text.push_str(&section);
        }
    };
    add(trusted_differences::section(&plan.findings, &paths, style));
    add(pools(plan, style));
    for topic in ReviewTopic::ALL {
        add(people::section(&review, topic, &paths, style));
    }
    add(left_out::waiting(&review, style));
    add(left_out::shared_reasons(&review, ReviewTopic::Held, &paths, style));
    add(left_out::shared_reasons(&review, ReviewTopic::Blocked, &paths, style));
    add(people::follow_ups(&review, style));
    add(unused_seats::section(plan, style));
    add(findings(&review, &paths, style));
    text
}

/// Renders the differences from the trusted manifest as the plan shows them.
pub fn trusted_differences_text(findings: &[Finding], files: &Files, style: TextStyle) -> String {
    trusted_differences::section(findings, &SourcePaths::new(files), style)
}

/// Returns the title of a section with its number of items.
fn section_title(name: &str, number: usize, tone: Tone, style: TextStyle) -> String {
    format!("{} ({number})\n", style.paint(tone, name))
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Returns the changes of a plan in one line: `5 losses, 4 moves, 6 gains in 20 operations`.
pub fn summarize_plan(plan: &Plan) -> String {
    let summary = &plan.summary;
    let cancels = plan.changes.iter().filter(|change| change.effect == Effect::Cancel).count();
    let parts = join_counts(&[
        (to_usize(summary.losses), "loss", "losses"),
        (to_usize(summary.moves), "move", "moves"),
        (to_usize(summary.gains), "gain", "gains"),
        (cancels, "cancellation", "cancellations"),
        (to_usize(summary.release), "seat released", "seats released"),
    ]);
    format!("{parts} in {}", pluralize(plan.operations.len(), "operation", "operations"))
}

/// Renders identity, counts and verdict of the plan.
fn headline(review: &Review<'_>, style: TextStyle) -> String {
    let (plan, headline) = (review.plan, &review.headline);
    let name = format!("Plan {} for {}", short_digest(plan.digest.as_str()), plan.at);
    let mut text = format!("{}\n", style.paint(Tone::Heading, &name));
    let deeds =
        || format!("{} in {}", headline.summarize_changes(), pluralize(headline.operations, "operation", "operations"));
    text.push_str(&if plan.operations.is_empty() { "Nothing to do".to_owned() } else { deeds() });
    let left_out = headline.summarize_left_out();
    if !left_out.is_empty() {
        let _ = write!(text, "; {left_out}");
    }
    text.push('\n');
    if headline.destroyed > 0 {
        let line = format!("{} data", pluralize(headline.destroyed, "person loses", "people lose"));
        let _ = writeln!(text, "{}", style.paint(Tone::Danger, &line));
    }
    if headline.parked > 0 {
        let line = headline.parked_sentence();
        let _ = writeln!(text, "{}", style.paint(Tone::Danger, &line));
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
        let _ = writeln!(text, "{}", style.paint(Tone::Danger, &line));
    }
    if !headline.incomplete.is_empty() {
        let line = format!("Incomplete observation: {}", escape(&headline.incomplete.join(", ")));
        let _ = writeln!(text, "{}", style.paint(Tone::Notice, &line));
    }
    if headline.unmanaged > 0 {
        let line =
            format!("{} not changed", pluralize(headline.unmanaged, "unmanaged holding is", "unmanaged holdings are"));
        let _ = writeln!(text, "{}", style.paint(Tone::Faint, &line));
    }
    text
}

/// Renders all pools before and after.
fn pools(plan: &Plan, style: TextStyle) -> String {
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
    table.render(0, columns, style)
}

/// Renders findings with their help.
fn findings(review: &Review<'_>, paths: &SourcePaths<'_>, style: TextStyle) -> String {
    let policy = review.policy.iter().filter(|finding| !is_difference(finding));
    let mut findings: Vec<&Finding> = review.denials.iter().chain(policy).chain(&review.findings).copied().collect();
    if findings.is_empty() {
        return String::new();
    }
    let mut text =
        format!("{}: {}\n", style.paint(Tone::Heading, "Findings"), summarize_severities(findings.iter().copied()));
    findings.sort_by_key(|finding| finding.severity);
    for finding in findings {
        let tone = match finding.severity {
            Severity::Error => Tone::Danger,
            Severity::Warning => Tone::Notice,
            Severity::Note => Tone::Faint,
        };
        let mark = format!("{} {}", severity_name(finding.severity), escape(&finding.code));
        let location = finding.source.as_ref().map(|source| format!(" ({})", paths.file_line_column(source)));
        let message = format!("{}{}", escape(&finding.message), location.unwrap_or_default());
        let _ = write!(text, "  {}  ", style.paint(tone, &mark));
        text.push_str(&wrap_from_column(&message, 4 + mark.len(), 6, style.width));
        for related in &finding.related {
            let location = related
                .source
                .as_ref()
                .map(|source| format!("  {}", paths.file_line_column(source)))
                .unwrap_or_default();
            let _ = writeln!(text, "      {}{location}", escape(&related.message));
        }
        if let Some(help) = &finding.help {
            text.push_str(&wrap(&format!("help: {}", escape(help)), 6, style.width));
        }
        if let Some(digest) = finding.approval.as_ref().filter(|_| finding.severity == Severity::Error) {
            // The digest is for copying, so it is never wrapped.
            let _ = writeln!(text, "      approve it as {}", escape(digest));
        }
    }
    text
}

#[cfg(test)]
mod tests;
