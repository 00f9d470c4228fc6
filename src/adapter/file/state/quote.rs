//! YAML that reseat's own reader accepts.
//!
//! `serde_yaml` writes some texts plain that the reader requires in quotes, such as `1_000`, a number in YAML 1.1, and
//! leaves bidirectional control characters unescaped. Such texts are rare. If a document may contain one, it is written
//! with marks in their place, which are then replaced by the quoted texts.

use serde::Serialize;
use serde_yaml::Value;

use crate::manifest::edit::{double_quoted, is_invisible};

/// Writes a value as YAML such that every text is read back unchanged.
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
    let mut yaml = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // A mark ends with its number and a dot.
        let (number, rest) = part.split_once('.').unwrap_or(("", part));
        if let Some(text) = number.parse().ok().and_then(|number: usize| texts.get(number)) {
            yaml.push_str(&double_quoted(text));
        }
        yaml.push_str(rest);
    }
    Ok(yaml)
}

/// Whether the document may contain a text that needs quotes.
fn is_suspicious(yaml: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || b".xob".contains(&byte);
    yaml.as_bytes().windows(2).any(|pair| pair[1] == b'_' && is_digit(pair[0])) || yaml.contains(is_invisible)
}

/// Whether the text has invisible characters, or is like a number with `_`.
fn needs_quotes(text: &str) -> bool {
    let is_digit = |character: char| character.is_ascii_hexdigit() || "+-._xob:".contains(character);
    text.contains(is_invisible) || (text.contains('_') && text.chars().all(is_digit))
}

/// Replaces each text that needs quotes by a mark.
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
