//! Text formatting: counted nouns, numbers and paragraphs.

use unicode_width::UnicodeWidthStr;

use super::escape::escape;

/// The length of a short digest.
const SHORT_DIGEST: usize = "sha256:".len() + 12;

/// Returns the beginning of a digest, long enough to distinguish plans.
pub(crate) fn short_digest(digest: &str) -> &str {
    digest.get(..SHORT_DIGEST).unwrap_or(digest)
}

/// Joins the nonzero counts: `2 losses, 1 move`.
pub(crate) fn join_counts(parts: &[(usize, &str, &str)]) -> String {
    let parts = parts.iter().filter(|(number, ..)| *number > 0);
    parts.map(|(number, one, many)| pluralize(*number, one, many)).collect::<Vec<_>>().join(", ")
}

/// Returns a number with its noun: `1 move`, `2 moves`.
pub(crate) fn pluralize(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Formats a number with thousands separators.
pub(crate) fn grouped(number: impl ToString) -> String {
    group_thousands(&number.to_string())
}

/// Formats a decimal number with thousands separators: `1,234.00`.
pub(crate) fn group_thousands(amount: &str) -> String {
    let (sign, digits) = amount.strip_prefix('-').map_or(("", amount), |digits| ("-", digits));
    let (whole, fraction) = digits.find('.').map_or((digits, ""), |point| digits.split_at(point));
    let length = whole.chars().count();
    let mut text = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (length - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(fraction);
    text
}

/// Wraps a paragraph at a width, with an indent.
pub(crate) fn wrap(text: &str, indent: usize, width: usize) -> String {
    let mut wrapped = " ".repeat(indent);
    wrapped.push_str(&wrap_from_column(text, indent, indent, width));
    wrapped
}

/// Wraps a paragraph whose first line starts in column `used`.
pub(crate) fn wrap_from_column(text: &str, used: usize, indent: usize, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 16);
    let mut column = used;
    let mut is_first = true;
    for word in split_words(text) {
        let length = word.width();
        if !is_first && column + 1 + length > width {
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', indent));
            column = indent;
            is_first = true;
        }
        if !is_first {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
        is_first = false;
    }
    wrapped.push('\n');
    wrapped
}

/// Splits text into words. Text between backticks stays together, so that it can be copied.
fn split_words(text: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let split = move |character: char| {
        if character == '`' {
            is_quoted = !is_quoted;
        }
        character == ' ' && !is_quoted
    };
    text.split(split).filter(|word| !word.is_empty())
}

/// Wraps a list of people at a width.
pub(crate) fn wrap_people(names: &[&str], indent: usize, width: usize) -> String {
    let names: Vec<_> = names.iter().map(|name| escape(name)).collect();
    wrap(&names.join(", "), indent, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraph_is_wrapped_and_indented() {
        assert_eq!(wrap("one two  three four", 2, 10), "  one two\n  three\n  four\n");
    }

    #[test]
    fn text_between_backticks_is_not_wrapped() {
        assert_eq!(wrap("add `a b c d` to it", 0, 8), "add\n`a b c d`\nto it\n");
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(group_thousands("0.00"), "0.00");
        assert_eq!(group_thousands("999.125"), "999.125");
        assert_eq!(group_thousands("1234.00"), "1,234.00");
        assert_eq!(group_thousands("-1234567.00"), "-1,234,567.00");
        assert_eq!(group_thousands(""), "");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!((pluralize(1, "move", "moves"), pluralize(0, "move", "moves")), ("1 move".into(), "0 moves".into()));
    }
}
