//! YAML scalars that every reader reads as the same text.

/// Words that some readers do not read as text.
const RESERVED_WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"];

/// Writes a text as a list item, a value or a key: plain if it is unambiguous, otherwise in double quotes.
pub(crate) fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { double_quoted(text) }
}

/// Writes a text in double quotes, with the escapes that JSON and YAML share.
pub(crate) fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() || is_invisible(character) => {
                let number = u32::from(character);
                quoted.push_str(&if number > 0xffff { format!("\\U{number:08x}") } else { format!("\\u{number:04x}") });
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether the text consists of letters and of characters without a meaning in YAML. A leading digit may begin a number or
/// a date.
fn is_plain(text: &str) -> bool {
    let mark = |byte: u8| matches!(byte, b'.' | b'_' | b'-' | b'+' | b'@' | b'/' | b'%' | b'\'');
    let mut bytes = text.bytes();
    let first = bytes.next().is_some_and(|byte| {
        byte.is_ascii_alphabetic() || (byte.is_ascii_digit() && text.contains('@') && !text.contains(['\'', '/']))
    });
    first
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || mark(byte))
        && !RESERVED_WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Whether the character is invisible or a line break in some version of YAML, or changes the direction of text.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{61c}' | '\u{fffe}' | '\u{ffff}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
    )
}
