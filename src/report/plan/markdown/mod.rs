//! A plan as Markdown, for pull request comments.
//!
//! The header contains the verdict, losses and requesters. The sections follow in the order of the [`Review`]; each
//! lists as much as fits and counts the rest. The text never exceeds its limit, and escapes all external text.

mod context;
mod footer;
mod header;
mod limit;
mod section;
mod sections;
#[cfg(test)]
mod tests;

pub use limit::{InvalidLimit, LIMIT_MIN, MarkdownDialect, MarkdownLimit};

use self::context::{NameBudget, PageContext};
use self::section::MarkdownSection;
use crate::report::review::{Review, ReviewTopic};

/// The share of the page for denials, because the sections repeat the affected people.
const DENIALS_SHARE: usize = 3;

/// The target of the Markdown.
#[derive(Clone, Copy, Debug, Default)]
pub struct MarkdownTarget<'a> {
    /// The length limit and dialect.
    pub limit: MarkdownLimit,
    /// Text before everything else, such as a hidden marker.
    pub marker: &'a str,
    /// The environment, if there are several.
    pub environment: Option<&'a str>,
    /// The planned commit.
    pub commit: Option<&'a str>,
    /// The address of the full report.
    pub full_report: Option<&'a str>,
}

/// Renders the review within the limit.
pub fn markdown(review: &Review<'_>, reader: &MarkdownTarget<'_>) -> String {
    let page = PageContext::new(review, reader);
    let all = ReviewTopic::ALL.iter().filter_map(|topic| Some((*topic, sections::section(review, *topic, &page)?)));
    let sections: Vec<(ReviewTopic, MarkdownSection<'_>)> = all.collect();
    // Every section needs at least one line.
    let mut owed: usize = sections.iter().map(|(_, section)| section.minimal_text(&page).len()).sum();
    let (mut text, foot) = header_and_footer(review, reader, &page, reader.limit.bytes.saturating_sub(owed));
    for (topic, section) in sections {
        owed -= section.minimal_text(&page).len();
        let room = reader.limit.bytes.saturating_sub(text.len() + owed + foot.len());
        let share = if topic == ReviewTopic::Denials { reader.limit.bytes / DENIALS_SHARE } else { room };
        text.push_str(&section.render(room.min(share), &page));
    }
    text.push_str(&foot);
    text
}

/// Renders only header and footer, for a comment whose plan became empty.
pub fn headline(review: &Review<'_>, reader: &MarkdownTarget<'_>) -> String {
    let (head, foot) = header_and_footer(review, reader, &PageContext::new(review, reader), reader.limit.bytes);
    head + &foot
}

/// Returns header and footer with as many names as fit.
fn header_and_footer(
    review: &Review<'_>,
    reader: &MarkdownTarget<'_>,
    page: &PageContext,
    room: usize,
) -> (String, String) {
    let mut frame = (String::new(), String::new());
    for naming in NameBudget::ALL {
        frame = (
            format!("{}{}", reader.marker, header::header(review, page, naming)),
            footer::footer(review, page, naming),
        );
        if frame.0.len() + frame.1.len() <= room {
            break;
        }
    }
    frame
}
