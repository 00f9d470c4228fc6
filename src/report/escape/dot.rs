//! Escaping inside quoted strings of Graphviz DOT.

use super::escape;

/// Escapes text inside quotes: the end of the string, escapes such as `\N` or `\l`, and entities that Graphviz would
/// decode.
pub fn dot(text: &str) -> String {
    let text = escape(text);
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\\' => shown.push_str("\\\\"),
            '"' => shown.push_str("\\\""),
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_the_string() {
        assert_eq!(dot("a\"]; b [label=\"\\N"), "a\\\"]; b [label=\\\"\\\\N");
        assert_eq!(dot("&lt;<b>\n"), "&amp;lt;&lt;b&gt;\\\\n");
        assert_eq!(dot("Zoë → 日本語"), "Zoë → 日本語");
    }
}
