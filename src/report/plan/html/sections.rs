//! The sections of the review, a title and a list each.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::rows::RowWriter;
use super::top::grouped;
use super::{findings, put};
use crate::report::format::pluralize;
use crate::report::review::{Review, ReviewTopic, ReviewedChange, SharedReason};
use crate::report::source_path::SourcePaths;

/// The name of a section in addresses and for the filter.
pub(super) fn anchor(topic: ReviewTopic) -> &'static str {
    match topic {
        ReviewTopic::Denials => "denials",
        ReviewTopic::DataLoss => "data-loss",
        ReviewTopic::Losses => "losses",
        ReviewTopic::Held => "held",
        ReviewTopic::Parked => "parked",
        ReviewTopic::Moves => "moves",
        ReviewTopic::Gains => "gains",
        ReviewTopic::Cancellations => "cancels",
        ReviewTopic::Releases => "releases",
        ReviewTopic::Waiting => "waiting",
        ReviewTopic::Blocked => "blocked",
        ReviewTopic::Unmanaged => "unmanaged",
        ReviewTopic::Policy => "policy",
        ReviewTopic::Findings => "findings",
        ReviewTopic::FollowUps => "follow-ups",
    }
}

/// The title where there is little room.
pub(super) fn short_title(topic: ReviewTopic) -> &'static str {
    match topic {
        ReviewTopic::Denials => "Denied or to approve",
        ReviewTopic::Parked => "Parked",
        ReviewTopic::Cancellations => "Requests cancelled",
        ReviewTopic::Releases => "Seats released",
        ReviewTopic::Waiting => "Waiting",
        ReviewTopic::Unmanaged => "Unmanaged",
        ReviewTopic::Policy => "Policy",
        ReviewTopic::FollowUps => "Afterwards",
        ReviewTopic::DataLoss
        | ReviewTopic::Losses
        | ReviewTopic::Held
        | ReviewTopic::Moves
        | ReviewTopic::Gains
        | ReviewTopic::Blocked
        | ReviewTopic::Findings => topic.title(),
    }
}

/// Whether the section lists people, whom the filter finds.
pub(super) fn has_people(topic: ReviewTopic) -> bool {
    !matches!(
        topic,
        ReviewTopic::Denials
            | ReviewTopic::Unmanaged
            | ReviewTopic::Policy
            | ReviewTopic::Findings
            | ReviewTopic::FollowUps
    )
}

/// How much the section weighs to the reader, as the name of its color.
fn tone(topic: ReviewTopic) -> &'static str {
    match topic {
        ReviewTopic::Denials | ReviewTopic::DataLoss | ReviewTopic::Losses => "no",
        ReviewTopic::Held | ReviewTopic::Parked | ReviewTopic::Waiting | ReviewTopic::Blocked | ReviewTopic::Policy => {
            "wait"
        }
        ReviewTopic::Moves => "move",
        ReviewTopic::Gains => "yes",
        ReviewTopic::Cancellations
        | ReviewTopic::Releases
        | ReviewTopic::Unmanaged
        | ReviewTopic::Findings
        | ReviewTopic::FollowUps => "idle",
    }
}

/// A sentence for what is not clear from the title.
fn intro(topic: ReviewTopic) -> &'static str {
    match topic {
        ReviewTopic::Denials => "Nothing of this plan is applied before these are settled.",
        ReviewTopic::DataLoss => "What is destroyed here cannot be brought back.",
        ReviewTopic::Held => "Too many at once: a limit keeps all of them back, and the rest of the plan goes on.",
        ReviewTopic::Parked => "Pools that exchange people are full, so that somebody is without a seat for a moment.",
        ReviewTopic::Waiting => "There is no seat for them; they keep what they hold.",
        ReviewTopic::Unmanaged => "The manifest does not name these licenses; who holds them keeps them.",
        ReviewTopic::Losses
        | ReviewTopic::Moves
        | ReviewTopic::Gains
        | ReviewTopic::Cancellations
        | ReviewTopic::Releases
        | ReviewTopic::Blocked
        | ReviewTopic::Policy
        | ReviewTopic::Findings
        | ReviewTopic::FollowUps => "",
    }
}

/// One section; nothing where there is nothing in it.
pub(super) fn section(out: &mut String, review: &Review<'_>, topic: ReviewTopic, places: &SourcePaths<'_>) {
    let number = review.count(topic);
    if number == 0 {
        return;
    }
    open(out, topic, number);
    match topic {
        ReviewTopic::Denials => findings::list(out, &review.denials, places),
        ReviewTopic::Policy => findings::list(out, &review.policy, places),
        ReviewTopic::Findings => findings::list(out, &review.findings, places),
        ReviewTopic::DataLoss => data_loss(out, review.changes(topic), places),
        ReviewTopic::Held => shared_reasons(out, &review.held, places),
        ReviewTopic::Blocked => shared_reasons(out, &review.blocked, places),
        ReviewTopic::Waiting => waiting(out, review),
        ReviewTopic::Unmanaged => {
            let holdings = pluralize(number, "holding", "holdings");
            let _ = writeln!(out, "<p>{holdings} left alone.</p>");
        }
        ReviewTopic::FollowUps => follow_ups(out, review),
        ReviewTopic::Losses
        | ReviewTopic::Parked
        | ReviewTopic::Moves
        | ReviewTopic::Gains
        | ReviewTopic::Cancellations
        | ReviewTopic::Releases => {
            let mut rows = RowWriter::new(out, places);
            for entry in review.changes(topic) {
                rows.entry(entry, "");
            }
            rows.close();
        }
    }
    out.push_str("</section>\n");
}

/// The title and the lead.
fn open(out: &mut String, topic: ReviewTopic, number: usize) {
    let (anchor, tone) = (anchor(topic), tone(topic));
    let whole = if has_people(topic) { "" } else { " data-whole" };
    let _ = write!(
        out,
        "<section id=\"{anchor}\" class=\"t-{tone}\" aria-labelledby=\"h-{anchor}\"{whole}>\n\
         <h2 id=\"h-{anchor}\">{} <span>{}</span></h2>\n",
        topic.title(),
        grouped(number)
    );
    let lead = intro(topic);
    if !lead.is_empty() {
        let _ = writeln!(out, "<p class=\"lead\">{lead}</p>");
    }
}

/// Whether somebody has taken care of it, what is lost, and what is kept.
type HtmlLossKey<'e> = (bool, &'e [&'e str], &'e [&'e str]);

/// Whose data is destroyed, below what they lose; first those for whom nobody has taken care of it.
fn data_loss(out: &mut String, entries: &[ReviewedChange<'_>], places: &SourcePaths<'_>) {
    let mut by_loss: BTreeMap<HtmlLossKey<'_>, Vec<&ReviewedChange<'_>>> = BTreeMap::new();
    for entry in entries {
        by_loss.entry((entry.is_acknowledged, &entry.loses, &entry.keeps)).or_default().push(entry);
    }
    for ((is_acknowledged, loses, keeps), entries) in by_loss {
        let mark =
            if is_acknowledged { "<b class=\"ok\">Acknowledged</b>" } else { "<b class=\"bad\">Not acknowledged</b>" };
        let _ = write!(out, "<div class=\"group\"><h3>{mark} loses ");
        put(out, &loses.join(", "));
        if !keeps.is_empty() {
            out.push_str(" <small>keeps ");
            put(out, &keeps.join(", "));
            out.push_str("</small>");
        }
        out.push_str("</h3>\n");
        let mut rows = RowWriter::new(out, places);
        for entry in entries {
            let mark = match (entry.effect, entry.is_parked) {
                (_, true) => "parked",
                (crate::model::Effect::Loss, false) => "loss",
                _ => "",
            };
            rows.entry(entry, mark);
        }
        rows.close();
        out.push_str("</div>\n");
    }
}

/// People below the reason that they share.
fn shared_reasons(out: &mut String, reasons: &[SharedReason<'_>], places: &SourcePaths<'_>) {
    for reason in reasons {
        out.push_str("<div class=\"group\"><h3><code>");
        put(out, reason.code);
        out.push_str("</code> ");
        findings::prose(out, reason.message);
        out.push_str("</h3>\n");
        if let Some(help) = reason.help {
            out.push_str("<p class=\"help\">");
            findings::prose(out, help);
            out.push_str("</p>\n");
        }
        let license = format!("{}/{}", reason.tenant, reason.license);
        let mut rows = RowWriter::new(out, places);
        for member in &reason.people {
            rows.member(member.person, &license, "", member.source);
        }
        rows.close();
        out.push_str("</div>\n");
    }
}

/// The line of each pool.
fn waiting(out: &mut String, review: &Review<'_>) {
    let places = SourcePaths::default();
    for line in &review.waiting {
        let license = format!("{}/{}", line.tenant, line.license);
        out.push_str("<div class=\"group\"><h3><code>");
        put(out, &license);
        out.push_str("</code> ");
        if line.missing > 0 {
            let seats = if line.missing == 1 { "seat" } else { "seats" };
            let _ = write!(out, "<b class=\"buy\">buy {} {seats}</b>", grouped(line.missing));
        }
        out.push_str("</h3>\n");
        let mut rows = RowWriter::new(out, &places);
        for waiting in &line.people {
            let priority =
                if waiting.priority == 0 { String::new() } else { format!(", priority {}", waiting.priority) };
            rows.member(&waiting.person, &license, &format!("place {}{priority}", waiting.position), None);
        }
        rows.close();
        out.push_str("</div>\n");
    }
}

/// What is left for people to do.
fn follow_ups(out: &mut String, review: &Review<'_>) {
    out.push_str("<ul class=\"todo\">\n");
    for follow_up in &review.follow_ups {
        out.push_str("<li><details><summary>");
        put(out, follow_up.text);
        let _ = write!(out, " <span>{}</span></summary><p>", pluralize(follow_up.people.len(), "person", "people"));
        for (place, person) in follow_up.people.iter().enumerate() {
            if place > 0 {
                out.push_str(", ");
            }
            put(out, person);
        }
        out.push_str("</p></details></li>\n");
    }
    out.push_str("</ul>\n");
}
