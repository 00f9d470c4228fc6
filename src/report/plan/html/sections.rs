//! The sections of the review, each with a title and a list.

use maud::{Markup, html};

use super::{findings, rows};
use crate::model::Effect;
use crate::report::escape::Text;
use crate::report::format::grouped;
use crate::report::format::pluralize;
use crate::report::review::{Review, ReviewTopic, ReviewedChange, SharedReason};
use crate::report::source_path::SourcePaths;

/// Returns the anchor of a section, which is also its value in the filter.
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

/// Returns the title for navigation and the filter.
pub(super) fn short_title(topic: ReviewTopic) -> &'static str {
    match topic {
        ReviewTopic::Parked => "Parked",
        ReviewTopic::Cancellations => "Requests canceled",
        ReviewTopic::Releases => "Seats released",
        ReviewTopic::Waiting => "Waiting",
        ReviewTopic::Unmanaged => "Unmanaged",
        ReviewTopic::Policy => "Exceptions",
        ReviewTopic::FollowUps => "Follow-ups",
        ReviewTopic::Denials
        | ReviewTopic::DataLoss
        | ReviewTopic::Losses
        | ReviewTopic::Held
        | ReviewTopic::Moves
        | ReviewTopic::Gains
        | ReviewTopic::Blocked
        | ReviewTopic::Findings => topic.title(),
    }
}

/// Returns whether the section lists people, whom the filter finds.
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

/// Returns the CSS class for the importance of a section.
fn tone(topic: ReviewTopic) -> &'static str {
    match topic {
        ReviewTopic::Denials | ReviewTopic::DataLoss | ReviewTopic::Losses => "t-no",
        ReviewTopic::Held | ReviewTopic::Parked | ReviewTopic::Waiting | ReviewTopic::Blocked | ReviewTopic::Policy => {
            "t-wait"
        }
        ReviewTopic::Moves => "t-move",
        ReviewTopic::Gains => "t-yes",
        ReviewTopic::Cancellations
        | ReviewTopic::Releases
        | ReviewTopic::Unmanaged
        | ReviewTopic::Findings
        | ReviewTopic::FollowUps => "t-idle",
    }
}

/// Returns one sentence that explains the section, if the title does not.
fn intro(topic: ReviewTopic) -> &'static str {
    match topic {
        ReviewTopic::Denials => "reseat applies nothing of this plan until these are resolved.",
        ReviewTopic::DataLoss => "Destroyed data cannot be restored.",
        ReviewTopic::Held => "These losses exceed a limit. reseat holds all of them and applies the rest of the plan.",
        ReviewTopic::Parked => "The pools of this swap are full, so these people are briefly without a seat.",
        ReviewTopic::Waiting => "No seat is free for these people. They keep what they hold.",
        ReviewTopic::Unmanaged => "The manifest does not name these licenses. Their holders keep them.",
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

/// Renders one section, or nothing if it is empty.
pub(super) fn section(review: &Review<'_>, topic: ReviewTopic, paths: &SourcePaths<'_>) -> Markup {
    let number = review.count(topic);
    if number == 0 {
        return Markup::default();
    }
    let anchor = anchor(topic);
    let intro = intro(topic);
    html! {
        section id=(anchor) class=(tone(topic)) aria-labelledby={ "h-" (anchor) } {
            "\n"
            h2 id={ "h-" (anchor) } { (topic.title()) " " span { (grouped(number)) } }
            "\n"
            @if !intro.is_empty() { p.lead { (intro) } "\n" }
            (content(review, topic, number, paths))
        }
        "\n"
    }
}

fn content(review: &Review<'_>, topic: ReviewTopic, number: usize, paths: &SourcePaths<'_>) -> Markup {
    match topic {
        ReviewTopic::Denials => findings::list(&review.denials, paths),
        ReviewTopic::Policy => findings::list(&review.policy, paths),
        ReviewTopic::Findings => findings::list(&review.findings, paths),
        ReviewTopic::DataLoss => data_loss(review, paths),
        ReviewTopic::Held => shared_reasons(&review.held, paths),
        ReviewTopic::Blocked => shared_reasons(&review.blocked, paths),
        ReviewTopic::Waiting => waiting(review, paths),
        ReviewTopic::Unmanaged => html! { p { (pluralize(number, "holding", "holdings")) } "\n" },
        ReviewTopic::FollowUps => follow_ups(review),
        ReviewTopic::Losses
        | ReviewTopic::Parked
        | ReviewTopic::Moves
        | ReviewTopic::Gains
        | ReviewTopic::Cancellations
        | ReviewTopic::Releases => rows::changes(review.changes(topic), paths, |_| ""),
    }
}

fn data_loss(review: &Review<'_>, paths: &SourcePaths<'_>) -> Markup {
    let label = |change: &ReviewedChange<'_>| match (change.effect, change.is_parked) {
        (_, true) => "parked",
        (Effect::Loss, false) => "loss",
        (Effect::Cancel | Effect::Gain | Effect::Move, false) => "",
    };
    html! {
        @for changes in review.data_loss_groups() {
            @if let Some(first) = changes.first() {
                div.group {
                    h3 {
                        @if first.is_acknowledged { b.ok { "Acknowledged" } } @else { b.bad { "Not acknowledged" } }
                        " destroys " (Text(first.loses.join(", ")))
                        @if !first.keeps.is_empty() { " " small { "keeps " (Text(first.keeps.join(", "))) } }
                    }
                    "\n"
                    (rows::changes(changes, paths, label))
                }
                "\n"
            }
        }
    }
}

fn shared_reasons(reasons: &[SharedReason<'_>], paths: &SourcePaths<'_>) -> Markup {
    html! {
        @for reason in reasons {
            div.group {
                h3 { code { (Text(reason.code)) } " " (findings::prose(reason.message)) }
                "\n"
                @if let Some(help) = reason.help { p.help { (findings::prose(help)) } "\n" }
                (rows::people(
                    &reason.people,
                    &format!("{}/{}", reason.tenant, reason.license),
                    |member| (member.person, String::new(), member.source),
                    paths,
                ))
            }
            "\n"
        }
    }
}

fn waiting(review: &Review<'_>, paths: &SourcePaths<'_>) -> Markup {
    html! {
        @for queue in &review.waiting {
            @let license = format!("{}/{}", queue.tenant, queue.license);
            div.group {
                h3 {
                    code { (Text(&license)) } " "
                    @if queue.missing > 0 {
                        b.buy { "buy " (grouped(queue.missing)) (if queue.missing == 1 { " seat" } else { " seats" }) }
                    }
                }
                "\n"
                (rows::people(
                    &queue.people,
                    &license,
                    |waiting| {
                        let priority = match waiting.priority {
                            0 => String::new(),
                            priority => format!(", priority {priority}"),
                        };
                        (waiting.person.as_str(), format!("position {}{priority}", waiting.position), None)
                    },
                    paths,
                ))
            }
            "\n"
        }
    }
}

fn follow_ups(review: &Review<'_>) -> Markup {
    html! {
        ul.todo {
            @for follow_up in &review.follow_ups {
                "\n"
                li {
                    details {
                        summary { (Text(follow_up.text)) " " span { (pluralize(follow_up.people.len(), "person", "people")) } }
                        p { (Text(follow_up.people.join(", "))) }
                    }
                }
            }
        }
        "\n"
    }
}
