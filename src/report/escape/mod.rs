//! Escaping of external text.
//!
//! Names, messages and source lines come from manifests and vendors. Control characters could steer the terminal,
//! bidirectional characters reorder a line, and invisible characters hide in a name, so each is shown as an escape.
//! Each submodule escapes for one format.

mod ci_commands;
mod dot;
mod markdown;
mod markup;
mod mermaid;
mod workflow;

use std::borrow::Cow;
use std::fmt::Write as _;

pub use dot::dot;
pub use markdown::{cell, code, markdown, prose};
pub use markup::Text;
pub use mermaid::mermaid;
pub use workflow::{workflow_message, workflow_property};

/// Returns whether a character must be escaped.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00ad}'
                | '\u{034f}'
                | '\u{061c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{13430}'..='\u{1345f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Returns text on one line, with unsafe characters as ` `, `\t` or `\u{202e}`, and without CI commands.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) && !ci_commands::may_contain_command(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    let mut before = None;
    for (at, character) in text.char_indices() {
        if ci_commands::starts_command(before, &text[at..]) {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        } else {
            push_escaped(&mut shown, character);
        }
        before = Some(character);
    }
    Cow::Owned(shown)
}

/// Appends one character, escaped if necessary, and returns the number of appended bytes.
pub fn push_escaped(shown: &mut String, character: char) -> usize {
    let before = shown.len();
    if !is_unsafe(character) {
        shown.push(character);
        return 1;
    }
    match character {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        // Writing to a string cannot fail.
        other => {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(other));
        }
    }
    shown.len() - before
}

/// Escapes unsafe characters in JSON as `\u` escapes, which keep the value.
pub fn json(text: &str) -> Cow<'_, str> {
    // Line feeds between the parts of indented JSON are safe; inside strings they are already escaped. Most documents
    // are ASCII, and checking bytes is many times faster than checking characters. The serializer escapes all ASCII
    // control characters but one.
    let is_plain = text.is_ascii() && !text.as_bytes().contains(&0x7f);
    let is_safe = is_plain || !text.chars().any(|character| character != '\n' && is_unsafe(character));
    if is_safe && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for (at, character) in text.char_indices() {
        // No line starts inside a string, so only commands that are valid anywhere count.
        let is_command = character == '#' && ci_commands::starts_inline_command(&text[at..]);
        if !is_command && (character == '\n' || !is_unsafe(character)) {
            shown.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(shown, "\\u{unit:04x}");
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_characters_are_escaped() {
        assert_eq!(escape("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(escape("ana\u{202e}ecila"), "ana\\u{202e}ecila");
        assert_eq!(escape("zero\u{200b}width\n"), "zero\\u{200b}width\\n");
        assert_eq!(escape("c1\u{9b}31m"), "c1\\u{9b}31m");
    }

    #[test]
    fn ci_commands_are_escaped() {
        assert_eq!(escape("::error::x"), "\\u{3a}:error::x");
        assert_eq!(escape("a ::add-mask::b"), "a \\u{3a}:add-mask::b");
        assert_eq!(escape("a##[group]b"), "a\\u{23}#[group]b");
        assert_eq!(escape("##vso[task.x]y"), "\\u{23}#vso[task.x]y");
        assert_eq!(escape("###[x]"), "#\\u{23}#[x]");
        for harmless in ["std::path", "## heading", "a#b", "10:20"] {
            assert!(matches!(escape(harmless), Cow::Borrowed(_)) || escape(harmless) == harmless);
        }
    }

    #[test]
    fn ordinary_text_of_any_script_is_unchanged() {
        for text in ["Zoë Ångström", "日本語", "עברית", "license `X4` → X2", "back\\slash"] {
            assert!(matches!(escape(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn escaped_json_has_the_same_value() {
        let value = serde_json::json!({ "name": "a\u{202e}b\u{9b}\u{e0001}\n\u{7f} ##[x]" });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let shown = json(&text);
        assert!(shown.is_ascii() && !shown.contains("##["), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
