//! A plan as text: what a reviewer reads before saying yes.
//!
//! Headline, pools, then people by what happens to them, the most destructive first, then everything that is left
//! out, with reasons. Nothing is cut: what is in the plan is in the text.

pub(crate) mod changes;
pub(crate) mod cost;
mod left_out;
mod not_in_force;
mod people;

use std::fmt::Write as _;

use self::changes::{Change, Group};
use super::escape::escape;
use super::findings::{severity_word, tally};
use super::places::Places;
use super::review::{Review, Topic, is_difference};
use super::table::{Cell, Side, Table};
use super::words::{count, wrap, wrap_after};
use super::{Look, Tone};
use crate::diagnostic::{Files, Finding, Severity};
use crate::model::{Plan, PlanPool};

/// How many characters of a digest tell plans apart for people.
const SHORT_DIGEST: usize = "sha256:".len() + 12;

/// The plan as text; `files` are the manifest's, where they were read.
pub fn text(plan: &Plan, files: &Files, look: Look) -> String {
    let places = Places::new(files);
    let review = Review::of(plan);
    let mut text = headline(&review, look);
    let mut add = |section: String| {
        if !section.is_empty() {
            text.push('\n');
            text.push_str(&section);
        }
    };
    add(not_in_force::section(&plan.findings, &places, look));
    add(pools(plan, look));
    for topic in Topic::ALL {
        add(people::section(&review, topic, &places, look));
    }
    add(left_out::waiting(&review, look));
    add(left_out::reasons(&review, Topic::Held, &places, look));
    add(left_out::reasons(&review, Topic::Blocked, &places, look));
    add(people::follow_ups(&review, look));
    add(cost::unused(plan, look));
    add(findings(&review, &places, look));
    text
}

/// What the findings say of tenants and policy that are not in force, as the plan shows it.
pub fn not_in_force(findings: &[Finding], files: &Files, look: Look) -> String {
    not_in_force::section(findings, &Places::new(files), look)
}

/// A digest short enough to read out.
pub(crate) fn short(digest: &str) -> &str {
    digest.get(..SHORT_DIGEST).unwrap_or(digest)
}

/// A section's title with the number of what is in it.
fn title(name: &str, number: usize, tone: Tone, look: Look) -> String {
    format!("{} ({number})\n", look.paint(tone, name))
}

fn number(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The parts of which there are any: `2 losses, 1 move`.
fn list(parts: &[(usize, &str, &str)]) -> String {
    let parts: Vec<_> = parts.iter().filter(|(n, ..)| *n > 0).map(|(n, one, many)| count(*n, one, many)).collect();
    parts.join(", ")
}

/// What the plan does, in one line: `5 losses, 4 moves, 6 gains in 20 operations`.
pub fn deeds(plan: &Plan) -> String {
    let summary = &plan.summary;
    let cancels = Change::of(plan).iter().filter(|change| change.group() == Group::Cancel).count();
    let parts = list(&[
        (number(summary.losses), "loss", "losses"),
        (number(summary.moves), "move", "moves"),
        (number(summary.gains), "gain", "gains"),
        (cancels, "cancel", "cancels"),
        (number(summary.release), "seat released", "seats released"),
    ]);
    format!("{parts} in {}", count(plan.operations.len(), "operation", "operations"))
}

/// One paragraph: which plan, what it does, what it leaves out, and whether it may be applied.
fn headline(review: &Review<'_>, look: Look) -> String {
    let (plan, headline) = (review.plan, &review.headline);
    let name = format!("Plan {} for {}", short(plan.digest.as_str()), plan.at);
    let mut text = format!("{}\n", look.paint(Tone::Heading, &name));
    let deeds = || format!("{} in {}", headline.deeds(), count(headline.operations, "operation", "operations"));
    text.push_str(&if plan.operations.is_empty() { "Nothing to do".to_owned() } else { deeds() });
    let leaves = headline.left_out();
    if !leaves.is_empty() {
        let _ = write!(text, "; {leaves}");
    }
    text.push('\n');
    if headline.destroyed > 0 {
        let line = format!("{} data", count(headline.destroyed, "person loses", "people lose"));
        let _ = writeln!(text, "{}", look.paint(Tone::Danger, &line));
    }
    if headline.parked > 0 {
        let line = format!(
            "{} a seat before the new one is certain",
            count(headline.parked, "person gives up", "people give up")
        );
        let _ = writeln!(text, "{}", look.paint(Tone::Danger, &line));
    }
    if let Some(line) = cost::line(plan) {
        let _ = writeln!(text, "{line}");
    }
    if headline.denials + headline.approvals > 0 {
        let parts = list(&[
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
            format!("{} left alone", count(headline.unmanaged, "unmanaged holding is", "unmanaged holdings are"));
        let _ = writeln!(text, "{}", look.paint(Tone::Faint, &line));
    }
    text
}

/// Every pool before and after.
fn pools(plan: &Plan, look: Look) -> String {
    if plan.pools.is_empty() {
        return String::new();
    }
    let mut table =
        Table::new([Side::Left, Side::Right, Side::Right, Side::Right, Side::Right, Side::Right, Side::Left]);
    let unused = |pool: &PlanPool| pool.unused.filter(|unused| *unused > 0);
    let unused_head = if plan.pools.iter().any(|pool| unused(pool).is_some()) { "unused" } else { "" };
    let head = ["Pools", "total", "reserve", "used", "after", unused_head, "missing"];
    table.row(head.map(|name| Cell::new(name).tone(Tone::Heading)));
    for pool in &plan.pools {
        let changed = pool.used_before != pool.used_after;
        let over = pool.total.is_some_and(|total| pool.used_after > total.saturating_sub(pool.reserve));
        let after = Cell::new(pool.used_after.to_string());
        let mut missing = if pool.missing > 0 { pool.missing.to_string() } else { String::new() };
        if over {
            missing.push_str(if missing.is_empty() { "over" } else { " (over)" });
        }
        table.row([
            Cell::new(escape(&format!("{}/{}", pool.tenant, pool.license))),
            Cell::new(pool.total.map_or_else(|| "unlimited".to_owned(), |total| total.to_string())),
            Cell::new(if pool.reserve > 0 { pool.reserve.to_string() } else { String::new() }),
            Cell::new(pool.used_before.to_string()),
            if changed { after.tone(Tone::Heading) } else { after },
            Cell::new(unused(pool).map_or_else(String::new, |unused| unused.to_string())),
            Cell::new(missing).tone(Tone::Notice),
        ]);
    }
    let columns = head.len();
    table.render(0, columns, look)
}

/// What else the reader should know, one line each and its help below.
fn findings(review: &Review<'_>, places: &Places<'_>, look: Look) -> String {
    let policy = review.policy.iter().filter(|finding| !is_difference(finding));
    let mut findings: Vec<&Finding> = review.denials.iter().chain(policy).chain(&review.findings).copied().collect();
    if findings.is_empty() {
        return String::new();
    }
    let mut text = format!("{}: {}\n", look.paint(Tone::Heading, "Findings"), tally(findings.iter().copied()));
    findings.sort_by_key(|finding| finding.severity);
    for finding in findings {
        let tone = match finding.severity {
            Severity::Error => Tone::Danger,
            Severity::Warning => Tone::Notice,
            Severity::Note => Tone::Faint,
        };
        let mark = format!("{} {}", severity_word(finding.severity), escape(&finding.code));
        let place = finding.source.as_ref().map(|source| format!(" ({})", places.column(source)));
        let message = format!("{}{}", escape(&finding.message), place.unwrap_or_default());
        let _ = write!(text, "  {}  ", look.paint(tone, &mark));
        text.push_str(&wrap_after(&message, 4 + mark.len(), 6, look.width));
        for related in &finding.related {
            let place =
                related.source.as_ref().map(|source| format!("  {}", places.column(source))).unwrap_or_default();
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
pub(crate) mod tests;
