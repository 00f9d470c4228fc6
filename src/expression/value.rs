//! Conversion of JSON values to CEL, and their weight.

use std::sync::Arc;

use cel::Value;
use cel::objects::{Key, Map};
use serde_json::Value as Json;

/// The number of text bytes that weigh as much as one number.
const BYTES_PER_WEIGHT: u64 = 16;

/// Converts a JSON value to CEL; whole numbers become `int`.
pub(super) fn to_cel(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::Null,
        },
        Json::String(text) => Value::String(Arc::new(text.clone())),
        Json::Array(items) => Value::List(items.iter().map(to_cel).collect::<Vec<_>>().into()),
        Json::Object(entries) => {
            let map =
                entries.iter().map(|(name, value)| (Key::String(Arc::new(name.clone())), to_cel(value))).collect();
            Value::Map(Map { map: Arc::new(map) })
        }
    }
}

/// Returns the weight of a value, in units that one evaluation step handles.
pub(super) fn weight(value: &Json) -> u64 {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => 1,
        Json::String(text) => weight_of_text(text.len()),
        Json::Array(items) => items.iter().map(weight).fold(1, u64::saturating_add),
        Json::Object(entries) => entries
            .iter()
            .fold(1, |sum, (name, value)| sum.saturating_add(weight_of_text(name.len())).saturating_add(weight(value))),
    }
}

/// Returns the weight of a text of that many bytes.
pub(super) fn weight_of_text(bytes: usize) -> u64 {
    1 + bytes as u64 / BYTES_PER_WEIGHT
}

/// Truncates a text to that many bytes.
pub(super) fn truncate(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}...", &text[..end])
}
