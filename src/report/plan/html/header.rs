//! The top of the page: verdict, key figures, table of contents and filter.

use maud::{Markup, html};

use super::sections::{anchor, has_people, short_title};
use crate::report::escape::{Text, escape};
use crate::report::format::grouped;
use crate::report::format::{pluralize, short_digest};
use crate::report::review::{Review, ReviewTopic, ReviewVerdict};

/// Renders the verdict and the figures.
pub(super) fn header(review: &Review<'_>) -> Markup {
    let (plan, headline) = (review.plan, &review.headline);
    let tone = match headline.verdict {
        ReviewVerdict::Denied => "v-no",
        ReviewVerdict::NeedsApproval | ReviewVerdict::Postponed | ReviewVerdict::Held => "v-wait",
        ReviewVerdict::Destructive => "v-care",
        ReviewVerdict::Safe => "v-yes",
        ReviewVerdict::NoChanges => "v-idle",
    };
    let changes = match headline.summarize_changes() {
        changes if changes.is_empty() => "No operations".to_owned(),
        changes => format!("{changes} in {}", pluralize(headline.operations, "operation", "operations")),
    };
    let left_out = headline.summarize_left_out();
    html! {
        header.top.(tone) {
            "\n"
            p.kicker {
                "reseat plan for " time datetime=(plan.at) { (plan.at) } " "
                code { (Text(short_digest(plan.digest.as_str()))) }
            }
            "\n"
            h1 { (headline.verdict_sentence()) }
            "\n"
            p.deeds {
                (changes)
                @if !left_out.is_empty() { "; " (left_out) }
                @if let Some(author) = headline.author { " · requested by " (Text(author)) }
            }
            "\n"
            @for finding in &headline.postponed_by { p.warn { (Text(&finding.message)) } "\n" }
            @if !headline.incomplete.is_empty() {
                p.warn { "Incomplete observation, so nobody loses a seat there: " (Text(headline.incomplete.join(", "))) }
                "\n"
            }
            (figures(review))
        }
        "\n"
    }
}

/// One key figure.
struct HeadlineFigure {
    class: &'static str,
    anchor: &'static str,
    number: usize,
    label: &'static str,
    note: String,
}

fn figures(review: &Review<'_>) -> Markup {
    let headline = &review.headline;
    let first = |topics: &[ReviewTopic]| -> &'static str {
        let found = topics.iter().find(|topic| review.count(**topic) > 0);
        anchor(found.or(topics.first()).copied().unwrap_or(ReviewTopic::Moves))
    };
    let form = |number: usize, one: &'static str, many: &'static str| if number == 1 { one } else { many };
    let figure = |class, anchor, number, label| HeadlineFigure { class, anchor, number, label, note: String::new() };
    let optional = |class, anchor, number, label| (number > 0).then(|| figure(class, anchor, number, label));

    let stopped = if headline.denials > 0 { "denied" } else { "to approve" };
    let unacknowledged = match headline.unacknowledged {
        0 => String::new(),
        number if number == headline.destroyed => "not acknowledged".to_owned(),
        number => format!("{} not acknowledged", grouped(number)),
    };
    let missing: u64 = review.waiting.iter().fold(0, |sum, queue| sum.saturating_add(queue.missing));
    let buy = if missing > 0 { format!("buy {}", grouped(missing)) } else { String::new() };

    let destroyed = form(headline.destroyed, "person loses data", "people lose data");
    let losses = first(&[ReviewTopic::Losses, ReviewTopic::DataLoss]);
    let parked = first(&[ReviewTopic::Parked, ReviewTopic::DataLoss]);
    let moves = first(&[ReviewTopic::Moves, ReviewTopic::Parked, ReviewTopic::DataLoss]);
    let stops = headline.denials + headline.approvals;
    let figures = [
        optional("no", anchor(ReviewTopic::Denials), stops, stopped),
        Some(HeadlineFigure {
            note: unacknowledged,
            ..figure("no", anchor(ReviewTopic::DataLoss), headline.destroyed, destroyed)
        }),
        Some(figure("no", losses, headline.losses, form(headline.losses, "loss", "losses"))),
        optional("wait", anchor(ReviewTopic::Held), headline.held, "held"),
        optional("wait", parked, headline.parked, "parked"),
        Some(figure("move", moves, headline.moves, form(headline.moves, "move", "moves"))),
        Some(figure("yes", anchor(ReviewTopic::Gains), headline.gains, form(headline.gains, "gain", "gains"))),
        optional("wait", anchor(ReviewTopic::Waiting), headline.waiting, "waiting")
            .map(|figure| HeadlineFigure { note: buy, ..figure }),
        optional("wait", anchor(ReviewTopic::Blocked), headline.blocked, "blocked"),
    ];
    html! {
        ul.figures {
            @for HeadlineFigure { class, anchor, number, label, note } in figures.into_iter().flatten() {
                "\n"
                @if number == 0 {
                    li.none { span { b { "0" } " " (label) } }
                } @else {
                    li class=(class) {
                        a href={ "#" (anchor) } {
                            b { (grouped(number)) } " " (label)
                            @if !note.is_empty() { " " small { (note) } }
                        }
                    }
                }
            }
            @for (currency, cost) in headline.cost {
                "\n"
                li.money {
                    a href="#pools" {
                        b { (Text(grouped(&cost.after))) } " " (Text(currency)) " per month"
                        @if cost.before != cost.after {
                            " " small { @if !cost.delta.starts_with('-') { "+" } (Text(grouped(&cost.delta))) }
                        }
                    }
                }
            }
        }
        "\n"
    }
}

/// Renders the table of contents.
pub(super) fn contents(review: &Review<'_>) -> Markup {
    let plan = review.plan;
    let sections = |before: bool| {
        let topics = ReviewTopic::ALL.into_iter().filter(move |topic| super::precedes_pools(*topic) == before);
        let topics = topics.filter(|topic| review.count(*topic) > 0);
        topics.map(|topic| (anchor(topic), short_title(topic), Some(review.count(topic))))
    };
    let has_graph = !plan.operations.is_empty() || !plan.waiting.is_empty() || !plan.held.is_empty();
    let entries = sections(true)
        .chain((!plan.pools.is_empty()).then_some(("pools", "Pools", None)))
        .chain(has_graph.then_some(("graph", "Who moves where", None)))
        .chain(sections(false))
        .chain([("provenance", "Inputs", None)]);
    html! {
        nav aria-label="Sections" {
            ol {
                @for (anchor, title, number) in entries {
                    "\n"
                    li { a href={ "#" (anchor) } { (title) @if let Some(number) = number { " " b { (grouped(number)) } } } }
                }
            }
        }
        "\n"
    }
}

/// Renders the filter, which stays hidden until the script shows it.
pub(super) fn filter(review: &Review<'_>) -> Markup {
    let listed: Vec<ReviewTopic> =
        ReviewTopic::ALL.into_iter().filter(|topic| has_people(*topic) && review.count(*topic) > 0).collect();
    if listed.is_empty() {
        return Markup::default();
    }
    let mut tenants: Vec<&str> = review.plan.inputs.observations.keys().map(|name| &**name).collect();
    tenants.extend(review.plan.pools.iter().map(|pool| &*pool.tenant));
    tenants.sort_unstable();
    tenants.dedup();
    html! {
        form #filter role="search" hidden {
            "\n"
            label.find {
                span.off { "Find" }
                input #find type="search" placeholder="Person, license, reason or file" autocomplete="off" spellcheck="false"
                    aria-keyshortcuts="/";
            }
            "\n"
            label {
                span.off { "Tenant" }
                select #tenant {
                    option value="" { "All tenants" }
                    // The script compares the escaped text of the rows.
                    @for tenant in tenants { option { (escape(tenant)) } }
                }
            }
            "\n"
            label {
                span.off { "Kind" }
                select #kind {
                    option value="" { "All kinds" }
                    @for topic in listed { option value=(anchor(topic)) { (short_title(topic)) } }
                }
            }
            "\n"
            button type="reset" { "Clear" }
            "\n"
            p #found role="status" {}
        }
        "\n"
    }
}
