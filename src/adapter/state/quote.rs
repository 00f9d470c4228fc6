//! YAML that our own reader takes.
//!
//! The writer leaves some texts plain that our reader wants in quotes, such as `1_000`, which older YAML read as a
//! number, and leaves characters as they are that turn the direction of a terminal's text around. Such texts are rare;
//! where there may be one, the document is written with marks in their place, and the marks are exchanged for quoted
//! texts afterwards.

use serde::Serialize;
use serde_yaml::Value;

/// The YAML of a value, all texts in such a form that they are read back as the same texts.
pub(super) fn to_yaml<T: Serialize>(value: &T) -> Result<String, serde_yaml::Error> {
    let plain = serde_yaml::to_string(value)?;
    if !is_suspicious(&plain) {
        return Ok(plain);
    }
    let mut mark = "reseat-text-".to_owned();
    while plain.contains(&mark) {
        mark.push('-');
    }
    let mut texts = Vec::new();
    let mut value = serde_yaml::to_value(value)?;
    replace_with_marks(&mut value, &mark, &mut texts);
    if texts.is_empty() {
        return Ok(plain);
    }
    let marked = serde_yaml::to_string(&value)?;
    let mut parts = marked.split(&mark);
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // A mark ends with its number and a dot.
        let (number, rest) = part.split_once('.').unwrap_or(("", part));
        if let Some(text) = number.parse().ok().and_then(|number: usize| texts.get(number)) {
            whole.push_str(&double_quoted(text));
        }
        whole.push_str(rest);
    }
    Ok(whole)
}

/// Whether there may be a text that the writer left plain and that has to stand in quotes.
fn is_suspicious(yaml: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || b".xob".contains(&byte);
    yaml.as_bytes().windows(2).any(|pair| pair[1] == b'_' && is_digit(pair[0])) || yaml.contains(is_hidden)
}

/// Line ends of older YAML, the byte-order mark, and what turns the direction of text around.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{61c}'
            | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Whether the text has characters that are not seen as what they are, or looks like a number with `_` in it.
fn needs_quotes(text: &str) -> bool {
    let is_digit = |character: char| character.is_ascii_hexdigit() || "+-._xob:".contains(character);
    text.contains(is_hidden) || (text.contains('_') && text.chars().all(is_digit))
}

/// Puts a mark in the place of each text that needs quotes.
fn replace_with_marks(value: &mut Value, mark: &str, texts: &mut Vec<String>) {
    match value {
        Value::String(text) if needs_quotes(text) => {
            let number = texts.len();
            texts.push(std::mem::replace(text, format!("{mark}{number}.")));
        }
        Value::Sequence(values) => values.iter_mut().for_each(|value| replace_with_marks(value, mark, texts)),
        Value::Mapping(map) => map.values_mut().for_each(|value| replace_with_marks(value, mark, texts)),
        Value::Tagged(tagged) => replace_with_marks(&mut tagged.value, mark, texts),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text between double quotes, with the escapes that JSON and YAML share.
fn double_quoted(text: &str) -> String {
    let mut whole = String::with_capacity(text.len() + 2);
    whole.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => whole.extend(['\\', character]),
            _ if character.is_control() || is_hidden(character) => {
                // All of these lie below U+10000.
                whole.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => whole.push(character),
        }
    }
    whole.push('"');
    whole
}
