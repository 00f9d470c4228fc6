//! Text inside a workflow command, the lines by which a job tells its CI server something
//! (`::error file=a.yaml,line=3::message`).
//!
//! Source of the rules: GitHub's toolkit, which escapes `%` and line ends in data, and `:` and `,` in properties as well.

use super::escape;

/// The text after the second `::`; what is two lines there is one here.
pub fn workflow_message(lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escape(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// The value of a property.
pub fn workflow_property(text: &str) -> String {
    escape(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_its_command_or_begin_another() {
        assert_eq!(workflow_message(&["100%", "a\n::stop-commands::x"]), "100%25%0Aa\\n\\u{3a}:stop-commands::x");
        assert_eq!(workflow_property("a,b::c%0A\r"), "a%2Cb%3A%3Ac%250A\\r");
    }
}
