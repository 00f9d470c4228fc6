//! The forms of answers.

use serde_json::{Value, json};

use crate::emulator::service::Reply;
use crate::emulator::world::World;

/// The media type of everything.
pub(super) const JSON: &str = "application/json";

/// An answer; fields that no page lists are in it where a knob says so.
pub(super) fn ok(world: &World, status: u16, mut body: Value) -> Reply {
    if world.knobs().extra_fields {
        strange(&mut body);
    }
    Reply::json(status, JSON, &body)
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
pub(super) fn wrong(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, JSON, &json!({ "code": code, "message": message }))
}
