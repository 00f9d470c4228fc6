//! Escaping in Markdown.

use super::escape;

/// Escapes text in a line of Markdown: links, emphasis and HTML.
pub fn markdown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    for character in escape(text).chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '|' | '~' | '&' | '#' | '$' | '@' | ':' | '!'
        ) {
            shown.push('\\');
        }
        shown.push(character);
    }
    shown
}

/// Returns text as a code span.
pub fn code(text: &str) -> String {
    let text = escape(text);
    if text.is_empty() {
        return "` `".to_owned();
    }
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // Markdown removes one blank on either side, which separates backticks and blanks of the text from the fence.
    let blank = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// Returns text as a code span for a table cell, where a bar would end the cell even in code.
pub fn cell(text: &str) -> String {
    if text.contains('|') { code(&escape(text).replace('|', "\\u{7c}")) } else { code(text) }
}

/// Renders a sentence for Markdown or a table cell. Names between backticks become code, and so does every other word
/// that a forge could turn into a mention, a reference, a link or an emoji.
///
/// Escaping is not enough, because forges find mentions and references in the rendered text and skip only code.
pub fn prose(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    for (place, part) in text.split('`').enumerate() {
        if place % 2 == 1 {
            push_span(&mut shown, part);
            continue;
        }
        for (place, word) in part.split(' ').enumerate() {
            if place > 0 && !shown.ends_with(' ') {
                shown.push(' ');
            }
            if is_plain_word(word) { shown.push_str(word) } else { push_span(&mut shown, word) }
        }
    }
    shown
}

/// Appends a code span, separated from an adjacent one.
fn push_span(shown: &mut String, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    if shown.ends_with('`') {
        shown.push(' ');
    }
    shown.push_str(&cell(text));
}

/// Returns whether every forge renders the word as plain text.
fn is_plain_word(word: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || ",.;:()'\"%+-=/?→…–".contains(letter);
    let lower = word.to_lowercase();
    let bare = lower.trim_matches(|letter: char| !letter.is_alphanumeric());
    // A colon inside a word can form an address or an emoji.
    let has_colon = lower.trim_end_matches([':', ')', ',']).contains(':');
    let is_reference =
        bare.strip_prefix("gh-").is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
    let is_commit = bare.len() >= 7 && bare.chars().all(|digit| digit.is_ascii_hexdigit());
    word.chars().all(is_plain)
        && escape(word) == word
        && !(has_colon || is_reference || is_commit || lower.contains("www.") || lower.contains("--"))
        && !lower.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_escaped() {
        assert_eq!(markdown("a_b*c <img> [x](y)"), "a\\_b\\*c \\<img> \\[x\\](y)");
        assert_eq!(markdown("two\nlines"), "two\\\\nlines");
        assert_eq!(code("plain"), "`plain`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(code(""), "` `");
        assert_eq!(cell("a|b"), "`a\\u{7c}b`");
    }

    #[test]
    fn prose_keeps_words_and_names() {
        assert_eq!(prose("`cy@acme.example` loses drafts"), "`cy@acme.example` loses drafts");
        assert_eq!(prose("ADM-118, ana leads the team: yes (50 %)"), "ADM-118, ana leads the team: yes (50 %)");
        assert_eq!(prose("Zoë Ångström → 日本語"), "Zoë Ångström → 日本語");
    }

    /// Returns the text outside of code spans, as a Markdown reader sees it.
    fn outside(shown: &str) -> String {
        let (mut rest, mut outside) = (shown, String::new());
        while let Some(start) = rest.find('`') {
            outside.push_str(&rest[..start]);
            let fence = rest[start..].len() - rest[start..].trim_start_matches('`').len();
            let (inner, closing) = (&rest[start + fence..], "`".repeat(fence));
            let is_exact = |at: &usize| !inner[..*at].ends_with('`') && !inner[at + fence..].starts_with('`');
            let end = inner.match_indices(&closing).map(|(at, _)| at).find(is_exact);
            let end = end.unwrap_or_else(|| panic!("{shown} has an open span"));
            rest = &inner[end + fence..];
        }
        outside + rest
    }

    #[test]
    fn ambiguous_words_become_code() {
        for text in [
            "@octocat",
            "#12",
            "acme/tool#3",
            "!7",
            "https://evil.example",
            "www.evil.example",
            "GH-12",
            "gh-12.",
            "deadbeef",
            "(0123abc)",
            "[x](y)",
            "![x](y)",
            "**bold**",
            "_x_",
            "a|b",
            "&lt;",
            ":tada:",
            "~1",
            "$x$",
            "a\\b",
            "two\nlines",
            "/close",
            "x\u{202e}y",
            "--",
            "{{7*7}}",
        ] {
            assert_eq!(outside(&prose(text)), "", "{text}");
            assert_eq!(outside(&prose(&format!("see {text} there"))), "see  there", "{text}");
        }
        assert_eq!(outside(&prose("<img src=x onerror=y>")), " src=x ");
    }

    #[test]
    fn external_backticks_cannot_end_a_span() {
        for text in
            ["`", "``", "```", "a`@b`c", "`a``@b`", "a` @b", "@a`@b`@c", "`|`", "` `", "@a `` @b", "a@`b", "`a` `b`"]
        {
            let shown = prose(text);
            assert!(!outside(&shown).contains('@') && !shown.contains('|'), "{text}: {shown}");
        }
    }
}
