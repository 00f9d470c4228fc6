//! Decodes a tree of nodes to types, and reports every fault.
//!
//! This is a serde data format, so that the types that read a manifest also define its schema. A value that does not fit is
//! reported once at its location. The types of [`super::types`] leave it out and continue, where a plain type would reject
//! the whole document.

use serde::de::{self, DeserializeOwned, Deserializer, Visitor};

use super::access::{EntryAccess, ListAccess, LocatedAccess, PeopleAccess, VariantChoice};
use super::decoder::{DecodeError, FindingSink, NodeDecoder};
use super::node::{YamlNode, YamlValue};
use super::people_list::PEOPLE_NEWTYPE;
use super::types::LOCATED_NEWTYPE;
use crate::diagnostic::catalog::manifest as codes;

/// Decodes the root of a tree.
pub(super) fn decode<T: DeserializeOwned>(root: &YamlNode, sink: &FindingSink) -> Option<T> {
    let decoder = NodeDecoder { node: root, sink };
    // An error that arrives here is already reported.
    T::deserialize(decoder).ok()
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
                    _ => Err(self.type_error("a number that fits into 64 bits")),
                },
            },
        }
    }

    numbers! {
        deserialize_i64 visit_i64 i64, "a whole number";
        deserialize_u16 visit_u16 u16, "a whole number from 0";
        deserialize_u32 visit_u32 u32, "a whole number from 0";
        deserialize_u64 visit_u64 u64, "a whole number from 0";
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.node.value {
            YamlValue::Bool(truth) => self.report_at_node(visitor.visit_bool(truth)),
            _ => Err(self.type_error("a Boolean")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.report_at_node(visitor.visit_borrowed_str(self.text()?))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.node.value {
            YamlValue::Null => self.report_at_node(visitor.visit_none()),
            _ => self.report_at_node(visitor.visit_some(self)),
        }
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
            let message = format!("unexpected list of {} addresses", run.count);
            return Err(self.sink.report(*at, &codes::WRONG_TYPE, message, None));
        }
        self.report_at_node(visitor.visit_seq(ListAccess { items: items.iter(), sink: self.sink }))
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
                let message = format!("expected exactly one key, found {}", entries.len());
                let help = format!("use one of `{}`", variants.join("`, `"));
                return Err(self.sink.report(at, &codes::UNKNOWN_VALUE, message, Some(help)));
            }
            // The finding must not contain the secret.
            YamlValue::Text(_) | YamlValue::Number(_) | YamlValue::Bool(_) if name == "SecretRef" => {
                let help = "write `{ env: NAME }`, `{ file: PATH }` or `{ command: [PROGRAM, ARG] }`, and rotate the \
                            secret, which is now in the history of the files";
                let message = "literal secret".to_owned();
                return Err(self.sink.report(self.node.at, &codes::LITERAL_SECRET, message, Some(help.to_owned())));
            }
            YamlValue::Text(_) => (self.node, None),
            _ => return Err(self.type_error("a string")),
        };
        let variant = NodeDecoder { node: key, sink: self.sink };
        let text = variant.text()?;
        if !variants.contains(&text) {
            return variant.report_at_node(Err(de::Error::unknown_variant(text, variants)));
        }
        self.report_at_node(visitor.visit_enum(VariantChoice { variant, value }))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}
