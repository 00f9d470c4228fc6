//! A plan as Markdown: the comment on a pull request.
//!
//! A reviewer has ten seconds: the first lines say whether it may be applied, whose data and seats go, and who asked.
//! Sections follow in the order of a [`Review`]; each is listed as far as there is room, and the rest of it counted, so
//! that what worries least gives way first.
//! What must hold: the text is never longer than its limit; whatever is not listed is counted, with the digest of the
//! plan that lists it; nothing from outside stands in it but through `escape`.

mod fit;
mod foot;
mod head;
mod limit;
mod page;
mod sections;
#[cfg(test)]
mod tests;

pub use limit::{Dialect, LIMIT_MIN, Limit, NoLimit};

use self::fit::Section;
use self::page::{Naming, Page};
use super::review::{Review, Topic};

/// The part of the page that what is denied may take: it repeats whose data is lost, and they are to be listed as well.
const DENIALS_SHARE: usize = 3;

/// For whom the text is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reader<'a> {
    /// How long it may be.
    pub limit: Limit,
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
pub fn markdown(review: &Review<'_>, reader: &Reader<'_>) -> String {
    let page = Page::new(review, reader);
    let all = Topic::ALL.iter().filter_map(|topic| Some((*topic, sections::section(review, *topic, &page)?)));
    let sections: Vec<(Topic, Section<'_>)> = all.collect();
    // What has to be there in any case: a line of each section.
    let mut owed: usize = sections.iter().map(|(_, section)| section.shortest(&page).len()).sum();
    let (mut text, foot) = frame(review, reader, &page, reader.limit.bytes.saturating_sub(owed));
    for (topic, section) in sections {
        owed -= section.shortest(&page).len();
        let room = reader.limit.bytes.saturating_sub(text.len() + owed + foot.len());
        let share = if topic == Topic::Denials { reader.limit.bytes / DENIALS_SHARE } else { room };
        text.push_str(&section.fit(room.min(share), &page));
    }
    text.push_str(&foot);
    text
}

/// The headline alone with what the plan was made from: for a comment that stays when nothing is left to do.
pub fn headline(review: &Review<'_>, reader: &Reader<'_>) -> String {
    let (head, foot) = frame(review, reader, &Page::new(review, reader), reader.limit.bytes);
    head + &foot
}

/// The first and the last lines, with as many names as there is room for.
fn frame(review: &Review<'_>, reader: &Reader<'_>, page: &Page, room: usize) -> (String, String) {
    let mut frame = (String::new(), String::new());
    for naming in Naming::ALL {
        frame = (format!("{}{}", reader.marker, head::head(review, page, naming)), foot::foot(review, page, naming));
        if frame.0.len() + frame.1.len() <= room {
            break;
        }
    }
    frame
}
