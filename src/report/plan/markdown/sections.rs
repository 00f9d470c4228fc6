//! What stands in each section: the head of its table, and its rows.

use std::collections::BTreeMap;

use super::context::{PageContext, code_name, group_number, pluralize_grouped, sentence};
use super::section::{MarkdownSection, SectionRow};
use crate::diagnostic::{Finding, Severity, Source};
use crate::model::Effect;
use crate::report::review::{FollowUp, PoolQueue, Review, ReviewTopic, ReviewedChange, SharedReason};

/// So many people stand in one row that they share.
const PEOPLE_PER_ROW: usize = 10;
/// So many kinds are told of what is not listed.
const KINDS_MAX: usize = 6;

/// A section; none where there is nothing in it.
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
        ReviewTopic::DataLoss => data_loss(section, review.changes(topic)),
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
        // The headline says it, and there is nothing to list.
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

/// Findings, an item each.
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

/// ` (file:line)`, or nothing.
fn source_suffix(source: Option<&Source>) -> String {
    source.map_or(String::new(), |source| format!(" ({})", source_text(source)))
}

fn source_text(source: &Source) -> String {
    code_name(&format!("{}:{}", source.file, source.line))
}

/// Everybody whose data is destroyed, below what they lose.
fn data_loss<'a>(section: MarkdownSection<'a>, entries: &'a [ReviewedChange<'a>]) -> MarkdownSection<'a> {
    type MarkdownLossKey<'e> = (bool, &'e [&'e str], &'e [&'e str]);
    let mut places: BTreeMap<MarkdownLossKey<'a>, usize> = BTreeMap::new();
    for entry in entries {
        places.entry((entry.is_acknowledged, &entry.loses, &entry.keeps)).or_default();
    }
    let mut groups = Vec::with_capacity(places.len());
    for ((acknowledged, loses, keeps), place) in &mut places {
        *place = groups.len();
        let care = if *acknowledged { "Acknowledged" } else { "**Nobody has taken care of it**" };
        let keeps = if keeps.is_empty() { String::new() } else { format!("; keep {}", sentence(&keeps.join(", "))) };
        groups.push(format!("{care}: lose **{}**{keeps}\n\n{HEAD}", sentence(&loses.join(", "))));
    }
    let group = move |entry: &ReviewedChange<'a>| {
        let damage: MarkdownLossKey<'_> = (entry.is_acknowledged, &entry.loses, &entry.keeps);
        places.get(&damage).copied().unwrap_or_default()
    };
    let mut sorted: Vec<(usize, &'a ReviewedChange<'a>)> = entries.iter().map(|entry| (group(entry), entry)).collect();
    sorted.sort_by_key(|(group, _)| *group);
    let rows = sorted.into_iter().map(|(group, entry)| SectionRow { group, text: change_row(entry), weight: 1 });
    MarkdownSection { groups, rows: Box::new(rows), kinds: kinds(entries.iter().map(kind)), ..section }
}

/// The head of a table of changes.
const HEAD: &str = "| Person | Seat | Asked by |\n|---|---|---|\n";

fn changes<'a>(section: MarkdownSection<'a>, entries: &'a [ReviewedChange<'a>]) -> MarkdownSection<'a> {
    let rows = entries.iter().map(|entry| SectionRow { group: 0, text: change_row(entry), weight: 1 });
    MarkdownSection {
        groups: vec![HEAD.to_owned()],
        rows: Box::new(rows),
        kinds: kinds(entries.iter().map(kind)),
        ..section
    }
}

/// What kind of change it is, for counting.
fn kind(entry: &ReviewedChange<'_>) -> (String, usize) {
    (format!("{}/{}", entry.tenant, entry.licenses()), 1)
}

fn change_row(entry: &ReviewedChange<'_>) -> String {
    format!("| {} | {} | {} |\n", code_name(entry.person), seat_text(entry), request_text(entry))
}

/// What happens to the seat: from where to where, and whose seat it is.
fn seat_text(entry: &ReviewedChange<'_>) -> String {
    let license = |license: &str| code_name(&format!("{}/{license}", entry.tenant));
    let mut text = match (entry.from, entry.to) {
        (Some(from), Some(to)) if from == to => format!("{} (trial) → {}", license(from), code_name(to)),
        (Some(from), Some(to)) => format!("{} → {}", license(from), code_name(to)),
        (Some(from), None) if entry.effect == Effect::Loss => format!("{} → **none**", license(from)),
        (Some(one), None) | (None, Some(one)) => license(one),
        (None, None) => license(entry.license),
    };
    if entry.is_parked {
        text.push_str(", goes first");
    }
    if let Some(first) = entry.waits_for.first() {
        let more = entry.waits_for.len() - 1;
        let more = if more > 0 { format!(" and {} more", group_number(more)) } else { String::new() };
        text.push_str(&format!(", after {}{more}", code_name(first)));
    }
    text
}

/// Why, and where it is written.
fn request_text(entry: &ReviewedChange<'_>) -> String {
    let Some(asked) = entry.request else { return sentence(entry.why) };
    let written = source_text(&asked.location());
    match &asked.reason {
        Some(reason) => format!("{}, {written}", sentence(reason)),
        None if entry.is_unnamed() => format!("no longer named, {written}"),
        None => written,
    }
}

/// People below the reason that they share, some in a row.
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

/// Who waits, by pool and position, and how many seats to buy.
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
        groups: vec!["| Pool | To buy | In line |\n|---|---|---|\n".to_owned()],
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
        groups: vec!["| What | For whom |\n|---|---|\n".to_owned()],
        rows: Box::new(rows),
        number,
        noun: ("time", "times"),
        ..section
    }
}

/// How many there are of each kind, the most frequent first; nothing where there is one kind only.
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
