//! What a plan leaves out: waiting people, held losses and blocked changes.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::section_title;
use crate::report::escape::escape;
use crate::report::format::{pluralize, wrap, wrap_people};
use crate::report::review::{PoolQueue, Review, ReviewTopic, SharedReason};
use crate::report::source_path::SourcePaths;
use crate::report::table::{Alignment, TextCell, TextTable};
use crate::report::{TextStyle, Tone};

/// Renders waiting people by pool and position, and the seats to buy.
pub(super) fn waiting(review: &Review<'_>, style: TextStyle) -> String {
    if review.waiting.is_empty() {
        return String::new();
    }
    let mut text = section_title(ReviewTopic::Waiting.title(), review.count(ReviewTopic::Waiting), Tone::Notice, style);
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
        text.push_str(&table.render(4, 3, style));
    }
    text
}

/// Renders people by shared reason; a single person with the location of the request.
pub(super) fn shared_reasons(
    review: &Review<'_>,
    topic: ReviewTopic,
    paths: &SourcePaths<'_>,
    style: TextStyle,
) -> String {
    let shared = if topic == ReviewTopic::Held { &review.held } else { &review.blocked };
    if shared.is_empty() {
        return String::new();
    }
    let mut text = section_title(topic.title(), review.count(topic), Tone::Notice, style);
    for SharedReason { tenant, license, code, message, help, people: members } in shared {
        let license = escape(&format!("{tenant}/{license}")).into_owned();
        if let [member] = members.as_slice() {
            let head = format!("  {}  {license}", escape(member.person));
            let location = member.source.map(|source| paths.file_line(source)).unwrap_or_default();
            // A location that does not fit goes to the next line.
            let gap = if head.width() + 2 + location.width() > style.width { "\n    " } else { "  " };
            let location =
                if location.is_empty() { location } else { format!("{gap}{}", style.paint(Tone::Faint, &location)) };
            let _ = writeln!(text, "{head}{location}");
            text.push_str(&wrap(&format!("{} {}", escape(code), escape(message)), 4, style.width));
        } else {
            text.push_str(&wrap(&format!("{license}: {} {}", escape(code), escape(message)), 2, style.width));
            let names: Vec<_> = members.iter().map(|member| member.person).collect();
            text.push_str(&wrap_people(&names, 4, style.width));
        }
        if let Some(help) = help {
            text.push_str(&wrap(&format!("help: {}", escape(help)), 4, style.width));
        }
    }
    text
}
