//! The explanation for a person as text: one row per step from the manifest to the operation.

use std::fmt::Write as _;

use super::{MembershipCause, NamingEntry, QueueRank, Why, WhyAnswer};
use crate::model::PlanPool;
use crate::report::escape::escape;
use crate::report::format::{pluralize, wrap};
use crate::report::source_path::SourcePaths;
use crate::report::{TextStyle, Tone};

/// The width of the first column.
const LABEL_WIDTH: usize = 10;

/// Renders the chains.
pub fn text(why: &Why, paths: &SourcePaths<'_>, style: TextStyle) -> String {
    let mut text = String::new();
    for chain in &why.licenses {
        if !text.is_empty() {
            text.push('\n');
        }
        let license = escape(&format!("{}/{}", chain.tenant, chain.license)).into_owned();
        let _ = writeln!(text, "{}  {}", escape(&why.person), style.paint(Tone::Heading, &license));
        for entry in &chain.entries {
            entry_text(&mut text, entry, paths, style);
        }
        for left_out in &chain.left_out {
            let value = format!("{}  assigns it to others", paths.file_line_column(&left_out.source));
            push_row(&mut text, "entry", &value, style);
            push_row(
                &mut text,
                "excluded",
                &format!("{}  by {}", paths.file_line_column(&left_out.at), left_out.by),
                style,
            );
        }
        if chain.entries.is_empty() && chain.left_out.is_empty() {
            let none = if chain.managed { "no entry names this person" } else { "no entry names this license" };
            push_row(&mut text, "manifest", none, style);
        }
        push_row(&mut text, "holds", chain.holds.as_deref().unwrap_or("nothing"), style);
        if let Some(pool) = &chain.pool {
            push_row(&mut text, "pool", &pool_line(pool), style);
        }
        if let Some(rank) = &chain.rank {
            push_row(&mut text, "rank", &rank_text(rank), style);
        }
        for finding in &chain.policy {
            push_row(&mut text, "policy", &format!("{} {}", finding.code, finding.message), style);
        }
        answer_text(&mut text, &chain.answer, style);
    }
    text
}

fn push_row(text: &mut String, label: &str, value: &str, style: TextStyle) {
    let value = wrap(&escape(value), LABEL_WIDTH + 4, style.width);
    let label = format!("  {label:LABEL_WIDTH$}  ");
    text.push_str(&label);
    text.push_str(value.trim_start());
}

fn entry_text(text: &mut String, entry: &NamingEntry, paths: &SourcePaths<'_>, style: TextStyle) {
    let mut value = format!("{}  ", paths.file_line_column(&entry.source));
    value.push_str(if entry.ensure == "absent" { "removes it" } else { "assigns it" });
    if entry.priority != 0 {
        let _ = write!(value, ", priority {}", entry.priority);
    }
    if let Some(starts) = entry.starts {
        let _ = write!(value, ", from {starts}");
    }
    if let Some(expires) = entry.expires {
        let _ = write!(value, ", before {expires}");
    }
    if !entry.in_force {
        value.push_str(", not in force on this day");
    }
    if let Some(reason) = &entry.reason {
        let _ = write!(value, " ({reason})");
    }
    push_row(text, "entry", &value, style);
    push_row(text, "named by", &format!("{}  {}", paths.file_line_column(&entry.named_at), entry.named_by), style);
    for link in &entry.through {
        let by = match &link.by {
            MembershipCause::Name { name } => name.to_string(),
            MembershipCause::Group { group } => format!("group:{group}"),
            MembershipCause::Condition { condition } => format!("where {condition}"),
        };
        push_row(text, "group", &format!("{}  {} has {by}", paths.file_line_column(&link.source), link.group), style);
    }
}

/// Returns `2 of 3, priority 0; before: ana@acme.example (priority 10, op-7)`.
fn rank_text(rank: &QueueRank) -> String {
    let mut value = format!("{} of {}, priority {}", rank.place, rank.of, rank.priority);
    let ahead: Vec<_> = rank
        .ahead
        .iter()
        .map(|rival| {
            let fate = rival.operation.as_ref().map_or_else(|| "waits".to_owned(), |id| id.to_string());
            format!("{} (priority {}, {fate})", rival.person, rival.priority)
        })
        .collect();
    if !ahead.is_empty() {
        let more = rank.place - 1 - ahead.len();
        let more = if more > 0 { format!("{more} others, ") } else { String::new() };
        let _ = write!(value, "; before: {more}{}", ahead.join(", "));
    }
    value
}

/// Returns `3 → 3 of 3, 1 in reserve, 2 seats missing`.
pub(super) fn pool_line(pool: &PlanPool) -> String {
    let total = pool.total.map_or_else(|| "unlimited".to_owned(), |total| format!("of {total}"));
    let mut value = format!("{} → {} {total}", pool.used_before, pool.used_after);
    if pool.reserve > 0 {
        let _ = write!(value, ", {} in reserve", pool.reserve);
    }
    if pool.missing > 0 {
        let missing = usize::try_from(pool.missing).unwrap_or(usize::MAX);
        let _ = write!(value, ", {} missing", pluralize(missing, "seat", "seats"));
    }
    value
}

fn answer_text(text: &mut String, answer: &WhyAnswer, style: TextStyle) {
    let help = |text: &mut String, help: &Option<String>| {
        if let Some(help) = help {
            push_row(text, "help", help, style);
        }
    };
    match answer {
        WhyAnswer::Operations { operations } => {
            for step in operations {
                let mut value = format!("{} {}", step.kind.as_str(), step.license);
                if let Some(to) = &step.to {
                    let _ = write!(value, " → {to}");
                }
                if !step.after.is_empty() {
                    let after: Vec<_> = step.after.iter().map(|id| id.0.as_str()).collect();
                    let _ = write!(value, " after {}", after.join(" "));
                }
                let _ = write!(value, ": {}", step.why);
                push_row(text, &step.id.0, &value, style);
            }
        }
        WhyAnswer::Blocked { code, message, help: text_of_help } => {
            push_row(text, "blocked", &format!("{code} {message}"), style);
            help(text, text_of_help);
        }
        WhyAnswer::Held { code, message, help: text_of_help } => {
            push_row(text, "held", &format!("{code} {message}"), style);
            help(text, text_of_help);
        }
        WhyAnswer::Waiting { position, missing } => {
            let missing = usize::try_from(*missing).unwrap_or(usize::MAX);
            let value = format!("position {position}; buy {}", pluralize(missing, "seat", "seats"));
            push_row(text, "waiting", &value, style);
        }
        WhyAnswer::Nothing { because } => push_row(text, "nothing", &format!("to do: {because}"), style),
    }
}
