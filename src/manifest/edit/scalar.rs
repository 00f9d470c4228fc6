//! How a text is written so that every YAML reader reads that text.

/// Words that some reader takes for something else than a text.
const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"];

/// The text as a scalar that can stand alone, in a list and as a key: plain where nobody can misread it, else in double
/// quotes.
pub fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if needs_escape(character) => {
                let number = u32::from(character);
                quoted.push_str(&if number > 0xffff { format!("\\U{number:08x}") } else { format!("\\u{number:04x}") });
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Letters, and between them what YAML gives no meaning anywhere. What begins with a digit could be a number or a date.
fn is_plain(text: &str) -> bool {
    let mark = |byte: u8| matches!(byte, b'.' | b'_' | b'-' | b'+' | b'@' | b'/' | b'%' | b'\'');
    let mut bytes = text.bytes();
    let first = bytes.next().is_some_and(|byte| {
        byte.is_ascii_alphabetic() || (byte.is_ascii_digit() && text.contains('@') && !text.contains(['\'', '/']))
    });
    first
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || mark(byte))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// Whether the character is invisible, breaks a line, or means something to a terminal.
fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{61c}' | '\u{fffe}' | '\u{ffff}'
                | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        )
}
