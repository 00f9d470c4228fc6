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
    }
}
