//! Text inside Markdown.

use super::escape;

/// Text inside a line of Markdown that is shown as it is: no link, no emphasis, no HTML.
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

/// The text as a code span of Markdown, whatever it holds.
pub fn code(text: &str) -> String {
    let text = escape(text);
    if text.is_empty() {
        return "` `".to_owned();
    }
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // A blank on either side is taken off again; it keeps backticks, and blanks of the text, apart from the fence.
    let blank = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// The text as a code span that may also stand in a cell of a table: a bar would end the cell, whatever stands before it.
pub fn cell(text: &str) -> String {
    if text.contains('|') { code(&escape(text).replace('|', "\\u{7c}")) } else { code(text) }
}

/// A sentence in which names stand between backticks: the names as code, and so is every other word that a site could make
/// a mention, a reference, a link or a picture of. It may stand in a cell of a table.
///
/// An escape is not enough for that: sites look for mentions and references in the text that is left when Markdown is
/// done, and pass over code only.
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

/// Appends a code span; two that touch would be one.
fn push_span(shown: &mut String, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    if shown.ends_with('`') {
        shown.push(' ');
    }
    shown.push_str(&cell(text));
}

/// Whether no site makes anything of a word but text.
fn is_plain_word(word: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || ",.;:()'\"%+-=/?→…–".contains(letter);
    let lower = word.to_lowercase();
    let bare = lower.trim_matches(|letter: char| !letter.is_alphanumeric());
    // A colon only ends a word: within one it makes an address, or a picture of it.
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
    fn markdown_shows_what_it_is_given() {
        assert_eq!(markdown("a_b*c <img> [x](y)"), "a\\_b\\*c \\<img> \\[x\\](y)");
        assert_eq!(markdown("two\nlines"), "two\\\\nlines");
        assert_eq!(code("plain"), "`plain`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(code(""), "` `");
        assert_eq!(cell("a|b"), "`a\\u{7c}b`");
    }

    #[test]
    fn sentence_keeps_its_words_and_its_names() {
        assert_eq!(prose("`cy@acme.example` loses drafts"), "`cy@acme.example` loses drafts");
        assert_eq!(prose("ADM-118, ana leads the team: yes (50 %)"), "ADM-118, ana leads the team: yes (50 %)");
        assert_eq!(prose("Zoë Ångström → 日本語"), "Zoë Ångström → 日本語");
    }

    /// What stands outside of code spans, as a reader of Markdown reads it.
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
    fn what_a_site_could_make_something_of_is_code() {
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
    fn backticks_from_outside_cannot_end_a_span_too_early() {
        for text in
            ["`", "``", "```", "a`@b`c", "`a``@b`", "a` @b", "@a`@b`@c", "`|`", "` `", "@a `` @b", "a@`b", "`a` `b`"]
        {
            let shown = prose(text);
            assert!(!outside(&shown).contains('@') && !shown.contains('|'), "{text}: {shown}");
        }
    }
}
