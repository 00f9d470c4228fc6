//! A vendor's API description, which tests validate requests and responses against.
//!
//! Descriptions are not part of this repository: they lie next to a checkout, in `../shared/specs`.
#![expect(clippy::expect_used, reason = "a test that cannot read a description has to stop")]

use serde_json::{Map, Value, json};

use crate::support::prerequisites::description;

/// A description in OpenAPI 3.0.
pub(crate) struct Description {
    document: Value,
}

/// A described operation, and an observed body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange<'a> {
    /// The method in upper case.
    pub(crate) method: &'a str,
    /// The path as in the description, such as `/users/{userId}`.
    pub(crate) path: &'a str,
    /// The media type of the body.
    pub(crate) media: &'a str,
    /// The observed body.
    pub(crate) body: &'a Value,
}

impl Description {
    /// Reads the description with that name, such as `8x8/user-api-v1.yaml`, from next to the checkout.
    pub(crate) fn beside(name: &str) -> Option<Self> {
        let path = description(name)?;
        let text = std::fs::read_to_string(path).expect("a description can be read");
        let mut document: Value = serde_yaml::from_str(&text).expect("a description is YAML");
        null_as_type(&mut document);
        Some(Self { document })
    }

    /// Returns what is wrong with a request.
    pub(crate) fn request_faults(&self, exchange: Exchange<'_>) -> Vec<String> {
        let operation = self.operation(exchange);
        self.body_faults(&operation["requestBody"]["content"], exchange, "request")
    }

    /// Returns what is wrong with a response of that status.
    pub(crate) fn answer_faults(&self, exchange: Exchange<'_>, status: u16) -> Vec<String> {
        let operation = self.operation(exchange);
        let answer = &operation["responses"][status.to_string()];
        if answer.is_null() {
            return vec![format!("{} {}: {status} is not described", exchange.method, exchange.path)];
        }
        self.body_faults(&answer["content"], exchange, &status.to_string())
    }

    fn operation(&self, exchange: Exchange<'_>) -> &Value {
        &self.document["paths"][exchange.path][exchange.method.to_lowercase()]
    }

    fn body_faults(&self, content: &Value, exchange: Exchange<'_>, what: &str) -> Vec<String> {
        let place = format!("{} {} ({what})", exchange.method, exchange.path);
        let schema = &content[exchange.media]["schema"];
        if schema.is_null() {
            return vec![format!("{place}: the media type `{}` is not described", exchange.media)];
        }
        let mut root = schema.as_object().cloned().unwrap_or_default();
        root.insert("components".to_owned(), self.document["components"].clone());
        let validator = jsonschema::draft7::new(&Value::Object(root)).expect("a description holds schemas");
        validator
            .iter_errors(exchange.body)
            .map(|error| format!("{place}: {}: {error}", error.instance_path()))
            .collect()
    }
}

/// Translates `nullable` to JSON Schema.
fn null_as_type(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(null_as_type),
        Value::Object(fields) => {
            fields.values_mut().for_each(null_as_type);
            nullable(fields);
        }
        _ => {}
    }
}

fn nullable(fields: &mut Map<String, Value>) {
    if fields.get("nullable") != Some(&json!(true)) {
        return;
    }
    if let Some(kind) = fields.get_mut("type").filter(|kind| kind.is_string()) {
        *kind = json!([kind.clone(), "null"]);
    }
    if let Some(words) = fields.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
}
