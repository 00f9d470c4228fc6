//! The content of each section: table headers and rows.

use std::collections::BTreeMap;

use super::context::{PageContext, code_name, group_number, pluralize_grouped, sentence};
use super::section::{MarkdownSection, SectionRow};
use crate::diagnostic::{Finding, Severity, Source};
use crate::model::Effect;
use crate::report::review::{FollowUp, PoolQueue, Review, ReviewTopic, ReviewedChange, SharedReason};

/// The maximum number of people in one row.
const PEOPLE_PER_ROW: usize = 10;
/// The maximum number of counted kinds.
const KINDS_MAX: usize = 6;

/// Returns a section, or nothing if it is empty.
pub(super) fn section<'a>(
    review: &'a Review<'a>,
    topic: ReviewTopic,
    page: &'a PageContext,
) -> Option<MarkdownSection<'a>> {
    let number = review.count(topic);
    if number == 0 {
        return None;
    }
    let title = format!("{}{} ({})", topic_icon(topic), topic.title(), group_number(number));
    let section = MarkdownSection {
        title,
        noun: ("person", "people"),
        number,
        groups: vec![String::new()],
        rows: Box::new(std::iter::empty()),
        kinds: String::new(),
        folded: !(topic.is_critical() || topic == ReviewTopic::Parked || topic == ReviewTopic::Waiting),
    };
    Some(match topic {
        ReviewTopic::Denials => findings(section, &review.denials, page),
        ReviewTopic::Policy => {
            MarkdownSection { number: review.policy.len(), ..findings(section, &review.policy, page) }
        }
        ReviewTopic::Findings => findings(section, &review.findings, page),
        ReviewTopic::DataLoss => data_loss(section, review),
        ReviewTopic::Losses
        | ReviewTopic::Parked
        | ReviewTopic::Moves
        | ReviewTopic::Gains
        | ReviewTopic::Cancellations
        | ReviewTopic::Releases => changes(section, review.changes(topic)),
        ReviewTopic::Held => shared_reasons(section, &review.held, page),
        ReviewTopic::Blocked => shared_reasons(section, &review.blocked, page),
        ReviewTopic::Waiting => waiting(section, &review.waiting),
        ReviewTopic::FollowUps => follow_ups(section, &review.follow_ups),
        // The headline contains the number, and there is nothing to list.
        ReviewTopic::Unmanaged => return None,
    })
}

fn topic_icon(topic: ReviewTopic) -> &'static str {
    match topic {
        ReviewTopic::Denials => "🛑 ",
        ReviewTopic::DataLoss => "🔥 ",
        ReviewTopic::Losses => "➖ ",
        ReviewTopic::Held => "✋ ",
        ReviewTopic::Parked => "⚠️ ",
        _ => "",
    }
}

/// Returns a list of findings.
fn findings<'a>(
    section: MarkdownSection<'a>,
    findings: &'a [&'a Finding],
    page: &'a PageContext,
) -> MarkdownSection<'a> {
    let rows = findings.iter().map(|finding| SectionRow { group: 0, text: item(finding, page), weight: 1 });
    let kinds = kinds(findings.iter().map(|finding| (finding.code.to_string(), 1)));
    MarkdownSection { rows: Box::new(rows), kinds, noun: ("finding", "findings"), ..section }
}

fn item(finding: &Finding, page: &PageContext) -> String {
    let mut text = format!(
        "- **{}** {}{}",
        code_name(&finding.code),
        sentence(&finding.message),
        source_suffix(finding.source.as_ref())
    );
    let mut line = |line: String| text.push_str(&format!("{}{line}", page.line_break()));
    for related in finding.related.iter().take(PEOPLE_PER_ROW) {
        line(format!("{}{}", sentence(&related.message), source_suffix(related.source.as_ref())));
    }
    if let Some(help) = &finding.help {
        line(format!("→ {}", sentence(help)));
    }
    let open = finding.severity == Severity::Error;
    if let Some(digest) = finding.approval.as_ref().filter(|_| open) {
        line(format!("approve it as {}", code_name(digest)));
    }
    text.push('\n');
    text
}

/// Returns ` (file:line)` or nothing.
fn source_suffix(source: Option<&Source>) -> String {
    source.map_or(String::new(), |source| format!(" ({})", source_text(source)))
}

fn source_text(source: &Source) -> String {
    code_name(&format!("{}:{}", source.file, source.line))
}

/// Returns the changes that destroy data, grouped by loss.
fn data_loss<'a>(section: MarkdownSection<'a>, review: &'a Review<'a>) -> MarkdownSection<'a> {
    let groups = review.data_loss_groups().filter_map(|changes| changes.first()).map(|first| {
        let label = if first.is_acknowledged { "Acknowledged" } else { "**Not acknowledged**" };
        let keeps = match first.keeps.as_slice() {
            [] => String::new(),
            keeps => format!("; keeps {}", sentence(&keeps.join(", "))),
        };
        format!("{label}: destroys **{}**{keeps}\n\n{HEAD}", sentence(&first.loses.join(", ")))
    });
    let rows = review.data_loss_groups().enumerate().flat_map(|(group, changes)| {
        changes.iter().map(move |change| SectionRow { group, text: change_row(change), weight: 1 })
    });
    let kinds = kinds(review.changes(ReviewTopic::DataLoss).iter().map(kind));
    MarkdownSection { groups: groups.collect(), rows: Box::new(rows), kinds, ..section }
}

/// The header of a table of changes.
const HEAD: &str = "| Person | Seat | Request |\n|---|---|---|\n";

fn changes<'a>(section: MarkdownSection<'a>, changes: &'a [ReviewedChange<'a>]) -> MarkdownSection<'a> {
    let rows = changes.iter().map(|change| SectionRow { group: 0, text: change_row(change), weight: 1 });
    MarkdownSection {
        groups: vec![HEAD.to_owned()],
        rows: Box::new(rows),
        kinds: kinds(changes.iter().map(kind)),
        ..section
    }
}

/// Returns the kind of a change, for counting.
fn kind(change: &ReviewedChange<'_>) -> (String, usize) {
    (format!("{}/{}", change.tenant, change.licenses()), 1)
}

fn change_row(change: &ReviewedChange<'_>) -> String {
    format!("| {} | {} | {} |\n", code_name(change.person), seat_text(change), request_text(change))
}

/// Returns the old and the new seat.
fn seat_text(change: &ReviewedChange<'_>) -> String {
    let license = |license: &str| code_name(&format!("{}/{license}", change.tenant));
    let mut text = match (change.from, change.to) {
        (Some(from), Some(to)) if from == to => format!("{} (trial) → {}", license(from), code_name(to)),
        (Some(from), Some(to)) => format!("{} → {}", license(from), code_name(to)),
        (Some(from), None) if change.effect == Effect::Loss => format!("{} → **none**", license(from)),
        (Some(one), None) | (None, Some(one)) => license(one),
        (None, None) => license(change.license),
    };
    if change.is_parked {
        text.push_str(", parked");
    }
    if let Some(first) = change.waits_for.first() {
        let more = change.waits_for.len() - 1;
        let more = if more > 0 { format!(" and {} more", group_number(more)) } else { String::new() };
        text.push_str(&format!(", after {}{more}", code_name(first)));
    }
    text
}

/// Returns the reason and its location.
fn request_text(change: &ReviewedChange<'_>) -> String {
    let Some(request) = change.request else { return sentence(change.why) };
    let location = source_text(&request.location());
    match &request.reason {
        Some(reason) => format!("{}, {location}", sentence(reason)),
        None if change.is_unnamed() => format!("not in the manifest, {location}"),
        None => location,
    }
}

/// Returns people by shared reason, several per row.
fn shared_reasons<'a>(
    section: MarkdownSection<'a>,
    all: &'a [SharedReason<'a>],
    page: &'a PageContext,
) -> MarkdownSection<'a> {
    let rows = all.iter().flat_map(move |shared| {
        let license = code_name(&format!("{}/{}", shared.tenant, shared.license));
        let help = shared.help.map_or(String::new(), |help| format!("{}→ {}", page.line_break(), sentence(help)));
        let why = format!("**{}** {}{help}", code_name(shared.code), sentence(shared.message));
        shared.people.chunks(PEOPLE_PER_ROW).map(move |members| {
            let who: Vec<_> = members.iter().map(|member| code_name(member.person)).collect();
            let place = match members {
                [member] => member
                    .source
                    .map_or(String::new(), |source| format!("{}{}", page.line_break(), source_text(source))),
                _ => String::new(),
            };
            let text = format!("| {} | {license}{place} | {why} |\n", who.join(", "));
            SectionRow { group: 0, text, weight: members.len() }
        })
    });
    let of = |shared: &SharedReason<'_>| (format!("{}/{}", shared.tenant, shared.license), shared.people.len());
    MarkdownSection {
        groups: vec!["| Person | Seat | Why |\n|---|---|---|\n".to_owned()],
        rows: Box::new(rows),
        kinds: kinds(all.iter().map(of)),
        ..section
    }
}

/// Returns the waiting people by pool and position, and the seats to buy.
fn waiting<'a>(section: MarkdownSection<'a>, lines: &'a [PoolQueue<'a>]) -> MarkdownSection<'a> {
    let rows = lines.iter().flat_map(|line| {
        let license = code_name(&format!("{}/{}", line.tenant, line.license));
        let missing = usize::try_from(line.missing).unwrap_or(usize::MAX);
        let buy = if missing > 0 {
            format!("buy **{}**", pluralize_grouped(missing, "seat", "seats"))
        } else {
            String::new()
        };
        line.people.chunks(PEOPLE_PER_ROW).map(move |people| {
            let who: Vec<_> =
                people.iter().map(|one| format!("{}. {}", one.position, code_name(&one.person))).collect();
            SectionRow { group: 0, text: format!("| {license} | {buy} | {} |\n", who.join(", ")), weight: people.len() }
        })
    });
    let of = |line: &PoolQueue<'_>| (format!("{}/{}", line.tenant, line.license), line.people.len());
    MarkdownSection {
        groups: vec!["| Pool | To buy | Queue |\n|---|---|---|\n".to_owned()],
        rows: Box::new(rows),
        kinds: kinds(lines.iter().map(of)),
        ..section
    }
}

fn follow_ups<'a>(section: MarkdownSection<'a>, all: &'a [FollowUp<'a>]) -> MarkdownSection<'a> {
    let rows = all.iter().flat_map(|follow_up| {
        let what = sentence(follow_up.text);
        follow_up.people.chunks(PEOPLE_PER_ROW).map(move |people| {
            let who: Vec<_> = people.iter().map(|person| code_name(person)).collect();
            SectionRow { group: 0, text: format!("| {what} | {} |\n", who.join(", ")), weight: people.len() }
        })
    });
    let number = all.iter().map(|follow_up| follow_up.people.len()).sum();
    MarkdownSection {
        groups: vec!["| Task | People |\n|---|---|\n".to_owned()],
        rows: Box::new(rows),
        number,
        noun: ("time", "times"),
        ..section
    }
}

/// Returns the number of each kind, most frequent first; empty for a single kind.
fn kinds(all: impl Iterator<Item = (String, usize)>) -> String {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for (kind, number) in all {
        *numbers.entry(kind).or_default() += number;
    }
    if numbers.len() < 2 {
        return String::new();
    }
    let mut sorted: Vec<_> = numbers.into_iter().collect();
    sorted.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
    let left: usize = sorted.iter().skip(KINDS_MAX).map(|(_, number)| number).sum();
    let mut shown: Vec<_> = sorted
        .iter()
        .take(KINDS_MAX)
        .map(|(kind, number)| format!("{} {}", group_number(*number), code_name(kind)))
        .collect();
    if left > 0 {
        shown.push(format!("{} of other kinds", group_number(left)));
    }
    shown.join(", ")
}
