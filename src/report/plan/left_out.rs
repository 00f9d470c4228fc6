//! What a plan leaves out: people who wait for a seat, losses that a limit holds, and changes that are blocked.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::super::escape::escape;
use super::super::places::Places;
use super::super::review::{Line, Review, Shared, Topic};
use super::super::table::{Cell, Side, Table};
use super::super::words::{count, people, wrap};
use super::super::{Look, Tone};
use super::title;

/// Everybody who waits, by pool and position, and how many seats to buy.
pub(super) fn waiting(review: &Review<'_>, look: Look) -> String {
    if review.waiting.is_empty() {
        return String::new();
    }
    let mut text = title(Topic::Waiting.title(), review.number(Topic::Waiting), Tone::Notice, look);
    for Line { tenant, license, missing, people } in &review.waiting {
        let missing = usize::try_from(*missing).unwrap_or(usize::MAX);
        let advice = if missing > 0 { format!(": buy {}", count(missing, "seat", "seats")) } else { String::new() };
        let _ = writeln!(text, "  {}{advice}", escape(&format!("{tenant}/{license}")));
        let mut table = Table::new([Side::Right, Side::Left, Side::Left]);
        for waiting in people {
            table.row([
                Cell::new(format!("{}.", waiting.position)),
                Cell::new(escape(&waiting.person)),
                Cell::new(if waiting.priority == 0 { String::new() } else { format!("priority {}", waiting.priority) }),
            ]);
        }
        text.push_str(&table.render(4, 3, look));
    }
    text
}

/// People below the reason that they share; a person alone stands with the place of the wish.
pub(super) fn reasons(review: &Review<'_>, topic: Topic, places: &Places<'_>, look: Look) -> String {
    let shared = if topic == Topic::Held { &review.held } else { &review.blocked };
    if shared.is_empty() {
        return String::new();
    }
    let mut text = title(topic.title(), review.number(topic), Tone::Notice, look);
    for Shared { tenant, license, code, message, help, members } in shared {
        let license = escape(&format!("{tenant}/{license}")).into_owned();
        if let [member] = members.as_slice() {
            let head = format!("  {}  {license}", escape(member.person));
            let place = member.source.map(|source| places.line(source)).unwrap_or_default();
            // A place that does not fit behind goes below.
            let gap = if head.width() + 2 + place.width() > look.width { "\n    " } else { "  " };
            let place = if place.is_empty() { place } else { format!("{gap}{}", look.paint(Tone::Faint, &place)) };
            let _ = writeln!(text, "{head}{place}");
            text.push_str(&wrap(&format!("{} {}", escape(code), escape(message)), 4, look.width));
        } else {
            text.push_str(&wrap(&format!("{license}: {} {}", escape(code), escape(message)), 2, look.width));
            let who: Vec<_> = members.iter().map(|member| member.person).collect();
            text.push_str(&people(&who, 4, look.width));
        }
        if let Some(help) = help {
            text.push_str(&wrap(&format!("help: {}", escape(help)), 4, look.width));
        }
    }
    text
}
