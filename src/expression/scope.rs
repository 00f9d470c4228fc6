//! What an expression may name: records with typed fields.
//!
//! A declaration serves three readers: the check of an expression, the check of a case's values, and the pages that
//! list the fields. Whoever gives values to an expression must know each field of it.

use serde_json::Value as Json;

use super::text_format::TextFormat;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Nobody knows before it is there.
    Any,
    /// True or false.
    Bool,
    /// A whole number.
    Number,
    /// A text.
    Text,
    /// One of these words.
    Enum(&'static [&'static str]),
    /// A text of that form.
    Formatted(TextFormat),
    /// A list of texts.
    TextList,
    /// A list of texts of that form.
    ListOf(TextFormat),
    /// A map of texts.
    TextMap,
}

/// One field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub field_type: FieldType,
    /// Whether it may be `null`.
    pub nullable: bool,
    /// What it holds where a case of a rule does not say; texts only.
    pub default_text: &'static str,
    /// What it means, in a few words.
    pub description: &'static str,
}

impl Field {
    /// A field that is always there.
    pub const fn new(name: &'static str, kind: FieldType, about: &'static str) -> Self {
        Self { name, field_type: kind, nullable: false, default_text: "", description: about }
    }

    /// The same field, that may be `null`.
    #[must_use]
    pub const fn or_null(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// The same field with the text that a case gets which does not say one.
    #[must_use]
    pub const fn with_default(self, neutral: &'static str) -> Self {
        Self { default_text: neutral, ..self }
    }

    /// What it holds in words, such as `text or null`.
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

    /// Whether it may hold that value.
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

    /// What it holds where nobody says.
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

/// A variable: a name with fields.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    /// The variable's name.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
    /// Whether it may have others, which are `null` where they are missing.
    pub is_open: bool,
}

impl Variable {
    /// The field of that name, if it is declared.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// The variables that an expression sees.
#[derive(Clone, Copy, Debug)]
pub struct VariableScope {
    /// The variables.
    pub variables: &'static [&'static Variable],
}

impl VariableScope {
    /// The variable of that name.
    pub fn variable(&self, name: &str) -> Option<&'static Variable> {
        self.variables.iter().copied().find(|record| record.name == name)
    }

    /// The names of the variables, as a sentence lists them.
    pub fn list_names(&self) -> String {
        let names: Vec<String> = self.variables.iter().map(|record| format!("`{}`", record.name)).collect();
        match names.as_slice() {
            [] => "nothing".to_owned(),
            [one] => one.clone(),
            [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        }
    }
}
