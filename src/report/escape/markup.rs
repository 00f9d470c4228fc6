//! Text inside HTML, SVG and other XML, between tags or inside a quoted attribute.

use std::borrow::Cow;

use super::escape;

/// What means something between tags or in an attribute; the last two are no characters at all, and XML has no way to
/// write them.
const SPECIAL: [char; 7] = ['&', '<', '>', '"', '\'', '\u{fffe}', '\u{ffff}'];

/// The text as it is shown between tags, or inside an attribute in quotes of either kind.
pub fn markup(text: &str) -> Cow<'_, str> {
    let text = escape(text);
    if !text.contains(SPECIAL) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    push(&mut shown, &text);
    Cow::Owned(shown)
}

/// Appends the text as [`markup`] gives it.
pub fn push_markup(shown: &mut String, text: &str) {
    push(shown, &escape(text));
}

fn push(shown: &mut String, text: &str) {
    let mut rest = text;
    while let Some((at, character)) = rest.char_indices().find(|(_, character)| SPECIAL.contains(character)) {
        shown.push_str(&rest[..at]);
        shown.push_str(match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\'' => "&#39;",
            _ => "\u{fffd}",
        });
        rest = &rest[at + character.len_utf8()..];
    }
    shown.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_tag_or_attribute() {
        assert_eq!(markup("</td><script>&'\""), "&lt;/td&gt;&lt;script&gt;&amp;&#39;&quot;");
        assert_eq!(markup("ana\u{202e}<b>"), "ana\\u{202e}&lt;b&gt;");
        assert_eq!(markup("a\u{ffff}b"), "a\u{fffd}b");
        assert!(matches!(markup("Zoë → 日本語"), Cow::Borrowed(_)));
        let mut shown = "a".to_owned();
        push_markup(&mut shown, "<\u{0}>");
        assert_eq!(shown, "a&lt;\\u{0}&gt;");
    }
}
