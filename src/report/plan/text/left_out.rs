//! What a plan leaves out: people who wait for a seat, losses that a limit holds, and changes that are blocked.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::section_title;
use crate::report::escape::escape;
use crate::report::format::{pluralize, wrap, wrap_people};
use crate::report::review::{PoolQueue, Review, ReviewTopic, SharedReason};
use crate::report::source_path::SourcePaths;
use crate::report::table::{Alignment, TextCell, TextTable};
use crate::report::{TextStyle, Tone};

/// Everybody who waits, by pool and position, and how many seats to buy.
pub(super) fn waiting(review: &Review<'_>, look: TextStyle) -> String {
    if review.waiting.is_empty() {
        return String::new();
    }
    let mut text = section_title(ReviewTopic::Waiting.title(), review.count(ReviewTopic::Waiting), Tone::Notice, look);
    for PoolQueue { tenant, license, missing, people } in &review.waiting {
        let missing = usize::try_from(*missing).unwrap_or(usize::MAX);
        let advice = if missing > 0 { format!(": buy {}", pluralize(missing, "seat", "seats")) } else { String::new() };
        let _ = writeln!(text, "  {}{advice}", escape(&format!("{tenant}/{license}")));
        let mut table = TextTable::new([Alignment::Right, Alignment::Left, Alignment::Left]);
        for waiting in people {
            table.add_row([
                TextCell::new(format!("{}.", waiting.position)),
                TextCell::new(escape(&waiting.person)),
                TextCell::new(if waiting.priority == 0 {
                    String::new()
                } else {
                    format!("priority {}", waiting.priority)
                }),
            ]);
        }
        text.push_str(&table.render(4, 3, look));
    }
    text
}

/// People below the reason that they share; a person alone stands with the place of the wish.
pub(super) fn shared_reasons(
    review: &Review<'_>,
    topic: ReviewTopic,
    places: &SourcePaths<'_>,
    look: TextStyle,
) -> String {
    let shared = if topic == ReviewTopic::Held { &review.held } else { &review.blocked };
    if shared.is_empty() {
        return String::new();
    }
    let mut text = section_title(topic.title(), review.count(topic), Tone::Notice, look);
    for SharedReason { tenant, license, code, message, help, people: members } in shared {
        let license = escape(&format!("{tenant}/{license}")).into_owned();
        if let [member] = members.as_slice() {
            let head = format!("  {}  {license}", escape(member.person));
            let place = member.source.map(|source| places.file_line(source)).unwrap_or_default();
            // A place that does not fit behind goes below.
            let gap = if head.width() + 2 + place.width() > look.width { "\n    " } else { "  " };
            let place = if place.is_empty() { place } else { format!("{gap}{}", look.paint(Tone::Faint, &place)) };
            let _ = writeln!(text, "{head}{place}");
            text.push_str(&wrap(&format!("{} {}", escape(code), escape(message)), 4, look.width));
        } else {
            text.push_str(&wrap(&format!("{license}: {} {}", escape(code), escape(message)), 2, look.width));
            let who: Vec<_> = members.iter().map(|member| member.person).collect();
            text.push_str(&wrap_people(&who, 4, look.width));
        }
        if let Some(help) = help {
            text.push_str(&wrap(&format!("help: {}", escape(help)), 4, look.width));
        }
    }
    text
}
