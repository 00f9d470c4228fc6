//! What every part of the page is written with: what the site understands, how much is named at the top, and where the rest
//! can be read.

use super::{MarkdownDialect, MarkdownTarget};
use crate::report::escape::{cell, escape, prose, push_escaped};
use crate::report::review::Review;

/// The most bytes of a name: of a person, a license, a file. An address has no more.
const NAME_MAX: usize = 254;
/// The most bytes of a name at the top and at the end, where there is little room.
const SHORT_MAX: usize = 80;
/// The most bytes of a sentence.
const SENTENCE_MAX: usize = 600;
/// The most bytes of the address of the full report.
const ADDRESS_MAX: usize = 500;

/// How much is told by name at the top and at the end; the sections are not concerned.
#[derive(Clone, Copy, Debug)]
pub(super) struct NameBudget {
    /// People.
    pub(super) people: usize,
    /// Reasons, pools, tenants, findings.
    pub(super) others: usize,
}

impl NameBudget {
    /// From the most to nothing: the first that fits is taken.
    pub(super) const ALL: [Self; 4] = [
        Self { people: 8, others: 6 },
        Self { people: 4, others: 3 },
        Self { people: 2, others: 1 },
        Self { people: 0, others: 0 },
    ];
}

/// How a page is written.
pub(super) struct PageContext {
    pub(super) dialect: MarkdownDialect,
    pub(super) environment: Option<String>,
    pub(super) commit: Option<String>,
    /// Where everything is listed: a link whose address stands at the end, or the words.
    pub(super) full_report: &'static str,
    address: Option<String>,
    /// The digest of the plan that lists everything.
    pub(super) digest: String,
}

impl PageContext {
    pub(super) fn new(review: &Review<'_>, reader: &MarkdownTarget<'_>) -> Self {
        let address = reader.full_report.filter(|address| is_address(address));
        Self {
            dialect: reader.limit.dialect,
            environment: reader.environment.map(short_name),
            commit: reader.commit.map(short_name),
            full_report: if address.is_some() { "[the full report]" } else { "the full report" },
            address: address.map(str::to_owned),
            digest: cell(review.plan.digest.as_str()),
        }
    }

    /// What a link to the full report means; nothing where nobody said where it is.
    pub(super) fn link(&self) -> String {
        self.address.as_ref().map_or(String::new(), |address| format!("\n[the full report]: <{address}>\n"))
    }

    /// What stands before a line that belongs to the one above.
    pub(super) fn indent(&self) -> &'static str {
        if self.dialect.details { "&emsp;" } else { "" }
    }

    /// What parts two lines in one cell or item.
    pub(super) fn line_break(&self) -> &'static str {
        if self.dialect.details { "<br>" } else { " · " }
    }
}

/// Whether a text can stand as the target of a link: nothing in it ends the link.
fn is_address(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let is_safe = |letter: char| letter.is_ascii_graphic() && !"<>\\`|".contains(letter);
    is_web && text.len() <= ADDRESS_MAX && text.chars().all(is_safe)
}

/// A name from outside; one that is longer than any name should be ends in `…`.
pub(super) fn code_name(text: &str) -> String {
    if text.len() <= NAME_MAX { cell(text) } else { cell(&truncate(text, NAME_MAX)) }
}

/// The same where there is little room.
pub(super) fn short_name(text: &str) -> String {
    cell(&truncate(text, SHORT_MAX))
}

/// A sentence in which names stand between backticks; one that is longer than any should be ends in `…`.
pub(super) fn sentence(text: &str) -> String {
    if text.len() <= SENTENCE_MAX { prose(text) } else { prose(&truncate(text, SENTENCE_MAX)) }
}

/// The same where there is little room.
pub(super) fn short_sentence(text: &str) -> String {
    prose(&truncate(text, SHORT_MAX * 2))
}

/// The text as it is shown, at most so many bytes of it.
fn truncate(text: &str, most: usize) -> String {
    let shown = escape(text);
    if shown.len() <= most {
        return shown.into_owned();
    }
    let mut kept = String::with_capacity(most);
    for letter in text.chars() {
        let length = kept.len();
        push_escaped(&mut kept, letter);
        if kept.len() > most - '…'.len_utf8() {
            kept.truncate(length);
            break;
        }
    }
    kept.push('…');
    kept
}

/// Some of them by name, and how many more there are.
pub(super) fn join_some(named: impl Iterator<Item = String>, most: usize, number: usize) -> String {
    let shown: Vec<_> = named.take(most).collect();
    let left = number.saturating_sub(shown.len());
    match (shown.is_empty(), left) {
        (_, 0) => shown.join(", "),
        (true, left) => group_number(left),
        (false, left) => format!("{} and {} more", shown.join(", "), group_number(left)),
    }
}

/// A number with its thousands parted, and its noun.
pub(super) fn pluralize_grouped(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", group_number(number), if number == 1 { one } else { many })
}

/// A number with its thousands parted.
pub(super) fn group_number(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
