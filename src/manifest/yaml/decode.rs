//! From the tree to types, with every fault on the way.
//!
//! This is a serde format of our own over [`Node`], so that the types which read a manifest are the types its schema is
//! made from. A value that does not fit is reported where it stands, once; the types of [`super::types`] then leave it
//! out and go on, where a plain type would give up the whole document.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use serde::de::{self, DeserializeOwned, Deserializer, Visitor};

use super::FINDINGS_MAX;
use super::access::{EntryAccess, ListAccess, LocatedAccess, PeopleAccess, VariantChoice};
use super::node::{YamlNode, YamlValue};
use super::people_list::PEOPLE_NEWTYPE;
use super::tree::excerpt;
use super::types::LOCATED_NEWTYPE;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Code, Finding, Location, Source, did_you_mean};

/// Where faults go while a document is decoded.
pub(super) struct FindingSink {
    name: Arc<str>,
    findings: RefCell<Vec<Finding>>,
}

impl FindingSink {
    pub(super) fn new(name: &Arc<str>) -> Self {
        Self { name: Arc::clone(name), findings: RefCell::default() }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings.into_inner()
    }

    pub(super) fn report(
        &self,
        at: Location,
        code: &'static Code,
        message: String,
        help: Option<String>,
    ) -> DecodeError {
        let mut findings = self.findings.borrow_mut();
        if findings.len() < FINDINGS_MAX {
            let source = Source { file: Arc::clone(&self.name), line: at.line, column: at.column };
            let mut finding = Finding::error(code, message).at(source);
            finding.help = help;
            findings.push(finding);
        }
        DecodeError::Reported
    }
}

/// Why a value was left out.
#[derive(Debug)]
pub(super) enum DecodeError {
    /// The finding is in the sink.
    Reported,
    /// A type refused the value; whoever knows the place reports it.
    Unlocated(&'static Code, String, Option<String>),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reported => f.write_str("a fault that was reported"),
            Self::Unlocated(_, message, _) => f.write_str(message),
        }
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Unlocated(&codes::WRONG_TYPE, message.to_string(), None)
    }

    fn missing_field(field: &'static str) -> Self {
        let message = format!("the key `{field}` is missing");
        Self::Unlocated(&codes::MISSING_KEY, message, Some(format!("add `{field}:`")))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("`{}` is not one of the words that may stand here", excerpt(variant));
        Self::Unlocated(&codes::UNKNOWN_VALUE, message, did_you_mean(variant, expected))
    }
}

/// The value of that shape at the root of the tree, as far as it goes.
pub(super) fn decode<T: DeserializeOwned>(root: &YamlNode, sink: &FindingSink) -> Option<T> {
    let decoder = NodeDecoder { node: root, sink };
    // Nothing is lost: a fault that comes as far as here is reported by its decoder.
    T::deserialize(decoder).ok()
}

#[derive(Clone, Copy)]
pub(super) struct NodeDecoder<'n> {
    pub(super) node: &'n YamlNode,
    pub(super) sink: &'n FindingSink,
}

impl<'n> NodeDecoder<'n> {
    /// Reports a fault of a type that knows no place.
    pub(super) fn report_at_node<T>(self, result: Result<T, DecodeError>) -> Result<T, DecodeError> {
        result.map_err(|fault| match fault {
            DecodeError::Reported => DecodeError::Reported,
            DecodeError::Unlocated(code, message, help) => self.sink.report(self.node.at, code, message, help),
        })
    }

    pub(super) fn type_error(self, expected: &str) -> DecodeError {
        let found = self.node.value.kind();
        let help = match &self.node.value {
            YamlValue::Number(text) if expected == "a text" => {
                Some(format!("write `\"{}\"`, in quotes", excerpt(text)))
            }
            YamlValue::Bool(truth) if expected == "a text" => Some(format!("write `\"{truth}\"`, in quotes")),
            YamlValue::Text(_) if expected == "a truth value" => {
                Some("write `true` or `false`; other words are texts".to_owned())
            }
            YamlValue::Text(_) if expected.contains("number") => Some("write digits, without quotes".to_owned()),
            YamlValue::Text(_) if expected == "a list" => Some("put it into brackets, `[...]`".to_owned()),
            _ => None,
        };
        let message = format!("expected {expected}, found {found}");
        self.sink.report(self.node.at, &codes::WRONG_TYPE, message, help)
    }

    pub(super) fn text(self) -> Result<&'n str, DecodeError> {
        match &self.node.value {
            YamlValue::Text(text) => Ok(text),
            _ => Err(self.type_error("a text")),
        }
    }

    fn number<T: std::str::FromStr>(self, expected: &str) -> Result<T, DecodeError> {
        let YamlValue::Number(text) = &self.node.value else { return Err(self.type_error(expected)) };
        let digits = text.strip_prefix('+').unwrap_or(text);
        // A leading zero was an octal number in YAML 1.1 and is a decimal one in 1.2: nobody knows what is meant.
        let unsigned = digits.strip_prefix('-').unwrap_or(digits);
        let octal = unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.as_bytes()[1].is_ascii_digit();
        match digits.parse() {
            Ok(number) if !octal => Ok(number),
            _ => {
                let message = format!("expected {expected}, found `{}`", excerpt(text));
                Err(self.sink.report(self.node.at, &codes::WRONG_TYPE, message, None))
            }
        }
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty, $expected:literal;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            let number: $type = self.number($expected)?;
            self.report_at_node(visitor.$visit(number))
        })*
    };
}

impl<'de, 'n: 'de> Deserializer<'de> for NodeDecoder<'n> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match &self.node.value {
            YamlValue::Null => self.report_at_node(visitor.visit_unit()),
            YamlValue::Bool(truth) => self.report_at_node(visitor.visit_bool(*truth)),
            YamlValue::Text(text) => self.report_at_node(visitor.visit_borrowed_str(text)),
            YamlValue::List(_) | YamlValue::Run(_) => self.deserialize_seq(visitor),
            YamlValue::Map(_) => self.deserialize_map(visitor),
            YamlValue::Number(text) => match text.parse::<i64>() {
                Ok(number) => self.report_at_node(visitor.visit_i64(number)),
                Err(_) => match text.parse::<f64>() {
                    Ok(number) if number.is_finite() => self.report_at_node(visitor.visit_f64(number)),
                    _ => Err(self.type_error("a number that can be kept exactly")),
                },
            },
        }
    }

    numbers! {
        deserialize_i8 visit_i8 i8, "a whole number";
        deserialize_i16 visit_i16 i16, "a whole number";
        deserialize_i32 visit_i32 i32, "a whole number";
        deserialize_i64 visit_i64 i64, "a whole number";
        deserialize_u8 visit_u8 u8, "a whole number from 0";
        deserialize_u16 visit_u16 u16, "a whole number from 0";
        deserialize_u32 visit_u32 u32, "a whole number from 0";
        deserialize_u64 visit_u64 u64, "a whole number from 0";
        deserialize_f32 visit_f32 f32, "a number";
        deserialize_f64 visit_f64 f64, "a number";
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.node.value {
            YamlValue::Bool(truth) => self.report_at_node(visitor.visit_bool(truth)),
            _ => Err(self.type_error("a truth value")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.report_at_node(visitor.visit_borrowed_str(self.text()?))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, _: V) -> Result<V::Value, DecodeError> {
        Err(self.type_error("bytes"))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.node.value {
            YamlValue::Null => self.report_at_node(visitor.visit_none()),
            _ => self.report_at_node(visitor.visit_some(self)),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.node.value {
            YamlValue::Null => self.report_at_node(visitor.visit_unit()),
            _ => Err(self.type_error("nothing")),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        if name == LOCATED_NEWTYPE {
            return self.report_at_node(visitor.visit_seq(LocatedAccess { decoder: self, position: 0 }));
        }
        if name == PEOPLE_NEWTYPE {
            let YamlValue::List(items) = &self.node.value else { return Err(self.type_error("a list")) };
            return self.report_at_node(visitor.visit_seq(PeopleAccess { items: items.iter(), sink: self.sink }));
        }
        self.report_at_node(visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let YamlValue::List(items) = &self.node.value else { return Err(self.type_error("a list")) };
        if let Some(YamlNode { value: YamlValue::Run(run), at }) =
            items.iter().find(|item| matches!(item.value, YamlValue::Run(_)))
        {
            let message = format!("expected something else than {} addresses here", run.count);
            return Err(self.sink.report(*at, &codes::WRONG_TYPE, message, None));
        }
        self.report_at_node(visitor.visit_seq(ListAccess { items: items.iter(), sink: self.sink }))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        let YamlValue::Map(entries) = &self.node.value else { return Err(self.type_error("a map")) };
        self.report_at_node(visitor.visit_map(EntryAccess {
            entries: entries.iter(),
            value: None,
            fields: None,
            sink: self.sink,
        }))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let YamlValue::Map(entries) = &self.node.value else { return Err(self.type_error("a map")) };
        let entries = EntryAccess { entries: entries.iter(), value: None, fields: Some(fields), sink: self.sink };
        self.report_at_node(visitor.visit_map(entries))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let (key, value) = match &self.node.value {
            YamlValue::Map(entries) if entries.len() == 1 => (&entries[0].0, Some(&entries[0].1)),
            YamlValue::Map(entries) => {
                let at = entries.get(1).map_or(self.node.at, |(key, _)| key.at);
                let message = format!("expected exactly one key here, found {}", entries.len());
                let help = format!("write one of {}", quoted_list(variants));
                return Err(self.sink.report(at, &codes::UNKNOWN_VALUE, message, Some(help)));
            }
            // A secret must not be in the finding either.
            YamlValue::Text(_) | YamlValue::Number(_) | YamlValue::Bool(_) if name == "SecretRef" => {
                let help = "write `{ env: NAME }`, `{ file: PATH }` or `{ command: [PROGRAM, ARG] }`, and change the \
                            secret: it is in the history of the files now";
                let message = "a secret must not be written out".to_owned();
                return Err(self.sink.report(self.node.at, &codes::LITERAL_SECRET, message, Some(help.to_owned())));
            }
            YamlValue::Text(_) => (self.node, None),
            _ => return Err(self.type_error("a word")),
        };
        let word = NodeDecoder { node: key, sink: self.sink };
        let text = word.text()?;
        if !variants.contains(&text) {
            return word.report_at_node(Err(de::Error::unknown_variant(text, variants)));
        }
        self.report_at_node(visitor.visit_enum(VariantChoice { variant: word, value }))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! { i128 u128 }
}

fn quoted_list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
