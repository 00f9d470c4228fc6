//! The sections of the review, a title and a list each.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::rows::Rows;
use super::top::grouped;
use super::{findings, put};
use crate::report::places::Places;
use crate::report::review::{Entry, Review, Shared, Topic};
use crate::report::words::count;

/// The name of a section in addresses and for the filter.
pub(super) fn anchor(topic: Topic) -> &'static str {
    match topic {
        Topic::Denials => "denials",
        Topic::DataLoss => "data-loss",
        Topic::Removals => "losses",
        Topic::Held => "held",
        Topic::Parked => "parked",
        Topic::Moves => "moves",
        Topic::Additions => "gains",
        Topic::Cancels => "cancels",
        Topic::Releases => "releases",
        Topic::Waiting => "waiting",
        Topic::Blocked => "blocked",
        Topic::Unmanaged => "unmanaged",
        Topic::Policy => "policy",
        Topic::Findings => "findings",
        Topic::FollowUps => "follow-ups",
    }
}

/// The title where there is little room.
pub(super) fn short_title(topic: Topic) -> &'static str {
    match topic {
        Topic::Denials => "Denied or to approve",
        Topic::Parked => "Parked",
        Topic::Cancels => "Requests cancelled",
        Topic::Releases => "Seats released",
        Topic::Waiting => "Waiting",
        Topic::Unmanaged => "Unmanaged",
        Topic::Policy => "Policy",
        Topic::FollowUps => "Afterwards",
        Topic::DataLoss
        | Topic::Removals
        | Topic::Held
        | Topic::Moves
        | Topic::Additions
        | Topic::Blocked
        | Topic::Findings => topic.title(),
    }
}

/// Whether the section lists people, whom the filter finds.
pub(super) fn has_people(topic: Topic) -> bool {
    !matches!(topic, Topic::Denials | Topic::Unmanaged | Topic::Policy | Topic::Findings | Topic::FollowUps)
}

/// How much the section weighs to the reader, as the name of its color.
fn tone(topic: Topic) -> &'static str {
    match topic {
        Topic::Denials | Topic::DataLoss | Topic::Removals => "no",
        Topic::Held | Topic::Parked | Topic::Waiting | Topic::Blocked | Topic::Policy => "wait",
        Topic::Moves => "move",
        Topic::Additions => "yes",
        Topic::Cancels | Topic::Releases | Topic::Unmanaged | Topic::Findings | Topic::FollowUps => "idle",
    }
}

/// A sentence for what is not clear from the title.
fn lead(topic: Topic) -> &'static str {
    match topic {
        Topic::Denials => "Nothing of this plan is applied before these are settled.",
        Topic::DataLoss => "What is destroyed here cannot be brought back.",
        Topic::Held => "Too many at once: a limit keeps all of them back, and the rest of the plan goes on.",
        Topic::Parked => "Pools that exchange people are full, so that somebody is without a seat for a moment.",
        Topic::Waiting => "There is no seat for them; they keep what they hold.",
        Topic::Unmanaged => "The manifest does not name these licenses; who holds them keeps them.",
        Topic::Removals
        | Topic::Moves
        | Topic::Additions
        | Topic::Cancels
        | Topic::Releases
        | Topic::Blocked
        | Topic::Policy
        | Topic::Findings
        | Topic::FollowUps => "",
    }
}

/// One section; nothing where there is nothing in it.
pub(super) fn section(out: &mut String, review: &Review<'_>, topic: Topic, places: &Places<'_>) {
    let number = review.number(topic);
    if number == 0 {
        return;
    }
    open(out, topic, number);
    match topic {
        Topic::Denials => findings::list(out, &review.denials, places),
        Topic::Policy => findings::list(out, &review.policy, places),
        Topic::Findings => findings::list(out, &review.findings, places),
        Topic::DataLoss => destroyed(out, review.changes(topic), places),
        Topic::Held => reasons(out, &review.held, places),
        Topic::Blocked => reasons(out, &review.blocked, places),
        Topic::Waiting => waiting(out, review),
        Topic::Unmanaged => {
            let holdings = count(number, "holding", "holdings");
            let _ = writeln!(out, "<p>{holdings} left alone.</p>");
        }
        Topic::FollowUps => follow_ups(out, review),
        Topic::Removals | Topic::Parked | Topic::Moves | Topic::Additions | Topic::Cancels | Topic::Releases => {
            let mut rows = Rows::new(out, places);
            for entry in review.changes(topic) {
                rows.entry(entry, "");
            }
            rows.close();
        }
    }
    out.push_str("</section>\n");
}

/// The title and the lead.
fn open(out: &mut String, topic: Topic, number: usize) {
    let (anchor, tone) = (anchor(topic), tone(topic));
    let whole = if has_people(topic) { "" } else { " data-whole" };
    let _ = write!(
        out,
        "<section id=\"{anchor}\" class=\"t-{tone}\" aria-labelledby=\"h-{anchor}\"{whole}>\n\
         <h2 id=\"h-{anchor}\">{} <span>{}</span></h2>\n",
        topic.title(),
        grouped(number)
    );
    let lead = lead(topic);
    if !lead.is_empty() {
        let _ = writeln!(out, "<p class=\"lead\">{lead}</p>");
    }
}

/// Whether somebody has taken care of it, what is lost, and what is kept.
type Damage<'e> = (bool, &'e [&'e str], &'e [&'e str]);

/// Whose data is destroyed, below what they lose; first those for whom nobody has taken care of it.
fn destroyed(out: &mut String, entries: &[Entry<'_>], places: &Places<'_>) {
    let mut by_loss: BTreeMap<Damage<'_>, Vec<&Entry<'_>>> = BTreeMap::new();
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
        let mut rows = Rows::new(out, places);
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
fn reasons(out: &mut String, reasons: &[Shared<'_>], places: &Places<'_>) {
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
        let mut rows = Rows::new(out, places);
        for member in &reason.members {
            rows.member(member.person, &license, "", member.source);
        }
        rows.close();
        out.push_str("</div>\n");
    }
}

/// The line of each pool.
fn waiting(out: &mut String, review: &Review<'_>) {
    let places = Places::default();
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
        let mut rows = Rows::new(out, &places);
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
        let _ = write!(out, " <span>{}</span></summary><p>", count(follow_up.people.len(), "person", "people"));
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
