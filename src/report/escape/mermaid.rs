//! Text inside a quoted label of Mermaid.
//!
//! A label is read as Mermaid, then as Markdown, then as HTML, and the whole may stand in a fenced block of a comment. Only
//! letters, digits and a few signs that mean nothing to any of them stay; the rest is written as `#CODE;`, which
//! Mermaid puts back when everything has been read.

use std::fmt::Write as _;

use super::escape;

/// The text inside a label in double quotes.
pub fn mermaid(text: &str) -> String {
    let text = escape(text);
    let mut shown = String::with_capacity(text.len() + 16);
    // `1. ` and `- ` would begin a list, so that points and dashes wait for a letter.
    let mut is_plain = false;
    for character in text.chars() {
        let stays = character == ' '
            || character.is_alphabetic()
            || character.is_ascii_digit()
            || (matches!(character, '.' | '-' | '/' | ',' | '→' | '·') && is_plain);
        if stays {
            shown.push(character);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(shown, "#{};", u32::from(character));
        }
        is_plain = is_plain || character.is_alphabetic();
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_means_nothing_to_mermaid_markdown_or_html() {
        assert_eq!(mermaid("a\"]<b>#`*_"), "a#34;#93;#60;b#62;#35;#96;#42;#95;");
        assert_eq!(mermaid("- 1. list"), "#45; 1#46; list");
        assert_eq!(mermaid("1. list"), "1#46; list");
        assert_eq!(mermaid("ana@acme.example"), "ana#64;acme.example");
        assert_eq!(mermaid("Zoë 日本語"), "Zoë 日本語");
    }
}
