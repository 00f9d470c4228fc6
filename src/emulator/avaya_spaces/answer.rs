//! The forms of answers.

use serde_json::{Value, json};

use crate::emulator::api::ApiReply;
use crate::emulator::tenant::EmulatedTenant;

/// The media type of everything.
pub(super) const JSON: &str = "application/json";

/// An answer; fields that no page lists are in it where a knob says so.
pub(super) fn ok(world: &EmulatedTenant, status: u16, mut body: Value) -> ApiReply {
    if world.config().extra_fields {
        strange(&mut body);
    }
    ApiReply::json(status, JSON, &body)
}

fn strange(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(strange),
        Value::Object(fields) => {
            fields.values_mut().for_each(strange);
            fields.insert("xLater".to_owned(), json!({ "since": 2027 }));
        }
        _ => {}
    }
}

/// A refusal.
pub(super) fn wrong(status: u16, code: &str, message: &str) -> ApiReply {
    ApiReply::json(status, JSON, &json!({ "code": code, "message": message }))
}
