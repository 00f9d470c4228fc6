//! Shared context of all parts of the page: dialect, name limits and links.

use super::{MarkdownDialect, MarkdownTarget};
use crate::report::escape::{cell, escape, prose, push_escaped};
use crate::report::review::Review;

/// The maximum length of a name in bytes; no address is longer.
const NAME_MAX: usize = 254;
/// The maximum length of a name in header and footer.
const SHORT_MAX: usize = 80;
/// The maximum length of a sentence in bytes.
const SENTENCE_MAX: usize = 600;
/// The maximum length of the report address in bytes.
const ADDRESS_MAX: usize = 500;

/// How many names the header and the footer show.
#[derive(Clone, Copy, Debug)]
pub(super) struct NameBudget {
    /// People.
    pub(super) people: usize,
    /// Reasons, pools, tenants and findings.
    pub(super) others: usize,
}

impl NameBudget {
    /// Budgets from large to empty; the first that fits is used.
    pub(super) const ALL: [Self; 4] = [
        Self { people: 8, others: 6 },
        Self { people: 4, others: 3 },
        Self { people: 2, others: 1 },
        Self { people: 0, others: 0 },
    ];
}

/// The context of a page.
pub(super) struct PageContext {
    pub(super) dialect: MarkdownDialect,
    pub(super) environment: Option<String>,
    pub(super) commit: Option<String>,
    /// The reference to the full report: a link if its address is known.
    pub(super) full_report: &'static str,
    address: Option<String>,
    /// The digest of the plan.
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

    /// Returns the link target of the full report, if its address is known.
    pub(super) fn link(&self) -> String {
        self.address.as_ref().map_or(String::new(), |address| format!("\n[the full report]: <{address}>\n"))
    }

    /// Returns the indent of a line that belongs to the previous one.
    pub(super) fn indent(&self) -> &'static str {
        if self.dialect.details { "&emsp;" } else { "" }
    }

    /// Returns the separator of two lines in one cell or item.
    pub(super) fn line_break(&self) -> &'static str {
        if self.dialect.details { "<br>" } else { " · " }
    }
}

/// Returns whether text can be a link target without ending it.
fn is_address(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let is_safe = |letter: char| letter.is_ascii_graphic() && !"<>\\`|".contains(letter);
    is_web && text.len() <= ADDRESS_MAX && text.chars().all(is_safe)
}

/// Returns an external name, truncated with `…` if too long.
pub(super) fn code_name(text: &str) -> String {
    if text.len() <= NAME_MAX { cell(text) } else { cell(&truncate(text, NAME_MAX)) }
}

/// Returns a short external name.
pub(super) fn short_name(text: &str) -> String {
    cell(&truncate(text, SHORT_MAX))
}

/// Returns a sentence with names between backticks, truncated with `…` if too long.
pub(super) fn sentence(text: &str) -> String {
    if text.len() <= SENTENCE_MAX { prose(text) } else { prose(&truncate(text, SENTENCE_MAX)) }
}

/// Returns a short sentence.
pub(super) fn short_sentence(text: &str) -> String {
    prose(&truncate(text, SHORT_MAX * 2))
}

/// Returns the escaped text, truncated to a number of bytes.
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

/// Joins some names, and counts the rest.
pub(super) fn join_some(named: impl Iterator<Item = String>, most: usize, number: usize) -> String {
    let shown: Vec<_> = named.take(most).collect();
    let left = number.saturating_sub(shown.len());
    match (shown.is_empty(), left) {
        (_, 0) => shown.join(", "),
        (true, left) => group_number(left),
        (false, left) => format!("{} and {} more", shown.join(", "), group_number(left)),
    }
}

/// Returns a number with thousands separators and its noun.
pub(super) fn pluralize_grouped(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", group_number(number), if number == 1 { one } else { many })
}

/// Formats a number with thousands separators.
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
