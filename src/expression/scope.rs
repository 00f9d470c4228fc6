//! Declarations of variables with typed fields.
//!
//! Declarations serve the type check, the check of test cases, and the reference pages.

use serde_json::Value as Json;

use super::text_format::TextFormat;

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Any value.
    Any,
    /// True or false.
    Bool,
    /// A whole number.
    Number,
    /// Text.
    Text,
    /// One of these texts.
    Enum(&'static [&'static str]),
    /// A text with that format.
    Formatted(TextFormat),
    /// A list of texts.
    TextList,
    /// A list of texts with that format.
    ListOf(TextFormat),
    /// A map of texts.
    TextMap,
}

/// A field of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name.
    pub name: &'static str,
    /// The type.
    pub field_type: FieldType,
    /// Whether the field can be `null`.
    pub nullable: bool,
    /// The default in test cases; texts only.
    pub default_text: &'static str,
    /// The meaning, in a few words.
    pub description: &'static str,
}

impl Field {
    /// Declares a field that is never `null`.
    pub const fn new(name: &'static str, kind: FieldType, about: &'static str) -> Self {
        Self { name, field_type: kind, nullable: false, default_text: "", description: about }
    }

    /// Makes the field nullable.
    #[must_use]
    pub const fn or_null(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// Sets the default text in test cases.
    #[must_use]
    pub const fn with_default(self, neutral: &'static str) -> Self {
        Self { default_text: neutral, ..self }
    }

    /// Describes the type, such as `text or null`.
    pub fn describe_type(&self) -> String {
        let kind = match self.field_type {
            FieldType::Any => "any value".to_owned(),
            FieldType::Bool => "true or false".to_owned(),
            FieldType::Number => "whole number".to_owned(),
            FieldType::Text => "text".to_owned(),
            FieldType::Enum(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                words.join(", ")
            }
            FieldType::Formatted(form) => form.describe().to_owned(),
            FieldType::TextList => "list of texts".to_owned(),
            FieldType::ListOf(form) => format!("list of {}", form.describe()),
            FieldType::TextMap => "map of texts".to_owned(),
        };
        if self.nullable { format!("{kind} or null") } else { kind }
    }

    /// Returns whether the field can have that value.
    pub fn accepts(&self, value: &Json) -> bool {
        match (self.field_type, value) {
            (FieldType::Any, _) => true,
            (_, Json::Null) => self.nullable,
            (FieldType::Bool, Json::Bool(_)) | (FieldType::Text, Json::String(_)) => true,
            (FieldType::Number, Json::Number(number)) => number.is_i64(),
            (FieldType::Enum(words), Json::String(text)) => words.contains(&text.as_str()),
            (FieldType::Formatted(form), Json::String(text)) => form.matches(text),
            (FieldType::TextList, Json::Array(items)) => items.iter().all(Json::is_string),
            (FieldType::ListOf(form), Json::Array(items)) => {
                items.iter().all(|item| item.as_str().is_some_and(|text| form.matches(text)))
            }
            (FieldType::TextMap, Json::Object(entries)) => entries.values().all(Json::is_string),
            _ => false,
        }
    }

    /// Returns the default value in test cases.
    pub fn default_value(&self) -> Json {
        match self.field_type {
            _ if self.nullable => Json::Null,
            FieldType::Any => Json::Null,
            FieldType::Bool => Json::Bool(false),
            FieldType::Number => Json::from(0),
            FieldType::Text | FieldType::Formatted(_) => Json::from(self.default_text),
            FieldType::Enum(words) if self.default_text.is_empty() => {
                words.first().copied().map_or(Json::Null, Json::from)
            }
            FieldType::Enum(_) => Json::from(self.default_text),
            FieldType::TextList | FieldType::ListOf(_) => Json::Array(Vec::new()),
            FieldType::TextMap => Json::Object(serde_json::Map::new()),
        }
    }
}

/// A variable with fields.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: &'static str,
    /// The declared fields.
    pub fields: &'static [Field],
    /// Whether the variable can have other fields, which are `null` if missing.
    pub is_open: bool,
}

impl Variable {
    /// Returns the declared field with that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// The variables that an expression can use.
#[derive(Clone, Copy, Debug)]
pub struct VariableScope {
    /// The variables.
    pub variables: &'static [&'static Variable],
}

impl VariableScope {
    /// Returns the variable with that name.
    pub fn variable(&self, name: &str) -> Option<&'static Variable> {
        self.variables.iter().copied().find(|record| record.name == name)
    }

    /// Lists the names of the variables for a message.
    pub fn list_names(&self) -> String {
        let names: Vec<String> = self.variables.iter().map(|record| format!("`{}`", record.name)).collect();
        match names.as_slice() {
            [] => "none".to_owned(),
            [one] => one.clone(),
            [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        }
    }
}
