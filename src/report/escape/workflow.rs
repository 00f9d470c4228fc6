//! Escaping in workflow commands (`::error file=a.yaml,line=3::message`).
//!
//! GitHub's toolkit escapes `%` and line feeds in messages, and `:` and `,` in properties.

use super::escape;

/// Returns the message after the second `::`, with several lines in one.
pub fn workflow_message(lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escape(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// Returns the value of a property.
pub fn workflow_property(text: &str) -> String {
    escape(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_or_start_a_command() {
        assert_eq!(workflow_message(&["100%", "a\n::stop-commands::x"]), "100%25%0Aa\\n\\u{3a}:stop-commands::x");
        assert_eq!(workflow_property("a,b::c%0A\r"), "a%2Cb%3A%3Ac%250A\\r");
    }
}
