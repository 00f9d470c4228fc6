//! Escaping in quoted labels of Mermaid.
//!
//! Mermaid reads a label as Mermaid, Markdown and HTML, possibly inside a fenced block. Only letters, digits and a few
//! harmless signs stay; everything else becomes `#CODE;`, which Mermaid decodes last.

use std::fmt::Write as _;

use super::escape;

/// Escapes text inside a label in double quotes.
pub fn mermaid(text: &str) -> String {
    let text = escape(text);
    let mut shown = String::with_capacity(text.len() + 16);
    // `1. ` and `- ` would start a list, so dots and dashes stay only after a letter.
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
    fn text_is_inert_in_mermaid_markdown_and_html() {
        assert_eq!(mermaid("a\"]<b>#`*_"), "a#34;#93;#60;b#62;#35;#96;#42;#95;");
        assert_eq!(mermaid("- 1. list"), "#45; 1#46; list");
        assert_eq!(mermaid("1. list"), "1#46; list");
        assert_eq!(mermaid("ana@acme.example"), "ana#64;acme.example");
        assert_eq!(mermaid("Zoë 日本語"), "Zoë 日本語");
    }
}
