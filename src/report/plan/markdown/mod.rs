//! A plan as Markdown: the comment on a pull request.
//!
//! A reviewer has ten seconds: the first lines say whether it may be applied, whose data and seats go, and who asked.
//! Sections follow in the order of a [`Review`]; each is listed as far as there is room, and the rest of it counted, so
//! that what worries least gives way first.
//! What must hold: the text is never longer than its limit; whatever is not listed is counted, with the digest of the
//! plan that lists it; nothing from outside stands in it but through `escape`.

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

/// The part of the page that what is denied may take: it repeats whose data is lost, and they are to be listed as well.
const DENIALS_SHARE: usize = 3;

/// For whom the text is.
#[derive(Clone, Copy, Debug, Default)]
pub struct MarkdownTarget<'a> {
    /// How long it may be.
    pub limit: MarkdownLimit,
    /// What stands before everything else and counts, such as a hidden marker.
    pub marker: &'a str,
    /// Which of several environments it is about.
    pub environment: Option<&'a str>,
    /// The commit that was planned.
    pub commit: Option<&'a str>,
    /// Where the whole report is.
    pub full_report: Option<&'a str>,
}

/// The review as Markdown, at most as long as the reader's limit.
pub fn markdown(review: &Review<'_>, reader: &MarkdownTarget<'_>) -> String {
    let page = PageContext::new(review, reader);
    let all = ReviewTopic::ALL.iter().filter_map(|topic| Some((*topic, sections::section(review, *topic, &page)?)));
    let sections: Vec<(ReviewTopic, MarkdownSection<'_>)> = all.collect();
    // What has to be there in any case: a line of each section.
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

/// The headline alone with what the plan was made from: for a comment that stays when nothing is left to do.
pub fn headline(review: &Review<'_>, reader: &MarkdownTarget<'_>) -> String {
    let (head, foot) = header_and_footer(review, reader, &PageContext::new(review, reader), reader.limit.bytes);
    head + &foot
}

/// The first and the last lines, with as many names as there is room for.
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
