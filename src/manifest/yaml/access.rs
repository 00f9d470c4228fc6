//! Access of serde to lists, maps, enums, locations and lists of people.

use serde::de::value::{BorrowedStrDeserializer, SeqDeserializer, U32Deserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer as _, EnumAccess, IntoDeserializer as _, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::decoder::{DecodeError, FindingSink, NodeDecoder};
use super::node::{ItemRun, YamlNode, YamlValue};
use super::tree::excerpt;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Location, did_you_mean};

/// The items of a list. After an error, the next call returns the next item.
pub(super) struct ListAccess<'n> {
    pub(super) items: std::slice::Iter<'n, YamlNode>,
    pub(super) sink: &'n FindingSink,
}

impl<'de, 'n: 'de> SeqAccess<'de> for ListAccess<'n> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        let Some(node) = self.items.next() else { return Ok(None) };
        let decoder = NodeDecoder { node, sink: self.sink };
        decoder.decode_seed(seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The entries of a map; with `fields`, unknown keys are reported and skipped.
pub(super) struct EntryAccess<'n> {
    pub(super) entries: std::slice::Iter<'n, (YamlNode, YamlNode)>,
    pub(super) value: Option<&'n YamlNode>,
    pub(super) fields: Option<&'static [&'static str]>,
    pub(super) sink: &'n FindingSink,
}

impl<'de, 'n: 'de> MapAccess<'de> for EntryAccess<'n> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        for (key, value) in self.entries.by_ref() {
            let decoder = NodeDecoder { node: key, sink: self.sink };
            let Ok(text) = decoder.text() else { continue };
            if let Some(fields) = self.fields
                && !fields.contains(&text)
            {
                let message = format!("unknown key `{}`", excerpt(text));
                self.sink.report(key.at, &codes::UNKNOWN_KEY, message, did_you_mean(text, fields));
                continue;
            }
            self.value = Some(value);
            return decoder.decode_seed(seed).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        let Some(node) = self.value.take() else { return Err(de::Error::custom("value without a key")) };
        let decoder = NodeDecoder { node, sink: self.sink };
        decoder.decode_seed(seed)
    }
}

/// A variant of an enum: a string, or a key with a value.
pub(super) struct VariantChoice<'n> {
    pub(super) variant: NodeDecoder<'n>,
    pub(super) value: Option<&'n YamlNode>,
}

impl<'de, 'n: 'de> EnumAccess<'de> for VariantChoice<'n> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), DecodeError> {
        seed.deserialize(self.variant).map(|value| (value, self))
    }
}

impl<'n> VariantChoice<'n> {
    fn value(&self) -> Result<NodeDecoder<'n>, DecodeError> {
        match self.value {
            Some(node) => Ok(NodeDecoder { node, sink: self.variant.sink }),
            None => {
                let text = self.variant.text()?;
                let help = Some(format!("write `{{ {text}: ... }}`"));
                let message = format!("`{text}` needs a value");
                Err(self.variant.sink.report(self.variant.node.at, &codes::WRONG_TYPE, message, help))
            }
        }
    }
}

impl<'de, 'n: 'de> VariantAccess<'de> for VariantChoice<'n> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        match self.value {
            None => Ok(()),
            Some(node) => Err(NodeDecoder { node, sink: self.variant.sink }.type_error("null")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError> {
        let decoder = self.value()?;
        decoder.decode_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.value()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.value()?.deserialize_struct("", fields, visitor)
    }
}

/// A value followed by its location: file, line, column and length.
pub(super) struct LocatedAccess<'n> {
    pub(super) decoder: NodeDecoder<'n>,
    pub(super) position: u8,
}

impl<'de, 'n: 'de> SeqAccess<'de> for LocatedAccess<'n> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        let at = self.decoder.node.at;
        let number = match self.position {
            0 => None,
            1 => Some(at.file.0),
            2 => Some(at.line),
            3 => Some(at.column),
            4 => Some(at.length),
            _ => return Ok(None),
        };
        self.position += 1;
        match number {
            None => self.decoder.decode_seed(seed).map(Some),
            Some(number) => seed.deserialize(number.into_deserializer()).map(Some),
        }
    }
}

/// The parts of a list of people: single items as text and location, runs as numbers only.
pub(super) struct PeopleAccess<'n> {
    pub(super) items: std::slice::Iter<'n, YamlNode>,
    pub(super) sink: &'n FindingSink,
}

impl<'de, 'n: 'de> SeqAccess<'de> for PeopleAccess<'n> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        for node in self.items.by_ref() {
            let at = |at: Location| [at.file.0, at.line, at.column, at.length];
            let (text, numbers) = match &node.value {
                YamlValue::Run(ItemRun { start, end, count, at: first }) => {
                    ("", [&at(*first)[..], &[*start, *end, *count]].concat())
                }
                _ => match (NodeDecoder { node, sink: self.sink }).text() {
                    Ok(text) => (text, at(node.at).to_vec()),
                    Err(_) => continue,
                },
            };
            let piece = PeoplePartAccess { text: Some(text), numbers: numbers.into_iter() };
            return seed.deserialize(de::value::SeqAccessDeserializer::new(piece)).map(Some);
        }
        Ok(None)
    }
}

struct PeoplePartAccess<'n> {
    text: Option<&'n str>,
    numbers: std::vec::IntoIter<u32>,
}

impl<'de, 'n: 'de> SeqAccess<'de> for PeoplePartAccess<'n> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        if let Some(text) = self.text.take() {
            return seed.deserialize(BorrowedStrDeserializer::new(text)).map(Some);
        }
        let mut rest = SeqDeserializer::<_, DecodeError>::new(self.numbers.by_ref().take(1).map(number));
        rest.next_element_seed(seed)
    }
}

fn number(number: u32) -> U32Deserializer<DecodeError> {
    number.into_deserializer()
}
