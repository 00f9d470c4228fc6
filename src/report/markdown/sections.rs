//! What stands in each section: the head of its table, and its rows.

use std::collections::BTreeMap;

use super::fit::{Row, Section};
use super::page::{Page, count, figure, name, sentence};
use crate::diagnostic::{Finding, Severity, Source};
use crate::model::Effect;
use crate::report::review::{Entry, FollowUp, Line, Review, Shared, Topic};

/// So many people stand in one row that they share.
const TOGETHER: usize = 10;
/// So many kinds are told of what is not listed.
const KINDS_MAX: usize = 6;

/// A section; none where there is nothing in it.
pub(super) fn section<'a>(review: &'a Review<'a>, topic: Topic, page: &'a Page) -> Option<Section<'a>> {
    let number = review.number(topic);
    if number == 0 {
        return None;
    }
    let title = format!("{}{} ({})", mark(topic), topic.title(), figure(number));
    let section = Section {
        title,
        noun: ("person", "people"),
        number,
        groups: vec![String::new()],
        rows: Box::new(std::iter::empty()),
        kinds: String::new(),
        folded: !(topic.is_grave() || topic == Topic::Parked || topic == Topic::Waiting),
    };
    Some(match topic {
        Topic::Denials => findings(section, &review.denials, page),
        Topic::Policy => Section { number: review.policy.len(), ..findings(section, &review.policy, page) },
        Topic::Findings => findings(section, &review.findings, page),
        Topic::DataLoss => destroyed(section, review.changes(topic)),
        Topic::Removals | Topic::Parked | Topic::Moves | Topic::Additions | Topic::Cancels | Topic::Releases => {
            changes(section, review.changes(topic))
        }
        Topic::Held => shared(section, &review.held, page),
        Topic::Blocked => shared(section, &review.blocked, page),
        Topic::Waiting => waiting(section, &review.waiting),
        Topic::FollowUps => follow_ups(section, &review.follow_ups),
        // The headline says it, and there is nothing to list.
        Topic::Unmanaged => return None,
    })
}

fn mark(topic: Topic) -> &'static str {
    match topic {
        Topic::Denials => "🛑 ",
        Topic::DataLoss => "🔥 ",
        Topic::Removals => "➖ ",
        Topic::Held => "✋ ",
        Topic::Parked => "⚠️ ",
        _ => "",
    }
}

/// Findings, an item each.
fn findings<'a>(section: Section<'a>, findings: &'a [&'a Finding], page: &'a Page) -> Section<'a> {
    let rows = findings.iter().map(|finding| Row { group: 0, text: item(finding, page), weight: 1 });
    let kinds = kinds(findings.iter().map(|finding| (finding.code.to_string(), 1)));
    Section { rows: Box::new(rows), kinds, noun: ("finding", "findings"), ..section }
}

fn item(finding: &Finding, page: &Page) -> String {
    let mut text =
        format!("- **{}** {}{}", name(&finding.code), sentence(&finding.message), at(finding.source.as_ref()));
    let mut line = |line: String| text.push_str(&format!("{}{line}", page.turn()));
    for related in finding.related.iter().take(TOGETHER) {
        line(format!("{}{}", sentence(&related.message), at(related.source.as_ref())));
    }
    if let Some(help) = &finding.help {
        line(format!("→ {}", sentence(help)));
    }
    let open = finding.severity == Severity::Error;
    if let Some(digest) = finding.approval.as_ref().filter(|_| open) {
        line(format!("approve it as {}", name(digest)));
    }
    text.push('\n');
    text
}

/// ` (file:line)`, or nothing.
fn at(source: Option<&Source>) -> String {
    source.map_or(String::new(), |source| format!(" ({})", place(source)))
}

fn place(source: &Source) -> String {
    name(&format!("{}:{}", source.file, source.line))
}

/// Everybody whose data is destroyed, below what they lose.
fn destroyed<'a>(section: Section<'a>, entries: &'a [Entry<'a>]) -> Section<'a> {
    type Damage<'e> = (bool, &'e [&'e str], &'e [&'e str]);
    let mut places: BTreeMap<Damage<'a>, usize> = BTreeMap::new();
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
    let group = move |entry: &Entry<'a>| {
        let damage: Damage<'_> = (entry.is_acknowledged, &entry.loses, &entry.keeps);
        places.get(&damage).copied().unwrap_or_default()
    };
    let mut sorted: Vec<(usize, &'a Entry<'a>)> = entries.iter().map(|entry| (group(entry), entry)).collect();
    sorted.sort_by_key(|(group, _)| *group);
    let rows = sorted.into_iter().map(|(group, entry)| Row { group, text: change_row(entry), weight: 1 });
    Section { groups, rows: Box::new(rows), kinds: kinds(entries.iter().map(kind)), ..section }
}

/// The head of a table of changes.
const HEAD: &str = "| Person | Seat | Asked by |\n|---|---|---|\n";

fn changes<'a>(section: Section<'a>, entries: &'a [Entry<'a>]) -> Section<'a> {
    let rows = entries.iter().map(|entry| Row { group: 0, text: change_row(entry), weight: 1 });
    Section { groups: vec![HEAD.to_owned()], rows: Box::new(rows), kinds: kinds(entries.iter().map(kind)), ..section }
}

/// What kind of change it is, for counting.
fn kind(entry: &Entry<'_>) -> (String, usize) {
    (format!("{}/{}", entry.tenant, entry.licenses()), 1)
}

fn change_row(entry: &Entry<'_>) -> String {
    format!("| {} | {} | {} |\n", name(entry.person), seat(entry), asked(entry))
}

/// What happens to the seat: from where to where, and whose seat it is.
fn seat(entry: &Entry<'_>) -> String {
    let license = |license: &str| name(&format!("{}/{license}", entry.tenant));
    let mut text = match (entry.from, entry.to) {
        (Some(from), Some(to)) if from == to => format!("{} (trial) → {}", license(from), name(to)),
        (Some(from), Some(to)) => format!("{} → {}", license(from), name(to)),
        (Some(from), None) if entry.effect == Effect::Loss => format!("{} → **none**", license(from)),
        (Some(one), None) | (None, Some(one)) => license(one),
        (None, None) => license(entry.license),
    };
    if entry.is_parked {
        text.push_str(", goes first");
    }
    if let Some(first) = entry.after.first() {
        let more = entry.after.len() - 1;
        let more = if more > 0 { format!(" and {} more", figure(more)) } else { String::new() };
        text.push_str(&format!(", after {}{more}", name(first)));
    }
    text
}

/// Why, and where it is written.
fn asked(entry: &Entry<'_>) -> String {
    let Some(asked) = entry.asked else { return sentence(entry.why) };
    let written = place(&asked.place());
    match &asked.reason {
        Some(reason) => format!("{}, {written}", sentence(reason)),
        None if entry.is_unnamed() => format!("no longer named, {written}"),
        None => written,
    }
}

/// People below the reason that they share, some in a row.
fn shared<'a>(section: Section<'a>, all: &'a [Shared<'a>], page: &'a Page) -> Section<'a> {
    let rows = all.iter().flat_map(move |shared| {
        let license = name(&format!("{}/{}", shared.tenant, shared.license));
        let help = shared.help.map_or(String::new(), |help| format!("{}→ {}", page.turn(), sentence(help)));
        let why = format!("**{}** {}{help}", name(shared.code), sentence(shared.message));
        shared.members.chunks(TOGETHER).map(move |members| {
            let who: Vec<_> = members.iter().map(|member| name(member.person)).collect();
            let place = match members {
                [member] => member.source.map_or(String::new(), |source| format!("{}{}", page.turn(), place(source))),
                _ => String::new(),
            };
            let text = format!("| {} | {license}{place} | {why} |\n", who.join(", "));
            Row { group: 0, text, weight: members.len() }
        })
    });
    let of = |shared: &Shared<'_>| (format!("{}/{}", shared.tenant, shared.license), shared.members.len());
    Section {
        groups: vec!["| Person | Seat | Why |\n|---|---|---|\n".to_owned()],
        rows: Box::new(rows),
        kinds: kinds(all.iter().map(of)),
        ..section
    }
}

/// Who waits, by pool and position, and how many seats to buy.
fn waiting<'a>(section: Section<'a>, lines: &'a [Line<'a>]) -> Section<'a> {
    let rows = lines.iter().flat_map(|line| {
        let license = name(&format!("{}/{}", line.tenant, line.license));
        let missing = usize::try_from(line.missing).unwrap_or(usize::MAX);
        let buy = if missing > 0 { format!("buy **{}**", count(missing, "seat", "seats")) } else { String::new() };
        line.people.chunks(TOGETHER).map(move |people| {
            let who: Vec<_> = people.iter().map(|one| format!("{}. {}", one.position, name(&one.person))).collect();
            Row { group: 0, text: format!("| {license} | {buy} | {} |\n", who.join(", ")), weight: people.len() }
        })
    });
    let of = |line: &Line<'_>| (format!("{}/{}", line.tenant, line.license), line.people.len());
    Section {
        groups: vec!["| Pool | To buy | In line |\n|---|---|---|\n".to_owned()],
        rows: Box::new(rows),
        kinds: kinds(lines.iter().map(of)),
        ..section
    }
}

fn follow_ups<'a>(section: Section<'a>, all: &'a [FollowUp<'a>]) -> Section<'a> {
    let rows = all.iter().flat_map(|follow_up| {
        let what = sentence(follow_up.text);
        follow_up.people.chunks(TOGETHER).map(move |people| {
            let who: Vec<_> = people.iter().map(|person| name(person)).collect();
            Row { group: 0, text: format!("| {what} | {} |\n", who.join(", ")), weight: people.len() }
        })
    });
    let number = all.iter().map(|follow_up| follow_up.people.len()).sum();
    Section {
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
    let mut shown: Vec<_> =
        sorted.iter().take(KINDS_MAX).map(|(kind, number)| format!("{} {}", figure(*number), name(kind))).collect();
    if left > 0 {
        shown.push(format!("{} of other kinds", figure(left)));
    }
    shown.join(", ")
}
