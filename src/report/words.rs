//! Small pieces of English: counted nouns, and paragraphs.

use unicode_width::UnicodeWidthStr;

use super::escape::escape;

/// A number with its noun: `1 move`, `2 moves`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A paragraph, indented, in lines of at most that width where its words allow it.
pub(crate) fn wrap(text: &str, indent: usize, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 16);
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.width();
        if column > 0 && column + 1 + length > width {
            wrapped.push('\n');
            column = 0;
        }
        if column == 0 {
            wrapped.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped.push('\n');
    wrapped
}

/// People, parted by commas, in lines of at most that width.
pub(crate) fn people(names: &[&str], indent: usize, width: usize) -> String {
    let names: Vec<_> = names.iter().map(|name| escape(name)).collect();
    wrap(&names.join(", "), indent, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraph_is_broken_between_words_and_indented() {
        assert_eq!(wrap("one two  three four", 2, 10), "  one two\n  three\n  four\n");
    }

    #[test]
    fn one_has_the_singular() {
        assert_eq!((count(1, "move", "moves"), count(0, "move", "moves")), ("1 move".into(), "0 moves".into()));
    }
}
