//! What an expression may name: records with typed fields.
//!
//! A declaration serves three readers: the check of an expression, the check of a case's values, and the pages that
//! list the fields. Whoever gives values to an expression must know each field of it.

use serde_json::Value as Json;

use super::form::Form;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nobody knows before it is there.
    Any,
    /// True or false.
    Truth,
    /// A whole number.
    Number,
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A text of that form.
    Formed(Form),
    /// A list of texts.
    Texts,
    /// A list of texts of that form.
    ListOf(Form),
    /// A map of texts.
    TextMap,
}

/// One field of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be `null`.
    pub nullable: bool,
    /// What it holds where a case of a rule does not say; texts only.
    pub neutral: &'static str,
    /// What it means, in a few words.
    pub about: &'static str,
}

impl Field {
    /// A field that is always there.
    pub const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, nullable: false, neutral: "", about }
    }

    /// The same field, that may be `null`.
    #[must_use]
    pub const fn or_null(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// The same field with the text that a case gets which does not say one.
    #[must_use]
    pub const fn neutral(self, neutral: &'static str) -> Self {
        Self { neutral, ..self }
    }

    /// What it holds in words, such as `text or null`.
    pub fn kind_in_words(&self) -> String {
        let kind = match self.kind {
            Kind::Any => "any value".to_owned(),
            Kind::Truth => "true or false".to_owned(),
            Kind::Number => "whole number".to_owned(),
            Kind::Text => "text".to_owned(),
            Kind::Word(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                words.join(", ")
            }
            Kind::Formed(form) => form.in_words().to_owned(),
            Kind::Texts => "list of texts".to_owned(),
            Kind::ListOf(form) => format!("list of {}", form.in_words()),
            Kind::TextMap => "map of texts".to_owned(),
        };
        if self.nullable { format!("{kind} or null") } else { kind }
    }

    /// Whether it may hold that value.
    pub fn accepts(&self, value: &Json) -> bool {
        match (self.kind, value) {
            (Kind::Any, _) => true,
            (_, Json::Null) => self.nullable,
            (Kind::Truth, Json::Bool(_)) | (Kind::Text, Json::String(_)) => true,
            (Kind::Number, Json::Number(number)) => number.is_i64(),
            (Kind::Word(words), Json::String(text)) => words.contains(&text.as_str()),
            (Kind::Formed(form), Json::String(text)) => form.fits(text),
            (Kind::Texts, Json::Array(items)) => items.iter().all(Json::is_string),
            (Kind::ListOf(form), Json::Array(items)) => {
                items.iter().all(|item| item.as_str().is_some_and(|text| form.fits(text)))
            }
            (Kind::TextMap, Json::Object(entries)) => entries.values().all(Json::is_string),
            _ => false,
        }
    }

    /// What it holds where nobody says.
    pub fn neutral_value(&self) -> Json {
        match self.kind {
            _ if self.nullable => Json::Null,
            Kind::Any => Json::Null,
            Kind::Truth => Json::Bool(false),
            Kind::Number => Json::from(0),
            Kind::Text | Kind::Formed(_) => Json::from(self.neutral),
            Kind::Word(words) if self.neutral.is_empty() => words.first().copied().map_or(Json::Null, Json::from),
            Kind::Word(_) => Json::from(self.neutral),
            Kind::Texts | Kind::ListOf(_) => Json::Array(Vec::new()),
            Kind::TextMap => Json::Object(serde_json::Map::new()),
        }
    }
}

/// A variable: a name with fields.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    /// The variable's name.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
    /// Whether it may have others, which are `null` where they are missing.
    pub open: bool,
}

impl Record {
    /// The field of that name, if it is declared.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// The variables that an expression sees.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// The variables.
    pub records: &'static [&'static Record],
}

impl Scope {
    /// The variable of that name.
    pub fn record(&self, name: &str) -> Option<&'static Record> {
        self.records.iter().copied().find(|record| record.name == name)
    }

    /// The names of the variables, as a sentence lists them.
    pub fn listed(&self) -> String {
        let names: Vec<String> = self.records.iter().map(|record| format!("`{}`", record.name)).collect();
        match names.as_slice() {
            [] => "nothing".to_owned(),
            [one] => one.clone(),
            [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        }
    }
}
